import { givenOf } from '../history/given.js';
import { inDialogue, isExtra } from '../history/people.js';
import type { Action, HistoryView, StepView, UpdateView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { mayBeFor } from './command-attribution.js';
import { deliveredAt, firstExpected, intentionsOf, isExpected, repliesTo, spanOf } from './conversation.js';
import { crossingsOf } from './crossings.js';
import { extrasWithin, isOdd } from './extras.js';
import { bothEnds } from './finding.js';
import {
  causeOfFailure,
  conflictWithin,
  failedCommandWithin,
  freezesAfter,
  instancesAt,
  isElsewhere,
  restartsWithin,
  slowestCommandBegunWithin,
  slowestCommandWithin,
} from './process-trouble.js';
import { type Explanation, explainRedelivery, explainSecondHandlingAt } from './repetition.js';
import { isCallbackAnswer, isFailed, isMeantToShow, isReply, shownBy } from './replies.js';
import { weakest } from './strength.js';

/** How many steps back a cause is looked for. */
const LOOK_BACK_STEPS = 50;

/**
 * Why the bot answered a step as if it were at another place of the dialogue. `wrong` is the reply that
 * shows it. What explains it lies between the last right reply of this user and that one; an input that
 * was handled once too often explains all steps that it has shifted.
 */
export function explainDerailment(view: HistoryView, step: StepView, wrong: Attribution): Explanation {
  const crossing = crossingsOf(view).get(wrong.call);
  if (crossing !== undefined) return crossing.explanation;
  const attributions = attributionsOf(view);
  const steps = stepsUntil(view, step);
  const to = wrong.call.effectAt;
  const lastRight = lastRightBefore(steps, attributions, to);
  const since = lastRight?.call.effectAt ?? steps[0]?.actions[0]?.at ?? 0;
  const shown = [wrong.update.action, ...bothEnds(wrong.call)];

  const extra = extraHandling(view, steps, attributions, lastRight, to);
  const restarts = restartsWithin(view, since, to);
  if (extra !== undefined && !(restarts.length > 0 && isOutOfPlace(view, step, wrong))) {
    return { ...extra, evidence: [...extra.evidence, ...shown] };
  }
  if (restarts.length > 0) {
    return {
      cause: 'restart',
      strength: wrong.updateStrength,
      evidence: [...bothEnds(lastRight?.call), ...restarts, ...shown],
    };
  }
  const given = steps.flatMap(({ updates }) => updates.flatMap(({ deliveries }) => deliveries));
  const froze = freezesAfter(view, given, to).filter(({ at }) => at >= since);
  if (froze.length > 0) {
    return {
      cause: 'frozen-after-answer',
      strength: wrong.updateStrength,
      evidence: [...bothEnds(lastRight?.call), ...froze, ...shown],
    };
  }
  const pair = concurrentPair(view, steps, attributions, since, to);
  if (pair !== undefined) {
    const [one, other] = pair;
    const again = explainSecondHandlingAt(view, attributions, one, deliveredAt(other) ?? 0);
    const starts = pair.flatMap((update) => [update.action, update.deliveries[0]?.started]);
    return {
      cause: again?.cause ?? 'concurrent-updates',
      strength: 'overlap',
      evidence: [...starts, ...(again?.evidence ?? []), ...shown],
    };
  }
  const isPolled = wrong.delivery.started.via === 'polling';
  const conflict = isPolled ? conflictWithin(view, since, to) : undefined;
  if (conflict !== undefined) {
    return { cause: 'two-consumers', strength: 'overlap', evidence: [...bothEnds(conflict), ...shown] };
  }
  const failed = steps
    .flatMap((s) => s.updates.flatMap((update) => attributions.to(update)))
    .find(({ call }) => isFailed(call) && isWithin(call.ended?.at ?? 0, since, to));
  if (failed !== undefined) {
    return {
      cause: 'api-error-unhandled',
      strength: weakest(failed.updateStrength, wrong.updateStrength),
      evidence: [...bothEnds(failed.call), ...shown],
    };
  }
  // Who knows which instance did what need not suspect that there are several.
  const elsewhere = isElsewhere(lastRight?.delivery, wrong.delivery);
  if (elsewhere === true) {
    return {
      cause: 'state-not-shared',
      strength: weakest(lastRight?.updateStrength ?? 'exact', wrong.updateStrength),
      evidence: [lastRight?.delivery.started, ...bothEnds(lastRight?.call), wrong.delivery.started, ...shown],
    };
  }
  if (elsewhere === undefined && instancesAt(view, to) > 1) {
    const starts = view.processes.filter((event) => event.type === 'bot.started' && event.at <= to);
    return { cause: 'state-not-shared', strength: 'overlap', evidence: [...starts, ...shown] };
  }
  const taken = takenForAnAnswer(view, step, attributions, since, to);
  if (taken !== undefined) {
    return {
      cause: 'taken-for-an-answer',
      strength: weakest(taken.updateStrength, wrong.updateStrength),
      evidence: [taken.update.action, ...bothEnds(taken.call), ...shown],
    };
  }
  const broken = failedCommandWithin(view, since, to, mayBeFor(view, step.user));
  if (broken !== undefined) {
    return { cause: causeOfFailure(broken), strength: 'overlap', evidence: [...bothEnds(broken), ...shown] };
  }
  const slow = slowestCommandWithin(view, since, to, undefined, mayBeFor(view, step.user));
  if (slow !== undefined) {
    return { cause: 'slow-database', strength: 'overlap', evidence: [...bothEnds(slow), ...shown] };
  }
  const earlier = restartsWithin(view, steps[0]?.actions[0]?.at ?? 0, to);
  return {
    cause: earlier.length > 0 ? 'restart' : 'unknown',
    strength: earlier.length > 0 ? 'overlap' : wrong.updateStrength,
    evidence: [...bothEnds(lastRight?.call), ...earlier, ...shown],
  };
}

const isWithin = (at: number, from: number, to: number): boolean => at >= from && at <= to;

/** What the bot said last to an update of this user that has no answer in it, since the last right reply. */
function takenForAnAnswer(
  view: HistoryView,
  { user }: StepView,
  attributions: Attributions,
  since: number,
  to: number,
): Attribution | undefined {
  return extrasWithin(view, user, since, to)
    .filter(isOdd)
    .flatMap((odd) => attributions.to(odd))
    .findLast(({ call }) => isMeantToShow(call) && call.effectAt <= to);
}

/** No step of this user's dialogue wants this: not what a step too far says, but who knows nothing of the user. */
function isOutOfPlace(view: HistoryView, { user }: StepView, reply: Attribution): boolean {
  return !(view.users.get(user)?.steps ?? []).some((step) => isExpected(reply, step.expects));
}

/** The last right reply to the latest step that had one before a time. What an earlier step gets again is no progress. */
export function lastRightBefore(
  steps: readonly StepView[],
  attributions: Attributions,
  at: number,
): Attribution | undefined {
  for (const step of steps.toReversed()) {
    const right = repliesTo(step.updates, attributions).findLast(
      (reply) => reply.call.effectAt < at && isExpected(reply, step.expects),
    );
    if (right !== undefined) return right;
  }
  return undefined;
}

/** An input of this user that was handled once too often before a time, since the last right reply. */
export function explainByExtraHandling(
  view: HistoryView,
  step: StepView,
  to: number,
): Explanation | undefined {
  const attributions = attributionsOf(view);
  const steps = stepsUntil(view, step);
  const lastRight = lastRightBefore(steps, attributions, to);
  return extraHandling(view, steps, attributions, lastRight, to);
}

/** The steps of this user up to this one; of a long dialogue the last ones. */
export const stepsUntil = (view: HistoryView, step: StepView): readonly StepView[] =>
  (view.users.get(step.user)?.steps ?? [step])
    .filter((other) => inDialogue(other, step) <= 0)
    .slice(-LOOK_BACK_STEPS);

/**
 * The latest input that was handled once too often (delivered again, tapped twice, sent again though the
 * first send was answered) and whose extra handling said something else than its step expects, or that
 * out of turn: it took the dialogue on to the next step, or back.
 */
export function extraHandling(
  view: HistoryView,
  steps: readonly StepView[],
  attributions: Attributions,
  lastRight: Attribution | undefined,
  to: number,
): Explanation | undefined {
  const rightStep = lastRight?.update.step;
  const since = lastRight?.call.effectAt ?? 0;
  let latest: { at: number; explain: () => Explanation } | undefined;
  for (const step of steps) {
    const intentions = intentionsOf(step);
    for (const reply of repliesTo(step.updates, attributions)) {
      const at = reply.call.effectAt;
      if (at > to || isCallbackAnswer(reply.call) || shownBy(reply.call).length === 0) continue;
      // A step's own answer may come after what an extra handling of the same input said.
      if (at < since && reply.update.step !== rightStep) continue;
      // What was right once is out of turn when a later step has had its answer.
      const isOutOfTurn = rightStep !== undefined && inDialogue(step, rightStep) < 0 && at > since;
      if (isExpected(reply, step.expects) && !isOutOfTurn) continue;
      if (latest !== undefined && at <= latest.at) continue;
      const given = givenOf(reply.update);
      const attempt = given.indexOf(reply.delivery);
      const earlier = given[attempt - 1];
      if (attempt > 0 && earlier !== undefined) {
        latest = {
          at,
          explain: () => {
            const { cause, evidence } = explainRedelivery(view, attributions, earlier, reply.delivery);
            const right = firstExpected([reply.update], step.expects, attributions);
            const shown = [...bothEnds(right?.call), ...bothEnds(reply.call)];
            const strength = reply.updateStrength;
            return { cause, strength, evidence: [reply.update.action, ...evidence, ...shown] };
          },
        };
        continue;
      }
      const place = intentions.findIndex((intention) => intention.updates.includes(reply.update));
      const intention = intentions[place];
      if (intention === undefined) continue;
      const partner = intention.updates.find(
        (update) => update !== reply.update && hasRight(update, step, attributions),
      );
      const answered = intentions
        .slice(0, place)
        .flatMap((each) => each.updates)
        .find((update) => hasRight(update, step, attributions));
      if (partner !== undefined) {
        latest = { at, explain: () => twice('double-tap', partner.action, reply) };
      } else if (answered !== undefined) {
        const slow = slowestCommandBegunWithin(view, deliveredAt(answered) ?? 0, at);
        latest = {
          at,
          explain: () =>
            twice(slow === undefined ? 'impatient-resend' : 'slow-database', answered.action, reply, slow),
        };
      }
    }
  }
  return latest?.explain();
}

const twice = (
  cause: Explanation['cause'],
  before: Action | undefined,
  reply: Attribution,
  slow?: Parameters<typeof bothEnds>[0],
): Explanation => ({
  cause,
  strength: reply.updateStrength,
  evidence: [before, reply.update.action, reply.delivery.started, ...bothEnds(slow), ...bothEnds(reply.call)],
});

const hasRight = (update: UpdateView, step: StepView, attributions: Attributions): boolean =>
  attributions.to(update).some((reply) => isReply(reply.call) && isExpected(reply, step.expects));

/** Something of this user's beyond its recording was at work beside a recorded input, since the last right reply. */
export function explainByExtraBeside(
  view: HistoryView,
  step: StepView,
  to: number,
): Omit<Explanation, 'strength'> | undefined {
  const attributions = attributionsOf(view);
  const steps = stepsUntil(view, step);
  const since = lastRightBefore(steps, attributions, to)?.call.effectAt ?? 0;
  const pair = concurrentPair(view, steps, attributions, since, to);
  if (pair === undefined || !pair.some(({ action }) => action !== undefined && isExtra(action)))
    return undefined;
  return {
    cause: 'concurrent-updates',
    evidence: pair.flatMap((update) => [update.action, update.deliveries[0]?.started]),
  };
}

/** Two inputs of this user, for different steps, that were handled at the same time; one of them still after `since`. */
function concurrentPair(
  view: HistoryView,
  steps: readonly StepView[],
  attributions: Attributions,
  since: number,
  to: number,
): [UpdateView, UpdateView] | undefined {
  // Sends of one step beside each other are one input that was handled once too often, and no two.
  const planned = steps.flatMap((step) => step.updates.map((update) => ({ of: step, update })));
  const [first] = steps;
  const extras = first === undefined ? [] : (view.users.get(first.user)?.extras ?? []);
  const spans = [...planned, ...extras.map((update) => ({ of: update, update }))]
    .flatMap(({ of, update }) => {
      const span = spanOf(update, attributions);
      return span === undefined || span.from > to ? [] : [{ of, update, ...span }];
    })
    .sort((a, b) => a.from - b.from);
  for (const [index, one] of spans.entries()) {
    const other = spans
      .slice(index + 1)
      .find((s) => s.from < one.until && Math.max(s.until, one.until) >= since && s.of !== one.of);
    if (other !== undefined) return [one.update, other.update];
  }
  return undefined;
}
