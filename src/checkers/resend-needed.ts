import { givenOf } from '../history/given.js';
import type { HistoryView, StepView, UpdateView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import {
  answersTo,
  firstExpected,
  type Intention,
  intentionsOf,
  isExpected,
  repliesTo,
} from './conversation.js';
import { explainDerailment } from './derailment.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { type LostPart, lostPart } from './lost-part.js';
import type { Explanation } from './repetition.js';
import { explainSilence } from './silence.js';
import { weakest } from './strength.js';

/** The same input worked only when it was sent again. */
export const resendNeeded: Checker = {
  kinds: ['resend-needed'],
  explain: 'An input got its answer only when the user sent it again.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered(view.steps.flatMap((step) => draftOf(view, attributions, step) ?? []));
  },
};

function draftOf(view: HistoryView, attributions: Attributions, step: StepView): Draft | undefined {
  const { expects } = step;
  if (expects.length === 0) return undefined;
  const intentions = intentionsOf(step);
  const [first, ...resends] = intentions;
  if (first === undefined) return undefined;
  const hasRight = firstExpected(first.updates, expects, attributions) !== undefined;
  const lost = hasRight ? lostPart(view, first.updates, expects, attributions) : undefined;
  if (hasRight && lost === undefined) return undefined;
  for (const [index, resend] of resends.entries()) {
    const reply = firstExpected(resend.updates, expects, attributions);
    if (reply === undefined || (hasRight && !isWhole(resend, attributions))) continue;
    const update = first.updates[0];
    if (update === undefined || wasUnderWay(update, resend, reply)) return undefined;
    const { came, explanation } = explain(view, attributions, first, resend, update, lost);
    return {
      kind: 'resend-needed',
      cause: explanation.cause,
      strength: weakest(explanation.strength, reply.updateStrength),
      step,
      message: `Step ${step.step}: the first send brought ${came}; send ${index + 2} of the same input worked.`,
      evidence: [...first.actions, ...explanation.evidence, ...resend.actions, ...bothEnds(reply.call)],
    };
  }
  return undefined;
}

/** It brought all that the step wants. */
const isWhole = ({ step, updates }: Intention, attributions: Attributions): boolean => {
  const replies = repliesTo(updates, attributions);
  return step.expects.every((wanted) => replies.some((reply) => isExpected(reply, [wanted])));
};

/** What the first send brought, and why no more. */
function explain(
  view: HistoryView,
  attributions: Attributions,
  first: Intention,
  resend: Intention,
  update: UpdateView,
  lost: LostPart | undefined,
): { readonly came: string; readonly explanation: Explanation } {
  const { step } = first;
  if (lost !== undefined) return { came: 'a part of the answer', explanation: lost };
  const [wrong] = answersTo(view, first.updates, step.expects, attributions);
  return wrong === undefined
    ? { came: 'nothing', explanation: explainSilence(view, update, resend.actions[0]?.at ?? view.endAt) }
    : { came: 'something else', explanation: explainDerailment(view, step, wrong) };
}

/** The first send came to the bot beside the second, or behind it, after a time in which nothing did: which of them brought the answer, nobody can tell. */
const wasUnderWay = (first: UpdateView, resend: Intention, reply: Attribution): boolean =>
  reply.others.includes(first) &&
  givenOf(first).some(
    ({ started }) =>
      started.at >= (resend.actions[0]?.at ?? Number.POSITIVE_INFINITY) &&
      started.at <= reply.call.started.at,
  );
