import { DRIVER_TALK } from '../history/driver-talk.js';
import type { HistoryView } from '../history/view.js';
import { type Distribution, distributionOf } from './histogram.js';
import { type WriteFates, writeFatesOf } from './write-fates.js';

/** How often things happened in a run. */
export interface Counts {
  readonly users: number;
  readonly steps: number;
  readonly actions: number;
  readonly resends: number;
  readonly updates: number;
  readonly droppedUpdates: number;
  /** Updates that were handed to the bot at least once. */
  readonly deliveries: number;
  /** Times that any update was handed to the bot. */
  readonly attempts: number;
  /** Attempts beyond the first one of each update. */
  readonly redeliveries: number;
  readonly calls: number;
  readonly callsByMethod: Readonly<Record<string, number>>;
  /** Calls that the bot was told had failed. */
  readonly apiErrors: number;
  readonly apiErrorsByCode: Readonly<Record<string, number>>;
  readonly faultHits: Readonly<Record<string, number>>;
  /** Starts of bot processes beyond the first one of each instance. */
  readonly botRestarts: number;
}

/** The bot and its database. */
export interface MongoCounts extends WriteFates {
  readonly commands: number;
  /** Commands divided by steps played; null without steps. Heartbeats and handshakes are not counted. */
  readonly commandsPerStep: number | null;
  readonly errors: number;
  /** Commands whose connection ended before the answer. */
  readonly unknown: number;
  readonly addedMs: number;
  readonly byName: Readonly<Record<string, CommandCounts>>;
}

export interface CommandCounts {
  readonly n: number;
  readonly ms: Distribution;
  /** Milliseconds that were added on purpose, in all. */
  readonly addedMs: number;
}

export function countsOf(view: HistoryView): Counts {
  const actions = view.steps.flatMap((step) => step.actions);
  const delivered = view.updates.filter(({ deliveries }) => deliveries.length > 0);
  const failed = view.calls.filter(({ ended }) => ended !== undefined && !ended.ok);
  const instances = new Set<number>();
  let botRestarts = 0;
  for (const event of view.processes) {
    if (event.type !== 'bot.started') continue;
    if (instances.has(event.instance)) botRestarts += 1;
    instances.add(event.instance);
  }
  return {
    users: view.users.size,
    steps: view.steps.filter((step) => step.actions.length > 0).length,
    actions: actions.length,
    resends: actions.filter((action) => action.reason === 'resend').length,
    updates: view.updates.length,
    droppedUpdates: view.updates.filter(({ dropped }) => dropped !== undefined).length,
    deliveries: delivered.length,
    attempts: view.deliveries.length,
    redeliveries: view.deliveries.length - delivered.length,
    calls: view.calls.length,
    callsByMethod: tally(view.calls.map(({ started }) => started.method)),
    apiErrors: failed.length,
    apiErrorsByCode: tally(failed.map(({ ended }) => String(ended?.errorCode ?? 'none'))),
    faultHits: byName(view.hitCounts),
    botRestarts,
  };
}

export function mongoCountsOf(view: HistoryView): MongoCounts {
  const steps = view.steps.filter((step) => step.actions.length > 0).length;
  const kinds = new Map<string, { n: number; lost: number; addedMs: number; came: number[] }>();
  let [commands, errors, unknown, addedMs] = [0, 0, 0, 0];
  for (const { started, ended } of view.commands) {
    const { name } = started;
    if (DRIVER_TALK.has(name)) continue;
    const kind = kinds.get(name) ?? { n: 0, lost: 0, addedMs: 0, came: [] };
    kinds.set(name, kind);
    commands += 1;
    kind.n += 1;
    if (ended === undefined) continue;
    addedMs += ended.addedMs;
    kind.addedMs += ended.addedMs;
    if (ended.outcome === 'error') errors += 1;
    if (ended.outcome !== 'unknown') kind.came.push(ended.ms);
    else {
      unknown += 1;
      kind.lost += 1;
    }
  }
  const names = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  const counted = names.map(([name, { n, lost, addedMs, came }]): [string, CommandCounts] => [
    name,
    { n, ms: distributionOf(came, lost), addedMs },
  ]);
  return {
    commands,
    commandsPerStep: steps === 0 ? null : commands / steps,
    errors,
    unknown,
    addedMs,
    ...writeFatesOf(view),
    byName: Object.fromEntries(counted),
  };
}

/** How often each value occurs, by name. */
function tally(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return byName(counts);
}

const byName = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
