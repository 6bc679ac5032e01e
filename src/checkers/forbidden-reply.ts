import type { MessageId } from '../base/ids.js';
import type { CallView, HistoryView, StepView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { repliesTo } from './conversation.js';
import { explainDerailment } from './derailment.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { matches } from './once.js';
import { isMeantToShow, nameOf, shownBy } from './replies.js';
import { stepOfCall } from './step-of-call.js';

/** A scenario says what no user may see, and where no answer may come. */
export const forbiddenReply: Checker = {
  kinds: ['forbidden-reply'],
  explain: 'The bot showed a text that the scenario forbids, or something where it wants silence.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered([...neverSeen(view, attributions), ...silences(view, attributions)]);
  },
};

function neverSeen(view: HistoryView, attributions: Attributions): Draft[] {
  const patterns = view.run?.patterns?.never ?? [];
  if (patterns.length === 0) return [];
  const known = new Set<string>();
  return view.calls.flatMap((call) => {
    const contents = shownBy(call);
    const pattern = patterns.find((each) => contents.some((content) => matches(content, each)));
    if (pattern === undefined) return [];
    // A message that is edited again and again says it once.
    const place = placeOf(call);
    if (place !== undefined && known.has(place)) return [];
    if (place !== undefined) known.add(place);
    const step = stepOfCall(view, attributions, call);
    const said = `the ${nameOf(call)} matches /${pattern.source}/${pattern.flags}, which no user may see.`;
    return [draftOf(view, attributions, call, step, said)];
  });
}

function placeOf({ started, ended }: CallView): string | undefined {
  const id: MessageId | undefined = ended?.messageIds?.[0] ?? started.messageId;
  return started.method === 'answerCallbackQuery' || id === undefined
    ? undefined
    : `${started.bot}/${started.chatId}/${id}`;
}

function silences(view: HistoryView, attributions: Attributions): Draft[] {
  return view.steps.flatMap((step) => {
    if (step.ended?.wants !== 'nothing') return [];
    const call = step.actions.length > 0 ? answerTo(step, attributions) : shownDuring(view, step);
    if (call === undefined) return [];
    return [draftOf(view, attributions, call, step, `no answer is wanted, and the ${nameOf(call)} came.`)];
  });
}

const answerTo = (step: StepView, attributions: Attributions): CallView | undefined =>
  repliesTo(step.updates, attributions).find(({ call }) => shownBy(call).length > 0)?.call;

/** For what is not an input (a request): the first thing that nothing else explains, from the last step's end to this one's. */
function shownDuring(view: HistoryView, step: StepView): CallView | undefined {
  const { user, ended } = step;
  if (ended?.outcome !== 'unexpected') return undefined;
  const owner = view.users.get(user);
  const before = owner?.steps.findLast((other) => other.step < step.step)?.ended?.at ?? 0;
  const chatId = owner?.started?.chatId;
  return view.calls.find(
    (call) =>
      call.started.chatId === chatId &&
      isMeantToShow(call) &&
      shownBy(call).length > 0 &&
      call.effectAt >= before &&
      call.effectAt <= ended.at,
  );
}

function draftOf(
  view: HistoryView,
  attributions: Attributions,
  call: CallView,
  step: StepView | undefined,
  said: string,
): Draft {
  const attribution = attributions.of(call);
  const { cause, strength, evidence } = explained(view, attribution, call);
  const where = step === undefined ? '' : `Step ${step.step}: `;
  return {
    kind: 'forbidden-reply',
    cause,
    strength,
    message: `${where}${said}`,
    evidence,
    ...(step !== undefined && { step }),
  };
}

function explained(view: HistoryView, attribution: Attribution | undefined, call: CallView) {
  const step = attribution?.update.step;
  if (attribution === undefined || step === undefined) {
    return { cause: 'unknown', strength: 'exact', evidence: bothEnds(call) } as const;
  }
  return explainDerailment(view, step, attribution);
}
