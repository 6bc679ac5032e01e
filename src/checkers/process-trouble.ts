import type { EventOf } from '../history/events.js';
import type { CallView, CommandView, DeliveryView, HistoryView, RequestView } from '../history/view.js';
import { CommandTimes } from './command-times.js';

/** Things that happened to the bot as a whole: restarts, slow or failed commands, conflicts. */

/** A command that took this long counts as slow. */
export const SLOW_MS = 500;

export type Restart = EventOf<'bot.exited'> | EventOf<'bot.started'>;

/** Ends and later starts of bot processes within a time (ms, both included). The first start of each instance is none. */
export function restartsWithin(view: HistoryView, from: number, to: number): Restart[] {
  const known = new Set<number>();
  const restarts: Restart[] = [];
  for (const event of view.processes) {
    if (event.type === 'bot.ready') continue;
    const isFirstStart = event.type === 'bot.started' && !known.has(event.instance);
    known.add(event.instance);
    if (!isFirstStart && event.at >= from && event.at <= to) restarts.push(event);
  }
  return restarts;
}

/** A connection ends with the process, and the two are told in either order; ms. */
export const AT_ONCE_MS = 100;

/** Requests to the bot's own server that were under way when a process ended that nobody had asked to. */
export function requestsCutBy(view: HistoryView, exit: EventOf<'bot.exited'>): RequestView[] {
  if (exit.expected) return [];
  return view.requests.filter(
    ({ started, ended }) =>
      started.at <= exit.at &&
      (ended === undefined || (ended.outcome === 'unknown' && ended.at >= exit.at - AT_ONCE_MS)),
  );
}

/** Had the harness ended an instance that was not ready again at some time between two (ms)? */
export function wasAwayOnPurpose(view: HistoryView, from: number, to: number): boolean {
  return view.processes.some(
    (exit, index) =>
      exit.type === 'bot.exited' &&
      exit.expected &&
      exit.at <= to &&
      (view.processes
        .slice(index)
        .find((event) => event.type === 'bot.ready' && event.instance === exit.instance)?.at ??
        Number.POSITIVE_INFINITY) >= from,
  );
}

/** Number of bot processes that were running at a time. */
export function instancesAt(view: HistoryView, at: number): number {
  const running = new Set<number>();
  for (const event of view.processes) {
    if (event.at > at) break;
    if (event.type === 'bot.started') running.add(event.pid);
    if (event.type === 'bot.exited') running.delete(event.pid);
  }
  return running.size;
}

/**
 * Was a delivery handled by another instance than the one before it? Undefined: nobody knows (polling, or one instance).
 */
export function isElsewhere(before: DeliveryView | undefined, delivery: DeliveryView): boolean | undefined {
  const [one, other] = [before?.started.instance, delivery.started.instance];
  return one === undefined || other === undefined ? undefined : one !== other;
}

/** Strikes that let the bot stand still as soon as it had acknowledged one of these deliveries, until a time. */
export function freezesAfter(
  view: HistoryView,
  deliveries: readonly DeliveryView[],
  to: number,
): readonly EventOf<'fault.hit'>[] {
  return deliveries.flatMap(({ started }) =>
    (view.hitsByTarget.get(started.delivery) ?? []).filter(
      ({ at, effect, on }) => on === 'bot' && effect === 'freeze' && at <= to,
    ),
  );
}

/** As `slowestCommandWithin`, of the commands that began within the time: what began before it belongs to other work. */
export const slowestCommandBegunWithin = (
  view: HistoryView,
  from: number,
  to: number,
): CommandView | undefined => slowestCommandWithin(view, from, to, from);

/** The command that kept the bot waiting longest within a time: delayed on purpose, or simply slow. */
export function slowestCommandWithin(
  view: HistoryView,
  from: number,
  to: number,
  begunFrom = Number.NEGATIVE_INFINITY,
  isOfConcern: (command: CommandView) => boolean = () => true,
): CommandView | undefined {
  return troublesOf(view).slow.longest(from, to, begunFrom, isOfConcern);
}

/** The first command within a time that failed or whose answer never came. */
export function failedCommandWithin(
  view: HistoryView,
  from: number,
  to: number,
  isOfConcern: (command: CommandView) => boolean = () => true,
): CommandView | undefined {
  return troublesOf(view).failed.first(from, to, isOfConcern);
}

/** Each finding asks for the commands of its time, so those that may be an answer are gone through once. */
const memory = new WeakMap<HistoryView, { readonly slow: CommandTimes; readonly failed: CommandTimes }>();

function troublesOf(view: HistoryView) {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const slow = new CommandTimes(view, (_, waitedMs) => waitedMs >= SLOW_MS);
  const failed = new CommandTimes(view, ({ ended }) => ended !== undefined && ended.outcome !== 'ok');
  const troubles = { slow, failed };
  memory.set(view, troubles);
  return troubles;
}

/** What a command that failed, or whose answer never came, did to the state. */
export const causeOfFailure = ({ ended }: CommandView): 'write-acknowledgement-lost' | 'state-write-lost' =>
  ended?.appliedUpstream === true && WRITES.has(ended.name)
    ? 'write-acknowledgement-lost'
    : 'state-write-lost';

/** Why every delivery of an update was refused. */
export const causeOfRefusal = (refused: readonly DeliveryView[]): 'webhook-rate-limited' | 'handler-error' =>
  refused.every(({ ended }) => ended?.status === 429 || ended?.status === 503)
    ? 'webhook-rate-limited'
    : 'handler-error';

const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify', 'bulkWrite', 'commitTransaction']);

/** A consumer that was refused tries again within some seconds, so this long before a time it was still there. */
const CONFLICT_LASTS_MS = 5_000;

/**
 * The last getUpdates within a time, or shortly before it, that was refused because another consumer is there. One
 * that nobody heard of was left behind by a consumer that is gone: a bot that stops or starts anew is not two.
 */
export function conflictWithin(view: HistoryView, from: number, to: number): CallView | undefined {
  return conflictsOf(view).findLast(
    ({ ended }) => ended !== undefined && ended.at >= from - CONFLICT_LASTS_MS && ended.at <= to,
  );
}

const conflicts = new WeakMap<HistoryView, readonly CallView[]>();

/** Looked for once: each finding about a bot that polls may ask. */
function conflictsOf(view: HistoryView): readonly CallView[] {
  const known = conflicts.get(view);
  if (known !== undefined) return known;
  const found = view.calls.filter(
    ({ started, ended }) => started.method === 'getUpdates' && ended?.errorCode === 409 && ended.answered,
  );
  conflicts.set(view, found);
  return found;
}

/** Was an acknowledgement thrown away on purpose? One that came too late was not there to be thrown away. */
export const acknowledgementWasLost = (view: HistoryView, delivery: DeliveryView): boolean =>
  wasHitBy(view, delivery, 'lose-acknowledgement') && !TIMEOUT.test(delivery.ended?.error ?? '');

/** Did Telegram, or what stands for it, give up waiting for this delivery's answer? */
export const wasTooLate = (view: HistoryView, delivery: DeliveryView): boolean =>
  TIMEOUT.test(delivery.ended?.error ?? '') ||
  (wasHitBy(view, delivery, 'timeout') && !wasHitBy(view, delivery, 'lose-acknowledgement'));

const TIMEOUT = /time[d ]*out/i;

const wasHitBy = (view: HistoryView, { started }: DeliveryView, effect: string): boolean =>
  (view.hitsByTarget.get(started.delivery) ?? []).some((hit) => hit.effect === effect);
