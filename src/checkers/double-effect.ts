import { givenOf } from '../history/given.js';
import { chatKey, type DeliveryView, type HistoryView, type UpdateView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { deliveredAt, isExpected, matchesAny, repliesTo } from './conversation.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { brokenProbes } from './probes.js';
import { explainRedelivery } from './repetition.js';
import { isSend, nameOf, shownBy, shownKey } from './replies.js';
import { requestEffects } from './request-effects.js';

/** A handler may say its last word a little after it has answered the delivery. */
const AFTER_ANSWER_MS = 500;

/**
 * An update that was delivered again was handled again, and the second handling said something of its own, such as
 * an error text beside the welcome. (What is said twice in the same words is a duplicate; what another step
 * wants is a lost state.)
 */
export const doubleEffect: Checker = {
  kinds: ['double-effect'],
  explain:
    'Something that came twice had an effect twice: an update that was delivered again said something else the second time, a request was carried out again, or the database holds more than the scenario allows.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered([
      ...view.updates.flatMap((update) => draftOf(view, attributions, update) ?? []),
      ...requestEffects(view),
      ...brokenProbes(view, 'double-effect'),
    ]);
  },
};

function draftOf(view: HistoryView, attributions: Attributions, update: UpdateView): Draft | undefined {
  const { step, action } = update;
  const given = givenOf(update);
  if (step === undefined || action === undefined || given.length < 2 || step.expects.length === 0)
    return undefined;
  const replies = repliesTo([update], attributions).filter(
    ({ call }) => isSend(call) && shownBy(call).length > 0,
  );
  const right = replies.find((reply) => isExpected(reply, step.expects));
  if (right === undefined) return undefined;
  for (const [index, again] of given.entries()) {
    const before = given[index - 1];
    if (before === undefined) continue;
    const other = replies.find((reply) => isOfItsOwn(view, attributions, update, reply, again, replies));
    if (other === undefined) continue;
    const { cause, evidence } = explainRedelivery(view, attributions, before, again);
    return {
      kind: 'double-effect',
      cause,
      strength: other.updateStrength,
      step,
      message: `Step ${step.step}: its update was handled again, and brought the ${nameOf(other.call)} as well.`,
      evidence: [action, ...evidence, ...bothEnds(right.call), ...bothEnds(other.call)],
    };
  }
  return undefined;
}

/** Said by this delivery's handling for certain, by no other one, and by nobody's expectation. */
function isOfItsOwn(
  view: HistoryView,
  attributions: Attributions,
  update: UpdateView,
  { call }: Attribution,
  again: DeliveryView,
  replies: readonly Attribution[],
): boolean {
  const from = again.started.at;
  const until = (again.ended?.at ?? view.endAt) + AFTER_ANSWER_MS;
  if (call.started.at < from || call.started.at > until) return false;
  const { step } = update;
  if (step === undefined) return false;
  // What another step wants took the dialogue there: that is a lost state, where it shows.
  const steps = view.users.get(step.user)?.steps ?? [];
  if (shownBy(call).some((content) => steps.some(({ expects }) => matchesAny(content, expects))))
    return false;
  if (replies.some((other) => other.call !== call && shownKey(other.call) === shownKey(call))) return false;
  if (isAnythingElseNew(view, update, from, call.started.at)) return false;
  return !saidUnasked(view, attributions).has(shownKey(call));
}

const memory = new WeakMap<HistoryView, ReadonlySet<string>>();

/** What the bot says by itself, where nothing was handled again: a reminder that fell due just then. */
function saidUnasked(view: HistoryView, attributions: Attributions): ReadonlySet<string> {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const said = new Set<string>();
  for (const call of view.calls) {
    if (!isSend(call)) continue;
    const cause = attributions.of(call);
    if (cause === undefined || (cause.wasAnswered && givenOf(cause.update).length < 2))
      said.add(shownKey(call));
  }
  memory.set(view, said);
  return said;
}

/** Another input of the chat came meanwhile: then this may be its answer. */
function isAnythingElseNew(view: HistoryView, update: UpdateView, from: number, until: number): boolean {
  if (update.chatId === undefined) return true;
  const first = deliveredAt(update) ?? from;
  return (view.chats.get(chatKey(update.bot, update.chatId))?.updates ?? []).some((other) => {
    if (other === update) return false;
    return other.deliveries.some(({ started }) => started.at >= first && started.at <= until);
  });
}
