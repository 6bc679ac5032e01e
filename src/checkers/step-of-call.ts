import type { CallView, HistoryView, StepView } from '../history/view.js';
import type { Attributions } from './attribution.js';

/** The step that a call answers; for one that answers nothing, the step at which its user stood. */
export function stepOfCall(
  view: HistoryView,
  attributions: Attributions,
  call: CallView,
): StepView | undefined {
  const own = attributions.of(call)?.update.step;
  if (own !== undefined) return own;
  return view.steps.findLast(
    ({ chatId, actions }) =>
      chatId === call.started.chatId && (actions[0]?.at ?? Number.POSITIVE_INFINITY) <= call.effectAt,
  );
}
