import { givenOf } from '../history/given.js';
import type { HistoryView, StepView, UserView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { isExpected, repliesTo, spanOf } from './conversation.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { SLOW_MS, slowestCommandBegunWithin } from './process-trouble.js';
import { type Explanation, explainRedelivery } from './repetition.js';
import { isSend, nameOf } from './replies.js';
import { weakest } from './strength.js';

/** An answer is compared with those to so many inputs after it. */
const LATER_INPUTS = 5;

/**
 * The answer to an input stands below the answer to a later one. Only across inputs: in which order the messages
 * of one answer come varies from run to run with bots that send side by side, and harms nobody.
 */
export const outOfOrderReply: Checker = {
  kinds: ['out-of-order-reply'],
  explain:
    'The answer to an input was shown after the answer to a later input of the same user, and does not say to which it belongs.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered([...view.users.values()].flatMap((user) => draftsOf(view, attributions, user)));
  },
};

interface Answered {
  readonly step: StepView;
  readonly reply: Attribution;
}

function draftsOf(view: HistoryView, attributions: Attributions, user: UserView): Draft[] {
  const answers = user.steps.flatMap((step) => answerOf(step, attributions) ?? []);
  return answers.flatMap((late, index) => {
    const early = answers
      .slice(index + 1, index + 1 + LATER_INPUTS)
      .find((other) => isOvertaken(late, other));
    return early === undefined ? [] : draftOf(view, attributions, late, early);
  });
}

/** The first right reply to a step, when it is a message and does not quote what it answers. */
function answerOf(step: StepView, attributions: Attributions): Answered | undefined {
  if (step.expects.length === 0) return undefined;
  const reply = repliesTo(step.updates, attributions).find((each) => isExpected(each, step.expects));
  if (reply === undefined || !isSend(reply.call) || reply.call.started.replyToMessageId !== undefined)
    return undefined;
  // Whoever saw the answer and went on has had it from another handling: this is not what they waited for.
  const { ended } = step;
  if (ended?.outcome === 'answered' && reply.call.effectAt > ended.at) return undefined;
  return { step, reply };
}

function isOvertaken(late: Answered, early: Answered): boolean {
  if (late.reply.call.effectAt <= early.reply.call.effectAt) return false;
  if (late.step.chatId !== early.step.chatId) return false;
  // A step that is begun again later has an early number and a late time.
  if ((late.step.actions[0]?.at ?? 0) >= (early.step.actions[0]?.at ?? 0)) return false;
  // What either could have said may be attributed to the wrong one.
  return !isExpected(late.reply, early.step.expects) && !isExpected(early.reply, late.step.expects);
}

function draftOf(view: HistoryView, attributions: Attributions, late: Answered, early: Answered): Draft {
  const { cause, evidence } = explain(view, attributions, late, early);
  const shown = [early, late].flatMap(({ reply }) => [reply.update.action, ...bothEnds(reply.call)]);
  const laterMs = Math.max(0, Math.round(late.reply.call.effectAt - early.reply.call.effectAt));
  return {
    kind: 'out-of-order-reply',
    cause,
    strength: weakest(late.reply.updateStrength, early.reply.updateStrength),
    step: late.step,
    message: `Step ${late.step.step}: the ${nameOf(late.reply.call)} came ${laterMs} ms after the answer to step ${early.step.step}.`,
    evidence: [...evidence, ...shown],
  };
}

function explain(
  view: HistoryView,
  attributions: Attributions,
  { reply: late }: Answered,
  { reply: early }: Answered,
): Omit<Explanation, 'strength'> {
  const given = givenOf(late.update);
  const before = given[given.indexOf(late.delivery) - 1];
  if (before !== undefined && late.delivery.started.at > early.delivery.started.at)
    return explainRedelivery(view, attributions, before, late.delivery);
  const [one, other] = [spanOf(late.update, attributions), spanOf(early.update, attributions)];
  if (one === undefined || other === undefined || one.from > other.until || other.from > one.until)
    return { cause: 'unknown', evidence: [late.delivery.started, early.delivery.started] };
  return {
    cause: 'concurrent-updates',
    evidence: [late.delivery.started, early.delivery.started, ...heldUpBy(view, late)],
  };
}

/** What kept the late one waiting: its own call, or a command. */
function heldUpBy(view: HistoryView, { call, delivery }: Attribution) {
  const callMs = call.effectAt - call.started.at;
  if (callMs >= SLOW_MS) return view.hitsByTarget.get(call.started.call) ?? [];
  return bothEnds(slowestCommandBegunWithin(view, delivery.started.at, call.started.at));
}
