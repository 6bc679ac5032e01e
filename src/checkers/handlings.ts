import { firstWhereNot } from '../base/sorted.js';
import { givenOf } from '../history/given.js';
import type { CallView, DeliveryView, HistoryView, UpdateView } from '../history/view.js';
import { acknowledgementWasLost } from './process-trouble.js';

/**
 * When can the handling of a delivery still be at work? It surely is while the delivery is in flight.
 * It may go on after the acknowledgement, and after a timeout too, so a bounded time follows:
 */

/** From the end of the delivery to its first call, at most this long without any sign of life. */
export const FIRST_CALL_MS = 60_000;
/** From one call to the next one. What comes later is a reminder or a broadcast and has no update as its cause. */
export const BETWEEN_CALLS_MS = 5_000;
/** A command that took this long explains a wait; such time does not count against the two limits. */
export const SLOW_COMMAND_MS = 250;
/** A framework gives up on a handler after some time and answers for it (grammY: 10 s); faster answers are the handler's own. */
const OWN_ANSWER_MS = 5_000;
/** Share of the calls made while a delivery of their chat was in flight, from which on the bot counts as one that acknowledges last. */
const ACKNOWLEDGES_LAST_SHARE = 0.8;

/** The work that one delivery set off. */
export interface Handling {
  readonly update: UpdateView;
  readonly delivery: DeliveryView;
  /** What is asked of the delivery for each call of its chat: its start and end (ms; Infinity: it never ended), and whether the bot can have got it. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly isDelivered: boolean;
  /** Calls attributed to it so far, by start. */
  readonly calls: CallView[];
  /** Replies among them, not counting changes of messages that the handling itself had sent. */
  replies: number;
  /** Some of its calls are only guessed to be its own. */
  isGuessed: boolean;
}

/** What is known of the whole run that says who can be at work. */
export interface Workings {
  /** May this handling be at work at `at`? */
  isAlive(handling: Handling, at: number): boolean;
  /** The same of one that has called, and has yet to answer: that may take as long as a first call. */
  mayFinish(handling: Handling, at: number): boolean;
  /**
   * May a bot that stores its updates have taken this one up again, after a restart that ended its
   * handling? Few bots do, so nothing else should explain the call.
   */
  mayBeResumed(handling: Handling, at: number): boolean;
  /** Did the bot ever start again, so that something may have been taken up? */
  readonly hasRestarted: boolean;
  /** Has the bot itself said that this handling is over? It may be at work nevertheless, but nobody would bet on it. */
  hasReturned(handling: Handling, at: number): boolean;
  /** Does this bot acknowledge when its handler is done? */
  readonly acknowledgesLast: boolean;
  /** Milliseconds between two times that no slow command explains. */
  idleMs(from: number, to: number): number;
}

export function workingsOf(view: HistoryView): Workings {
  const idleMs = idleTime(view);
  const restarts = restartsOf(view);
  const acknowledgesLast = acknowledgesLastIn(view);

  /** The last restart that this handling did not outlive, or before which nobody was there to begin it. */
  const restartSince = ({ startedAt }: Handling, at: number): Restart | undefined =>
    restarts.findLast((restart) => startedAt < restart.upAt && restart.upAt <= at);

  const isWithin = (limitMs: number, handling: Handling, at: number): boolean => {
    if (handling.startedAt > at || !handling.isDelivered) return false;
    if (restartSince(handling, at) !== undefined) return false;
    if (handling.endedAt >= at) return true;
    const last = handling.calls.at(-1);
    const lastSignAt = Math.max(handling.endedAt, last?.ended?.at ?? last?.started.at ?? 0);
    return at - lastSignAt <= limitMs || idleMs(lastSignAt, at) <= limitMs;
  };

  return {
    acknowledgesLast,
    hasRestarted: restarts.length > 0,
    idleMs,
    isAlive: (handling, at) =>
      isWithin(handling.calls.length === 0 ? FIRST_CALL_MS : BETWEEN_CALLS_MS, handling, at),
    mayFinish: (handling, at) => isWithin(FIRST_CALL_MS, handling, at),
    mayBeResumed(handling, at) {
      if (!handling.isDelivered) return false;
      const restart = restartSince(handling, at);
      if (restart === undefined || handling.startedAt > restart.downAt) return false;
      return idleMs(restart.upAt, at) <= FIRST_CALL_MS;
    },
    hasReturned(handling, at) {
      const { startedAt, endedAt, delivery, calls, replies } = handling;
      // Calls are in order, so the last one tells whether any came after the end.
      if (endedAt >= at || (calls.at(-1)?.started.at ?? 0) > endedAt) return false;
      const outcome = delivery.ended?.outcome;
      const answered =
        outcome === 'acknowledged' || outcome === 'refused' || acknowledgementWasLost(view, delivery);
      if (!answered) return false;
      // A bot that acknowledges as soon as it has an update may have stopped the spinner of a tap by then, and no more.
      return acknowledgesLast ? calls.length > 0 || endedAt - startedAt < OWN_ANSWER_MS : replies > 0;
    },
  };
}

/** Time during which no slow command was under way, as a function of two times. */
function idleTime(view: HistoryView): (from: number, to: number) => number {
  const starts: number[] = [];
  const ends: number[] = [];
  /** Slow time before the interval with the same index. */
  const before: number[] = [];
  let total = 0;
  for (const { started, ended } of view.commands) {
    if (ended !== undefined && Math.max(ended.ms, ended.at - started.at) < SLOW_COMMAND_MS) continue;
    const endAt = ended?.at ?? view.endAt;
    const last = ends.length - 1;
    const lastEnd = ends[last];
    if (lastEnd !== undefined && started.at <= lastEnd) {
      total += Math.max(0, endAt - lastEnd);
      ends[last] = Math.max(endAt, lastEnd);
      continue;
    }
    starts.push(started.at);
    ends.push(endAt);
    before.push(total);
    total += endAt - started.at;
  }
  const slowUntil = (at: number): number => {
    const index = firstWhereNot(starts.length, (place) => (starts[place] ?? 0) <= at) - 1;
    const start = starts[index];
    if (start === undefined) return 0;
    return (before[index] ?? 0) + Math.min(at, ends[index] ?? at) - start;
  };
  return (from, to) => (to <= from ? 0 : to - from - (slowUntil(to) - slowUntil(from)));
}

export interface Restart {
  readonly downAt: number;
  readonly upAt: number;
}

/** Times at which no process of the bot was left: whatever was at work before ended there. */
export function restartsOf(view: HistoryView): Restart[] {
  const running = new Set<number>();
  const restarts: Restart[] = [];
  let downAt: number | undefined;
  for (const event of view.processes) {
    if (event.type === 'bot.exited') {
      if (running.delete(event.pid) && running.size === 0) downAt = event.at;
    } else if (event.type === 'bot.started') {
      if (downAt !== undefined) restarts.push({ downAt, upAt: event.at });
      downAt = undefined;
      running.add(event.pid);
    }
  }
  return restarts;
}

/** Does this bot acknowledge when its handler is done, or as soon as the update is there? */
function acknowledgesLastIn(view: HistoryView): boolean {
  let during = 0;
  let after = 0;
  for (const chat of view.chats.values()) {
    const deliveries = chat.updates.flatMap(givenOf).sort((a, b) => a.started.at - b.started.at);
    let next = 0;
    for (const call of chat.calls) {
      while ((deliveries[next]?.started.at ?? Number.POSITIVE_INFINITY) <= call.started.at) next += 1;
      const latest = deliveries[next - 1];
      if (latest === undefined) continue;
      if (latest.ended === undefined || latest.ended.at >= call.started.at) during += 1;
      else after += 1;
    }
  }
  return during + after > 0 && during / (during + after) >= ACKNOWLEDGES_LAST_SHARE;
}
