import { givenOf } from '../history/given.js';
import type { HistoryView, StepView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { crossingsOf } from './crossings.js';
import { explainDerailment, extraHandling, lastRightBefore, stepsUntil } from './derailment.js';
import { bothEnds } from './finding.js';
import { type Explanation, explainRedelivery } from './repetition.js';

/**
 * Why an input stands where another one belongs. It was handled at another place than its own, so what explains it
 * lies between the right answer before that input and the reply that shows it, however much came right afterwards.
 */
export function explainMisplacement(
  view: HistoryView,
  step: StepView,
  wrong: Attribution,
  input: StepView,
): Explanation {
  if (crossingsOf(view).has(wrong.call)) return explainDerailment(view, step, wrong);
  const attributions = attributionsOf(view);
  const to = wrong.call.effectAt;
  const lastRight = lastRightBefore(stepsUntil(view, input), attributions, input.actions[0]?.at ?? to);
  const shown = [wrong.update.action, ...bothEnds(wrong.call)];
  const extraIn = (steps: readonly StepView[]) => extraHandling(view, steps, attributions, lastRight, to);
  // First that input itself: later ones may have been handled too often as well.
  const extra =
    extraIn([input]) ?? secondDelivery(view, attributions, input, to) ?? extraIn(stepsUntil(view, step));
  if (extra !== undefined) return { ...extra, evidence: [...extra.evidence, ...shown] };
  return explainDerailment(view, step, wrong);
}

/** An input that was handed over again: what its second handling said may look like the answer to the next one. */
function secondDelivery(
  view: HistoryView,
  attributions: Attributions,
  { updates }: StepView,
  to: number,
): Explanation | undefined {
  for (const update of updates) {
    const [earlier, later] = givenOf(update);
    if (earlier === undefined || later === undefined || later.started.at > to) continue;
    const { cause, evidence } = explainRedelivery(view, attributions, earlier, later);
    return { cause, strength: 'overlap', evidence: [update.action, ...evidence] };
  }
  return undefined;
}
