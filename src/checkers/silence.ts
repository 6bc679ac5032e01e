import type { EventOf } from '../history/events.js';
import { givenOf } from '../history/given.js';
import {
  type CallView,
  chatKey,
  type DeliveryView,
  type HistoryView,
  type UpdateView,
} from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { blockerOf } from './blockers.js';
import { mayBeFor } from './command-attribution.js';
import { deliveredAt } from './conversation.js';
import { explainByExtraBeside, explainByExtraHandling, lastRightBefore } from './derailment.js';
import { isOdd } from './extras.js';
import { bothEnds } from './finding.js';
import { waitOf } from './flood-limit.js';
import { FIRST_CALL_MS } from './handlings.js';
import {
  causeOfFailure,
  causeOfRefusal,
  conflictWithin,
  failedCommandWithin,
  freezesAfter,
  isElsewhere,
  restartsWithin,
  slowestCommandWithin,
} from './process-trouble.js';
import { type Explanation, explainRedelivery } from './repetition.js';
import { isCallbackAnswer, isFailed, isReply, isTooLate } from './replies.js';

/** Why nothing came back for an update. Looks at the time until `until` (ms). */
export function explainSilence(view: HistoryView, update: UpdateView, until: number): Explanation {
  const attributions = attributionsOf(view);
  const { action, dropped, deliveries } = update;
  const given = givenOf(update);
  const refused = given.filter((delivery) => delivery.ended?.outcome === 'refused');
  const tries = edgesOf(given.length > 0 ? given : deliveries);
  const wasRefused = given.length > 0 && refused.length === given.length;

  if (dropped !== undefined) {
    const evidence = [action, update.queued, ...tries, dropped];
    if (dropped.reason === 'dropped-by-bot') return { cause: 'dropped-by-bot', strength: 'exact', evidence };
    if (dropped.reason === 'queue-full') return { cause: 'queue-full', strength: 'exact', evidence };
    return { cause: wasRefused ? causeOfRefusal(refused) : 'expired-update', strength: 'exact', evidence };
  }
  const from = deliveredAt(update);
  if (from === undefined && update.takenByOther.length > 0) {
    const taken = edgesOf(update.takenByOther);
    return { cause: 'two-consumers', strength: 'exact', evidence: [action, update.queued, ...taken] };
  }
  if (from === undefined) {
    const poller = otherPollerBefore(view, update.queued?.at ?? until);
    if (poller !== undefined) {
      return { cause: 'two-consumers', strength: 'overlap', evidence: [poller, action, update.queued] };
    }
    const restarts = restartsWithin(view, update.queued?.at ?? action?.at ?? 0, until);
    const blocker = blockerOf(view, update);
    const blocked = blocker !== undefined && isOdd(blocker) ? 'update-not-understood' : 'never-delivered';
    const last = blocker?.deliveries.findLast(({ started }) => started.at <= until);
    return {
      cause: restarts.length > 0 ? 'restart' : blocked,
      strength: 'exact',
      evidence: [action, update.queued, ...tries, ...restarts, blocker?.action, ...bothEnds(last)],
    };
  }
  const failed = attributions.to(update).find(({ call }) => isFailed(call));
  const killed = failed === undefined ? [] : exitsInWait(view, failed.call);
  if (failed !== undefined && killed.length > 0) {
    const evidence = [action, ...tries, ...bothEnds(failed.call), ...killed];
    return { cause: 'restart', strength: failed.updateStrength, evidence };
  }
  if (failed !== undefined) {
    const hits = view.hitsByTarget.get(failed.call.started.call) ?? [];
    return {
      cause: 'api-error-unhandled',
      strength: failed.updateStrength,
      evidence: [action, ...tries, ...bothEnds(failed.call), ...hits],
    };
  }
  // A handler that does not expect it ends there, and what it wanted to say is never said. A tap that was answered
  // once is too old for whoever answers it again, and that is not why: see what had it answered twice.
  const answers = attributions.to(update).filter(({ call }) => isCallbackAnswer(call));
  const wasAnswered = answers.some(({ call }) => call.ended?.applied === true);
  const tooLate = wasAnswered ? undefined : answers.find(({ call }) => isTooLate(call));
  if (tooLate !== undefined) {
    return {
      cause: 'expired-callback',
      strength: 'marker',
      evidence: [action, ...tries, ...bothEnds(tooLate.call)],
    };
  }
  const restarts = restartsWithin(view, from, Math.min(until, from + FIRST_CALL_MS)).filter(
    (event) => event.type === 'bot.exited',
  );
  if (restarts.length > 0)
    return { cause: 'restart', strength: 'exclusive', evidence: [action, ...tries, ...restarts] };
  const froze = freezesAfter(view, given, until);
  if (froze.length > 0)
    return { cause: 'frozen-after-answer', strength: 'exclusive', evidence: [action, ...tries, ...froze] };
  if (wasRefused) return { cause: causeOfRefusal(refused), strength: 'exact', evidence: [action, ...tries] };

  const extra =
    update.step === undefined
      ? undefined
      : explainByExtraHandling(view, update.step, given.at(-1)?.ended?.at ?? from);
  if (extra !== undefined) return { ...extra, evidence: [...extra.evidence, action, ...tries] };
  const busy = earlierWorkAt(view, attributions, update, from);
  if (busy !== undefined) {
    return {
      cause: 'busy-dialogue',
      strength: 'overlap',
      evidence: [busy.action, action, ...tries, ...busy.calls],
    };
  }
  const conflict = given.some((d) => d.started.via === 'polling')
    ? conflictWithin(view, from, until)
    : undefined;
  if (conflict !== undefined) {
    return {
      cause: 'two-consumers',
      strength: 'overlap',
      evidence: [action, ...tries, ...bothEnds(conflict)],
    };
  }
  const isOfConcern = mayBeFor(view, update.step?.user);
  const broken = failedCommandWithin(view, from, given.at(-1)?.ended?.at ?? until, isOfConcern);
  if (broken !== undefined) {
    return {
      cause: causeOfFailure(broken),
      strength: 'overlap',
      evidence: [action, ...tries, ...bothEnds(broken)],
    };
  }
  const forgot = restartsSinceRightReply(view, attributions, update, from);
  if (forgot !== undefined) {
    return { cause: 'restart', strength: 'overlap', evidence: [...forgot, action, ...tries] };
  }
  const beside = update.step === undefined ? undefined : explainByExtraBeside(view, update.step, until);
  if (beside !== undefined) {
    return { ...beside, strength: 'overlap', evidence: [...beside.evidence, action, ...tries] };
  }
  const right = rightReplyBefore(view, attributions, update, from);
  const taken = given.at(-1);
  if (right !== undefined && taken !== undefined && isElsewhere(right.delivery, taken) === true) {
    return {
      cause: 'state-not-shared',
      strength: 'overlap',
      evidence: [right.delivery.started, ...bothEnds(right.call), action, ...tries],
    };
  }
  // Two handlings that both wanted to stop the spinner: what the first one did silenced the second.
  const again = wasAnswered ? answers.find(({ call }) => isTooLate(call)) : undefined;
  const [earlier, later] = given;
  if (again !== undefined && earlier !== undefined && later !== undefined) {
    const { cause, evidence } = explainRedelivery(view, attributions, earlier, later);
    return { cause, strength: 'overlap', evidence: [action, ...evidence, ...bothEnds(again.call)] };
  }
  if (given.some((delivery) => delivery.ended?.outcome === 'acknowledged')) {
    return { cause: 'acknowledged-then-silent', strength: 'exact', evidence: [action, ...tries] };
  }
  // What was slow long after the last attempt has nothing to do with it.
  const slow = slowestCommandWithin(view, from, given.at(-1)?.ended?.at ?? until, undefined, isOfConcern);
  return {
    cause: slow === undefined ? 'never-acknowledged' : 'slow-database',
    strength: 'overlap',
    evidence: [action, ...tries, ...bothEnds(slow)],
  };
}

/** Ends of the process while it had to wait before it could make the call again. */
const exitsInWait = (view: HistoryView, call: CallView) =>
  restartsWithin(view, endOf(call), endOf(call) + (waitOf(call) ?? 0)).filter(
    ({ type }) => type === 'bot.exited',
  );

const pollers = new WeakMap<HistoryView, readonly EventOf<'fault.hit'>[]>();

/** Another program that began to poll before a time: while it does, and after it, the bot may get nothing. */
function otherPollerBefore(view: HistoryView, at: number): EventOf<'fault.hit'> | undefined {
  const known = pollers.get(view) ?? [...view.hitsByFault.values()].flat().filter(isOtherPoller);
  pollers.set(view, known);
  return known.find((hit) => hit.at <= at);
}

const isOtherPoller = ({ effect }: EventOf<'fault.hit'>): boolean => effect === 'other-poller';

/** Was nothing done about it because the bot was at work on an earlier input of this user? */
export function isPassedOver(view: HistoryView, update: UpdateView): boolean {
  const isSilent = attributionsOf(view)
    .to(update)
    .every(({ call }) => !isReply(call));
  return isSilent && explainSilence(view, update, view.endAt).cause === 'busy-dialogue';
}

const edgesOf = (deliveries: readonly DeliveryView[]) => {
  const first = deliveries[0];
  const last = deliveries.at(-1);
  return [...bothEnds(first), ...bothEnds(last)];
};

/** The last right reply to this user and the restarts between it and now: the bot knew the user before them. */
function restartsSinceRightReply(
  view: HistoryView,
  attributions: Attributions,
  update: UpdateView,
  at: number,
) {
  const right = rightReplyBefore(view, attributions, update, at);
  const restarts = right === undefined ? [] : restartsWithin(view, right.call.effectAt, at);
  return restarts.length === 0 ? undefined : [...bothEnds(right?.call), ...restarts];
}

/** The last right reply to the user of this update before a time. */
function rightReplyBefore(
  view: HistoryView,
  attributions: Attributions,
  { step }: UpdateView,
  at: number,
): Attribution | undefined {
  const steps = step === undefined ? [] : (view.users.get(step.user)?.steps ?? []);
  return lastRightBefore(steps, attributions, at);
}

const endOf = (call: CallView): number => call.ended?.at ?? Number.POSITIVE_INFINITY;

/** An earlier update of the same chat that was still at work when this one came: its reply was yet to come. */
function earlierWorkAt(view: HistoryView, attributions: Attributions, update: UpdateView, at: number) {
  if (update.chatId === undefined) return undefined;
  for (const other of view.chats.get(chatKey(update.bot, update.chatId))?.updates ?? []) {
    const startedAt = deliveredAt(other);
    if (other === update || startedAt === undefined || startedAt >= at) continue;
    // A reply that was yet to come, or whose answer the bot was waiting for.
    const later = attributions
      .to(other)
      .find(
        ({ call }) => isReply(call) && (call.effectAt > at || (call.started.at < at && endOf(call) > at)),
      );
    if (later !== undefined) return { action: other.action, calls: bothEnds(later.call) };
  }
  return undefined;
}
