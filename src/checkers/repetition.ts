import type { HistoryEvent } from '../history/events.js';
import { givenOf, wasGiven } from '../history/given.js';
import type { DeliveryView, HistoryView, UpdateView } from '../history/view.js';
import type { Attribution, Attributions } from './attribution.js';
import type { Cause } from './causes.js';
import { bothEnds } from './finding.js';
import {
  acknowledgementWasLost,
  conflictWithin,
  restartsWithin,
  slowestCommandBegunWithin,
  wasTooLate,
} from './process-trouble.js';
import { isKnownToBot } from './replies.js';
import { type Strength, weakest } from './strength.js';

/** Why something happened twice, and what proves it. */
export interface Explanation {
  readonly cause: Cause;
  readonly strength: Strength;
  readonly evidence: readonly (HistoryEvent | undefined)[];
}

/** Explains why one intention of a user, which became these updates, led to the same call twice. */
export function explainRepetition(
  view: HistoryView,
  attributions: Attributions,
  intended: readonly UpdateView[],
  first: Attribution,
  second: Attribution,
): Explanation {
  const strength = weakest(strengthWithin(first, intended), strengthWithin(second, intended));
  const calls = [...bothEnds(first.call), ...bothEnds(second.call)];
  const evidence = [first.update.action, second.update.action, ...calls];

  if (first.update !== second.update) {
    return {
      cause: 'double-tap',
      strength,
      evidence: [...evidence, first.delivery.started, second.delivery.started],
    };
  }
  // Which attempt made which of two equal calls matters little: they were made for one update.
  if (first.delivery !== second.delivery) {
    const [earlier, later] =
      first.delivery.started.at <= second.delivery.started.at
        ? [first.delivery, second.delivery]
        : [second.delivery, first.delivery];
    const redelivery = explainRedelivery(view, attributions, earlier, later);
    return { cause: redelivery.cause, strength, evidence: [...evidence, ...redelivery.evidence] };
  }
  const overall = weakest(strength, first.deliveryStrength, second.deliveryStrength);
  if (!isKnownToBot(first.call)) {
    const hits = view.hitsByTarget.get(first.call.started.call) ?? [];
    return {
      cause: 'repeated-call',
      strength: overall,
      evidence: [...evidence, first.delivery.started, ...hits],
    };
  }
  const [earlier, later] = givenOf(first.update)
    .filter(({ started }) => started.at <= second.call.started.at)
    .slice(-2);
  if (earlier !== undefined && later !== undefined) {
    // Two attempts and two equal calls: likelier than a handler that sends twice in one of them.
    const redelivery = explainRedelivery(view, attributions, earlier, later);
    // Both calls came after the error: the handling that a framework had given up on made one of them.
    const wentOn =
      redelivery.cause === 'redelivery-after-error' &&
      (earlier.ended?.at ?? Number.POSITIVE_INFINITY) < first.call.started.at;
    return {
      cause: wentOn ? 'redelivery-while-running' : redelivery.cause,
      strength: overall,
      evidence: [...evidence, ...redelivery.evidence],
    };
  }
  return {
    cause: 'handler-sends-twice',
    strength: overall,
    evidence: [...evidence, ...bothEnds(first.delivery)],
  };
}

/** Which of two taps brought a reply does not matter when they were meant as one. */
const strengthWithin = ({ updateStrength, others }: Attribution, updates: readonly UpdateView[]): Strength =>
  updateStrength === 'overlap' && others.every((other) => updates.includes(other))
    ? 'exclusive'
    : updateStrength;

/** Explains why an update was handed to the bot a second time. */
export function explainRedelivery(
  view: HistoryView,
  attributions: Attributions,
  earlier: DeliveryView,
  later: DeliveryView,
): Omit<Explanation, 'strength'> {
  if (later.started.fault !== undefined) {
    return { cause: 'delivered-twice', evidence: [earlier.started, earlier.ended, later.started] };
  }
  const before = lastByTelegram(view, earlier, later);
  const { started, ended } = before;
  const both = [started, ended, later.started];
  const isPolling = started.via === 'polling' && later.started.via === 'polling';
  const conflict = isPolling ? conflictWithin(view, started.at, later.started.at) : undefined;
  if (started.via !== later.started.via || conflict !== undefined) {
    return { cause: 'two-consumers', evidence: [...both, ...bothEnds(conflict)] };
  }
  if (acknowledgementWasLost(view, before)) return { cause: 'lost-acknowledgement', evidence: both };
  // Telegram had given up on it already: that the process ended afterwards is not why it came again.
  const restarts = wasTooLate(view, before) ? [] : restartsWithin(view, started.at, later.started.at);
  if (restarts.length > 0) return { cause: 'restart', evidence: [...both, ...restarts] };

  const wentOn = callAfterEnd(view, attributions, before);
  const isOverlapping = ended === undefined || ended.at > later.started.at;
  const timedOut = ended?.outcome === 'unknown' && wasTooLate(view, before);
  if (isOverlapping || timedOut || wentOn !== undefined) {
    const slow = slowestCommandBegunWithin(view, started.at, ended?.at ?? later.started.at);
    return { cause: 'redelivery-while-running', evidence: [...both, ...bothEnds(slow)] };
  }
  return {
    cause: ended.outcome === 'refused' ? 'redelivery-after-error' : 'lost-acknowledgement',
    evidence: both,
  };
}

/** Why an update was at work at some time, when that was so only because it had been delivered again. */
export function explainSecondHandlingAt(
  view: HistoryView,
  attributions: Attributions,
  update: UpdateView,
  at: number,
): Omit<Explanation, 'strength'> | undefined {
  const given = givenOf(update).filter(({ started }) => started.at <= at);
  const [earlier, later] = given.slice(-2);
  if (earlier === undefined || later === undefined) return undefined;
  const wasAtWork = given
    .slice(0, -1)
    .some(
      (each) =>
        (each.ended?.at ?? Number.POSITIVE_INFINITY) >= at ||
        attributions.to(update).some(({ delivery, call }) => delivery === each && call.effectAt >= at),
    );
  return wasAtWork ? undefined : explainRedelivery(view, attributions, earlier, later);
}

/** What Telegram knew when it delivered an update again: nothing of deliveries that a fault had added. */
function lastByTelegram(view: HistoryView, earlier: DeliveryView, later: DeliveryView): DeliveryView {
  if (earlier.started.fault === undefined) return earlier;
  const own = (updateOf(view, later)?.deliveries ?? []).filter(
    (delivery) =>
      delivery.started.fault === undefined && delivery.started.at < later.started.at && wasGiven(delivery),
  );
  return own.at(-1) ?? earlier;
}

const updateOf = (view: HistoryView, { started }: DeliveryView): UpdateView | undefined =>
  view.updateOf(started.bot, started.updateId);

/** A call that the handling of a delivery made after the delivery was over. */
function callAfterEnd(
  view: HistoryView,
  attributions: Attributions,
  delivery: DeliveryView,
): Attribution | undefined {
  const { ended } = delivery;
  if (ended === undefined) return undefined;
  const update = updateOf(view, delivery);
  return (update === undefined ? [] : attributions.to(update)).find(
    ({ delivery: cause, call }) => cause === delivery && call.started.at > ended.at,
  );
}
