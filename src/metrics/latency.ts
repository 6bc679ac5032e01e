import type { Content } from '../history/content.js';
import { wasGiven } from '../history/given.js';
import { matchContent } from '../history/match.js';
import type { CallView, HistoryView, UpdateView } from '../history/view.js';
import { type Distribution, distributionOf } from './histogram.js';

/** Five distributions that must not be mixed. All in milliseconds. */
export interface Latencies {
  /** How late the harness itself was: an action's time minus its intended time. */
  readonly lag: Distribution;
  /** How long the update waited in Telegram's queue before its first delivery. */
  readonly queueWait: Distribution;
  /** From the start of a delivery to its acknowledgement. Missing: deliveries that ended without one. */
  readonly ack: Distribution;
  /**
   * From the intended time of a step's first send to the first reply that it expects (to the first reply,
   * for a step that expects none and got one). Missing: steps that expected one and never got it.
   */
  readonly reply: Distribution;
  /** From the intended time of a step's first send to the last effect attributed to the step. Missing: as for `reply`. */
  readonly settle: Distribution;
}

/** Who caused a call; the attributions of the checkers fit. */
export interface Effects {
  to(update: UpdateView): readonly { readonly call: CallView }[];
}

/** Measures a run. */
export function latenciesOf(view: HistoryView, effects: Effects): Latencies {
  const lags: number[] = [];
  const replies: number[] = [];
  const settles: number[] = [];
  let unanswered = 0;
  let unsettled = 0;
  for (const step of view.steps) {
    for (const action of step.actions) lags.push(action.at - action.intendedAt);
    const first = step.actions.find((action) => action.send === 1) ?? step.actions[0];
    if (first === undefined) continue;
    const seen = seenEffects(step.updates, effects);
    const firstReply = seen.find((effect) => isAnswer(effect.contents, step.expects));
    const lastEffect = seen.at(-1);
    if (firstReply !== undefined) replies.push(firstReply.at - first.intendedAt);
    if (lastEffect !== undefined) settles.push(lastEffect.at - first.intendedAt);
    if (step.expects.length === 0 || step.ended?.outcome === 'cut') continue;
    if (firstReply === undefined) unanswered += 1;
    if (lastEffect === undefined) unsettled += 1;
  }

  const acknowledgements: number[] = [];
  let unacknowledged = 0;
  for (const { started, ended } of view.deliveries) {
    if (started.via === 'polling' || ended === undefined || ended.outcome === 'abandoned') continue;
    if (ended.outcome === 'acknowledged') acknowledgements.push(ended.at - started.at);
    else unacknowledged += 1;
  }
  const waits: number[] = [];
  let neverDelivered = 0;
  for (const { queued, deliveries, dropped } of view.updates) {
    const delivery = deliveries.find(wasGiven);
    if (queued === undefined) continue;
    if (delivery !== undefined) waits.push(delivery.started.at - queued.at);
    else if (dropped !== undefined) neverDelivered += 1;
  }
  return {
    lag: distributionOf(lags),
    queueWait: distributionOf(waits, neverDelivered),
    ack: distributionOf(acknowledgements, unacknowledged),
    reply: distributionOf(replies, unanswered),
    settle: distributionOf(settles, unsettled),
  };
}

export interface SeenEffect {
  readonly at: number;
  readonly contents: readonly Content[];
}

/** What the user saw happen because of some updates, in order of time. */
export function seenEffects(updates: readonly UpdateView[], effects: Effects): SeenEffect[] {
  const seen: SeenEffect[] = [];
  for (const update of updates) {
    for (const { call } of effects.to(update)) {
      const { ended } = call;
      if (ended?.applied !== true || INVISIBLE.test(call.started.method)) continue;
      seen.push({ at: call.effectAt, contents: ended.contents ?? [] });
    }
  }
  return seen.sort((a, b) => a.at - b.at);
}

/** A typing indicator is no effect that anybody waits for. */
const INVISIBLE = /^(?:sendChatAction|get)/;

/** Is it what a step expects? Anything visible is, when it expects nothing. */
export const isAnswer = (contents: readonly Content[], expects: readonly Content[]): boolean =>
  expects.length === 0
    ? contents.length > 0
    : contents.some((content) => expects.some((expected) => matchContent(expected, content) !== 'no'));
