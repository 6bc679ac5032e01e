import type { HistoryEvent } from '../history/events.js';
import type { DeliveryView, HistoryView } from '../history/view.js';
import type { Attribution, Attributions } from './attribution.js';
import type { Cause } from './causes.js';
import { bothEnds } from './finding.js';
import {
  acknowledgementWasLost,
  conflictUntil,
  restartsWithin,
  slowestCommandWithin,
} from './process-trouble.js';
import { isKnownToBot } from './replies.js';
import { type Strength, weakest } from './strength.js';

/** Why something happened twice, and what proves it. */
export interface Explanation {
  readonly cause: Cause;
  readonly strength: Strength;
  readonly evidence: readonly (HistoryEvent | undefined)[];
}

/** Explains why one intention of a user led to the same call twice. */
export function explainRepetition(
  view: HistoryView,
  attributions: Attributions,
  first: Attribution,
  second: Attribution,
): Explanation {
  const strength = weakest(first.updateStrength, second.updateStrength);
  const calls = [...bothEnds(first.call), ...bothEnds(second.call)];
  const evidence = [first.update.action, second.update.action, ...calls];

  if (first.update !== second.update) {
    return {
      cause: 'double-tap',
      strength,
      evidence: [...evidence, first.delivery.started, second.delivery.started],
    };
  }
  const overall = weakest(strength, first.deliveryStrength, second.deliveryStrength);
  if (first.delivery !== second.delivery) {
    const [earlier, later] =
      first.delivery.started.at <= second.delivery.started.at
        ? [first.delivery, second.delivery]
        : [second.delivery, first.delivery];
    const redelivery = explainRedelivery(view, attributions, earlier, later);
    return { cause: redelivery.cause, strength: overall, evidence: [...evidence, ...redelivery.evidence] };
  }
  if (!isKnownToBot(first.call)) {
    const hits = view.hitsByTarget.get(first.call.started.call) ?? [];
    return {
      cause: 'repeated-call',
      strength: overall,
      evidence: [...evidence, first.delivery.started, ...hits],
    };
  }
  const attempts = first.update.deliveries.filter((d) => d.ended?.outcome !== 'undelivered');
  return {
    cause: attempts.length === 1 ? 'handler-sends-twice' : 'unknown',
    strength: overall,
    evidence: [...evidence, ...bothEnds(first.delivery)],
  };
}

/** Explains why an update was handed to the bot a second time. */
export function explainRedelivery(
  view: HistoryView,
  attributions: Attributions,
  earlier: DeliveryView,
  later: DeliveryView,
): Omit<Explanation, 'strength'> {
  const { started, ended } = earlier;
  const both = [started, ended, later.started];
  const isPolling = started.via === 'polling' && later.started.via === 'polling';
  const conflict = isPolling ? conflictUntil(view, later.started.at) : undefined;
  if (started.via !== later.started.via || conflict !== undefined) {
    return { cause: 'two-consumers', evidence: [...both, ...bothEnds(conflict)] };
  }
  const restarts = restartsWithin(view, started.at, later.started.at);
  if (restarts.length > 0) return { cause: 'restart', evidence: [...both, ...restarts] };
  const hits = view.hitsByTarget.get(started.delivery) ?? [];
  if (acknowledgementWasLost(view, earlier))
    return { cause: 'lost-acknowledgement', evidence: [...both, ...hits] };

  const wentOn = callAfterEnd(view, attributions, earlier);
  const isOverlapping = ended === undefined || ended.at > later.started.at;
  const timedOut =
    ended?.outcome === 'unknown' &&
    (/time[d ]*out/i.test(ended.error ?? '') || hits.some((hit) => hit.effect === 'timeout'));
  if (isOverlapping || timedOut || wentOn !== undefined) {
    const slow = slowestCommandWithin(view, started.at, ended?.at ?? later.started.at);
    return { cause: 'redelivery-while-running', evidence: [...both, ...hits, ...bothEnds(slow)] };
  }
  return {
    cause: ended.outcome === 'refused' ? 'redelivery-after-error' : 'lost-acknowledgement',
    evidence: [...both, ...hits],
  };
}

/** A call that the handling of a delivery made after the delivery was over. */
function callAfterEnd(
  view: HistoryView,
  attributions: Attributions,
  delivery: DeliveryView,
): Attribution | undefined {
  const { ended, started } = delivery;
  if (ended === undefined) return undefined;
  const update = view.updates.find((u) => u.bot === started.bot && u.updateId === started.updateId);
  return (update === undefined ? [] : attributions.to(update)).find(
    ({ delivery: cause, call }) => cause === delivery && call.started.at > ended.at,
  );
}
