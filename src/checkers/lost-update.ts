import { inDialogue } from '../history/people.js';
import type { HistoryView, StepView, UpdateView } from '../history/view.js';
import { type Attributions, attributionsOf } from './attribution.js';
import { answersTo, intentionsOf, isCutByEnd, matchesAny } from './conversation.js';
import { type Checker, type Draft, numbered } from './finding.js';
import { lostPart } from './lost-part.js';
import { contentBefore } from './message-life.js';
import { isUnchanged } from './replies.js';
import { explainSilence } from './silence.js';

/** An input that expects something and never got any reply, or not all of it, however often it was sent. */
export const lostUpdate: Checker = {
  kinds: ['lost-update'],
  explain: 'An input of a user was never answered at all, or a part of the answer was lost.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered(view.steps.flatMap((step) => draftOf(view, attributions, step) ?? []));
  },
};

function draftOf(view: HistoryView, attributions: Attributions, step: StepView): Draft | undefined {
  const action = step.actions[0];
  if (action === undefined || step.expects.length === 0) return undefined;
  if (answersTo(view, step.updates, step.expects, attributions).length > 0)
    return partDraftOf(view, attributions, step);
  if (step.updates.some((update) => isSoAlready(view, attributions, update, step))) return undefined;
  if (step.ended?.outcome === 'answered' || isCutByEnd(step, view, attributions)) return undefined;
  const intentions = intentionsOf(step);
  const sends = intentions.length === 1 ? 'once' : `${intentions.length} times`;
  const message = `Step ${step.step} was sent ${sends} and nothing came back.`;
  const first = step.updates[0];
  if (first === undefined) {
    // Without an update_id Telegram never made an update of it; a half-written history may lack it too.
    if (action.updateId !== undefined) return undefined;
    return {
      kind: 'lost-update',
      cause: 'kind-switched-off',
      strength: 'exact',
      step,
      message,
      evidence: [action],
    };
  }
  const until = silenceEnd(view, step);
  const { cause, strength, evidence } = explainSilence(view, first, until);
  const resends = intentions.slice(1).flatMap(({ actions }) => actions);
  return { kind: 'lost-update', cause, strength, step, message, evidence: [...evidence, ...resends] };
}

/** The bot showed something, and less than it wanted to. */
function partDraftOf(view: HistoryView, attributions: Attributions, step: StepView): Draft | undefined {
  if (step.ended?.outcome === 'answered' || isCutByEnd(step, view, attributions)) return undefined;
  const lost = lostPart(view, step.updates, step.expects, attributions);
  if (lost === undefined) return undefined;
  const { how, ...explanation } = lost;
  const message = `Step ${step.step}: a part of the answer never came: ${how}.`;
  return { kind: 'lost-update', step, message, ...explanation };
}

/** The bot wanted to show what stands there already, as after a tap on Refresh when nothing is new. */
const isSoAlready = (
  view: HistoryView,
  attributions: Attributions,
  update: UpdateView,
  { expects }: StepView,
): boolean =>
  attributions.to(update).some(({ call }) => {
    const standing = isUnchanged(call) ? contentBefore(view, call) : undefined;
    return standing !== undefined && matchesAny(standing, expects);
  });

/** Until when an answer to this step would have been one: the next step's first action, or the end. */
export function silenceEnd(view: HistoryView, step: StepView): number {
  const steps = view.users.get(step.user)?.steps ?? [];
  const next = steps.find((other) => inDialogue(other, step) > 0)?.actions[0];
  return next?.at ?? view.endAt;
}
