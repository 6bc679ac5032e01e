import { printable } from '../base/untrusted.js';
import type { HistoryView, StepView } from '../history/view.js';
import type { Attribution, Attributions } from './attribution.js';
import { isExpected, repliesTo } from './conversation.js';
import { explainDerailment } from './derailment.js';
import { bothEnds, type Draft } from './finding.js';
import { nameOf } from './replies.js';

/** A button that a written step names, and that the bot never showed: it is at another place of the dialogue. */
export function missingButtons(view: HistoryView, attributions: Attributions): Draft[] {
  return view.steps.flatMap((step) => {
    const { ended } = step;
    if (ended?.outcome !== 'button-missing' || typeof ended.wants !== 'object') return [];
    const before = (view.users.get(step.user)?.steps ?? []).filter((other) => other.step < step.step);
    const last = before
      .flatMap(({ updates }) => repliesTo(updates, attributions))
      .filter(({ call }) => call.effectAt <= ended.at)
      .at(-1);
    const shown =
      last === undefined ? 'nothing has come so far' : `the last that came is the ${nameOf(last.call)}`;
    return [
      {
        kind: 'lost-state',
        ...explain(view, step, last),
        step,
        message: `Step ${step.step}: no message has the button “${printable(ended.wants.button, 40)}”; ${shown}.`,
      },
    ];
  });
}

function explain(
  view: HistoryView,
  step: StepView,
  last: Attribution | undefined,
): Pick<Draft, 'cause' | 'strength' | 'evidence'> {
  const { ended } = step;
  const own = last?.update.step;
  // What came was right: nothing that happened to the bot explains that the button is not there.
  const isRight = last !== undefined && own !== undefined && isExpected(last, own.expects);
  if (last === undefined || own === undefined || isRight) {
    return { cause: 'unknown', strength: 'exact', evidence: [...bothEnds(last?.call), ended] };
  }
  const { cause, strength, evidence } = explainDerailment(view, own, last);
  return { cause, strength, evidence: [...evidence, ended] };
}
