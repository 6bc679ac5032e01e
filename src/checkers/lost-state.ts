import type { Content } from '../history/content.js';
import { isExtra } from '../history/people.js';
import type { HistoryView, StepView } from '../history/view.js';
import { isTelling } from '../history/wanted.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { answersTo, isCutByEnd, isExpected } from './conversation.js';
import { crossingsOf } from './crossings.js';
import { explainDerailment } from './derailment.js';
import { type Checker, type Draft, numbered } from './finding.js';
import { missingButtons } from './missing-button.js';
import { brokenProbes } from './probes.js';
import { nameOf, shownBy } from './replies.js';

/** The bot answered as if the user stood elsewhere in the dialogue. */
export const lostState: Checker = {
  kinds: ['lost-state'],
  explain:
    'An input was answered as if the user stood at another step of the dialogue, or the database does not hold what the scenario wants.',
  check(view) {
    const attributions = attributionsOf(view);
    const sessions = expectationsBySession(view);
    return numbered([
      ...view.steps.flatMap((step) => draftOf(view, attributions, step, sessions.get(step.session)) ?? []),
      ...brokenProbes(view, 'lost-state'),
      ...missingButtons(view, attributions),
    ]);
  },
};

type Expectations = ReadonlyMap<number, readonly Content[]>;

/** What each step of a session expects; users of the same session know more together than alone. */
function expectationsBySession(view: HistoryView): Map<string, Expectations> {
  const sessions = new Map<string, Map<number, Content[]>>();
  for (const { session, step, expects } of view.steps) {
    const steps = sessions.get(session) ?? new Map<number, Content[]>();
    sessions.set(session, steps);
    if (!steps.has(step)) steps.set(step, expects.filter(isTelling));
  }
  return sessions;
}

function draftOf(
  view: HistoryView,
  attributions: Attributions,
  step: StepView,
  session: Expectations | undefined,
): Draft | undefined {
  if (step.expects.length === 0) return undefined;
  const replies = answersTo(view, step.updates, step.expects, attributions);
  const misplaced = misplacedReply(view, attributions, step, replies, session);
  const wrong = misplaced?.reply ?? unexpectedOnly(view, attributions, step, replies);
  if (wrong === undefined) return undefined;
  const { cause, strength, evidence } = explainDerailment(view, step, wrong);
  const name = nameOf(wrong.call).replace(/^message /, '');
  const message =
    misplaced === undefined
      ? `Step ${step.step} was answered only with something that ${isWritten(step) ? 'it does not expect' : 'the recording does not have there'}: ${name}.`
      : `Step ${step.step} was answered with the reply to step ${misplaced.of}: ${name}.`;
  return { kind: 'lost-state', cause, strength, step, message, evidence };
}

/** A reply that another step expects and this one does not, from a handling that said nothing right. */
function misplacedReply(
  view: HistoryView,
  attributions: Attributions,
  step: StepView,
  replies: readonly Attribution[],
  session: Expectations | undefined,
): { reply: Attribution; of: number } | undefined {
  if (session === undefined) return undefined;
  const messages = replies.filter(isMessage);
  for (const reply of messages) {
    const sameHandling = messages.filter((other) => other.delivery === reply.delivery);
    if (sameHandling.some((other) => isExpected(other, step.expects))) continue;
    // The text of an answered tap may be all that is wanted.
    const said = replies.filter((other) => other.delivery === reply.delivery);
    if (step.expects.every((wanted) => said.some((other) => isExpected(other, [wanted])))) continue;
    // Asked again for what the user did beside its recording, perhaps.
    if (reply.others.some(({ action }) => action !== undefined && isExtra(action))) continue;
    if (sameHandling.at(-1) === reply && isStillAtWork(view, attributions, step, reply)) continue;
    // A dialogue may ask the same more than once: the nearest place is meant, of two the later one.
    const [of] = [...session]
      .flatMap(([other, expects]) => (other !== step.step && isExpected(reply, expects) ? [other] : []))
      .sort((a, b) => Math.abs(a - step.step) - Math.abs(b - step.step) || b - a);
    if (of !== undefined) return { reply, of };
  }
  return undefined;
}

/** All that came was unexpected, although there was time for more. */
function unexpectedOnly(
  view: HistoryView,
  attributions: Attributions,
  step: StepView,
  replies: readonly Attribution[],
): Attribution | undefined {
  if (step.ended?.outcome === 'answered' || isCutByEnd(step, view, attributions)) return undefined;
  // It is what the step wants, with something of somebody else's in it: that is told as cross-talk.
  if (replies.some(({ call }) => crossingsOf(view).has(call))) return undefined;
  if (replies.some((reply) => isExpected(reply, step.expects) || shownBy(reply.call).length === 0))
    return undefined;
  // A message tells more of where the bot thinks that the user stands than the text of an answered tap.
  return replies.find(isMessage) ?? replies[0];
}

const isWritten = ({ expects }: StepView): boolean => expects.some(({ wanted }) => wanted !== undefined);

const isMessage = (reply: Attribution): boolean =>
  shownBy(reply.call).some((content) => content.kind !== 'toast');

/** The run ended so soon afterwards that the right reply may have been about to come. */
const isStillAtWork = (
  view: HistoryView,
  attributions: Attributions,
  step: StepView,
  reply: Attribution,
): boolean => reply.delivery.ended?.outcome !== 'acknowledged' && isCutByEnd(step, view, attributions);
