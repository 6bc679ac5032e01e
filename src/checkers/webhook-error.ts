import { firstNotBelow } from '../base/sorted.js';
import { printable } from '../base/untrusted.js';
import type { DeliveryView, HistoryView } from '../history/view.js';
import type { Cause } from './causes.js';
import { oddUpdates } from './extras.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';

/** A delay that was added on purpose explains an error only when the bot was kept this long. */
const LONG_MS = 1_000;
/** Around a start or an end of the bot, what stands before it may answer for it. */
const CHANGE_MS = 2_000;
/** From this share of all answers on, the bot refuses everything. */
const ALL = 0.9;
const FEWEST_FOR_ALL = 3;
/** Deliveries of each group that are shown. */
const SHOWN = 3;

/**
 * The bot answered deliveries with an error by itself. An error that something broken on purpose led to asks
 * Telegram to deliver again, which is right when nothing is shown twice; the other checkers see to that.
 */
export const webhookError: Checker = {
  kinds: ['webhook-error'],
  explain: 'The bot answered deliveries with an error although nothing had been broken on purpose.',
  check(view) {
    // There may be as many breakages as commands, and few bots that make anybody ask.
    let brokenAt: ReturnType<typeof breakages> | undefined;
    const odd = oddUpdates(view);
    const groups = new Map<string, DeliveryView[]>();
    for (const delivery of view.deliveries) {
      const { started, ended } = delivery;
      if (started.via !== 'webhook' || ended?.outcome !== 'refused' || ended.fault !== undefined) continue;
      if (started.fault !== undefined || ended.status === undefined) continue;
      brokenAt ??= breakages(view);
      if (brokenAt(started.at, ended.at) || isChanging(view, ended.at)) continue;
      const isOdd = odd.has(`${started.bot}/${started.updateId}`);
      const key = `${ended.status}${isOdd ? ' odd' : ''}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [delivery]);
      else group.push(delivery);
    }
    return numbered([...groups].map(([key, group]) => draftOf(view, group, key.endsWith(' odd'))));
  },
};

function draftOf(view: HistoryView, group: readonly DeliveryView[], isOdd: boolean): Draft {
  const status = group[0]?.ended?.status ?? 0;
  const answers = view.deliveries.filter(
    ({ started, ended }) =>
      started.via === 'webhook' && (ended?.outcome === 'acknowledged' || ended?.outcome === 'refused'),
  ).length;
  const error = group[0]?.ended?.error;
  const times = group.length === 1 ? 'One delivery' : `${group.length} of ${answers} deliveries`;
  const why = error === undefined ? '' : ` (${printable(error, 100)})`;
  return {
    kind: 'webhook-error',
    cause: isOdd ? 'update-not-understood' : causeOf(status, group.length, answers),
    strength: 'exact',
    message: `${times} ${group.length === 1 ? 'was' : 'were'} answered with ${status}${why}${isOdd ? ': the bot had not expected such an update' : ''}.`,
    evidence: group.slice(0, SHOWN).flatMap(bothEnds),
  };
}

function causeOf(status: number, count: number, answers: number): Cause {
  if (status === 429 || status === 503) return 'webhook-rate-limited';
  const isAll = answers >= FEWEST_FOR_ALL && count / answers >= ALL;
  if (isAll && (status === 401 || status === 403 || status === 404 || status === 405))
    return 'webhook-misconfigured';
  return 'handler-threw';
}

/** Was something broken on purpose between two times? Delays count when the bot was kept long by them. */
export function breakages(view: HistoryView): (from: number, to: number) => boolean {
  const times: number[] = [];
  const delays: number[] = [];
  for (const hits of view.hitsByFault.values()) {
    for (const { at, on, effect } of hits) {
      // Nothing breaks when somebody taps twice, or when another instance gets a delivery.
      if (on === 'update' || effect === 'route') continue;
      (effect === 'delay' ? delays : times).push(at);
    }
  }
  times.sort((a, b) => a - b);
  delays.sort((a, b) => a - b);
  return (from, to) => isBetween(times, from, to) || (to - from >= LONG_MS && isBetween(delays, from, to));
}

const isBetween = (sorted: readonly number[], from: number, to: number): boolean =>
  (sorted[firstNotBelow(sorted, from)] ?? Number.POSITIVE_INFINITY) <= to;

const isChanging = (view: HistoryView, at: number): boolean => {
  const firstReady = view.processes.find((event) => event.type === 'bot.ready');
  return view.processes.some(
    (event) =>
      event !== firstReady && event.at > (firstReady?.at ?? 0) && Math.abs(event.at - at) <= CHANGE_MS,
  );
};
