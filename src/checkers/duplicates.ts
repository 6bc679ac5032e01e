import { type Content, contentKey, keyboardKey } from '../history/content.js';
import { matchContent } from '../history/match.js';
import type { CallView, HistoryView, StepView } from '../history/view.js';
import { saidAlike } from './alike.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { type Intention, intentionsOf, repliesTo } from './conversation.js';
import { extrasWithin } from './extras.js';
import { type Checker, type Draft, numbered } from './finding.js';
import { contentAt, isDeleted } from './message-life.js';
import { seenTwice } from './once.js';
import { explainRepetition } from './repetition.js';
import { isKnownToBot, isSend, nameOf, shownBy, shownKey } from './replies.js';
import { toldOfRequests } from './request-effects.js';

/** One duplicate message is one finding: of the keyboard if two of them stand at once, else of the reply. */
export const duplicates: Checker = {
  kinds: ['duplicate-reply', 'duplicate-keyboard'],
  explain:
    'One input of a user brought the same message more often than it should; a keyboard that stands twice can be tapped twice.',
  check(view) {
    const attributions = attributionsOf(view);
    const drafts: Draft[] = [];
    const told = new Set<CallView>(toldOfRequests(view));
    for (const step of view.steps) {
      for (const intention of intentionsOf(step)) {
        for (const { draft, second } of duplicatesOf(view, attributions, intention)) {
          drafts.push(draft);
          told.add(second);
        }
      }
    }
    return numbered([...drafts, ...seenTwice(view, attributions, told)]);
  },
};

interface Told {
  readonly draft: Draft;
  readonly second: CallView;
}

function duplicatesOf(view: HistoryView, attributions: Attributions, intention: Intention): Told[] {
  const groups = new Map<string, Attribution[]>();
  const sends = repliesTo(intention.updates, attributions).filter(
    ({ call }) => isSend(call) && shownBy(call).length > 0,
  );
  for (const reply of sends) {
    const key = shownKey(reply.call);
    groups.set(key, [...(groups.get(key) ?? []), reply]);
  }
  const drafts: Told[] = [];
  const isStanding = (reply: Attribution, group: readonly Attribution[]): boolean =>
    !isTakenAway(view, intention.step, reply, group) && !mayAnswerExtra(view, intention, reply);
  for (const replies of groups.values()) {
    const contents = replies[0] === undefined ? [] : shownBy(replies[0].call);
    const allowed = allowedTimes(intention.step.expects, contents);
    if (replies.length <= allowed) continue;
    const standing = replies.filter((reply) => isStanding(reply, replies));
    for (const [index, second] of standing.entries()) {
      const first = standing[index - allowed];
      if (first === undefined || areUnasked(attributions, first, second)) continue;
      drafts.push({ draft: draftOf(view, attributions, intention, first, second), second: second.call });
    }
  }
  const told = new Set(drafts.map(({ second }) => second));
  for (const { first, second } of saidAlike(sends, intention.step.expects)) {
    if (told.has(second.call) || ![first, second].every((reply) => isStanding(reply, [first, second])))
      continue;
    drafts.push({ draft: draftOf(view, attributions, intention, first, second), second: second.call });
  }
  return drafts;
}

function draftOf(
  view: HistoryView,
  attributions: Attributions,
  { step, updates }: Intention,
  first: Attribution,
  second: Attribution,
): Draft {
  const { cause, strength, evidence } = explainRepetition(view, attributions, updates, first, second);
  const until = nextActionAt(view, step, second.call.effectAt);
  const keyboards = [first, second].map(({ call }) => standingKeyboards(view, call, until));
  const isKeyboard = keyboards.every((keys) => keys.length > 0);
  const [before, name] = [first, second].map(({ call }) => nameOf(call));
  const came = before === name ? `the ${name} came again` : `after the ${before} came the ${name}`;
  const laterMs = Math.max(0, Math.round(second.call.effectAt - first.call.effectAt));
  return {
    kind: isKeyboard ? 'duplicate-keyboard' : 'duplicate-reply',
    cause,
    strength,
    step,
    message: isKeyboard
      ? `Step ${step.step}: ${came} ${laterMs} ms later, and both keyboards can be tapped.`
      : `Step ${step.step}: ${came} ${laterMs} ms later.`,
    evidence,
  };
}

/**
 * How often a step may show the same thing: as often as the recording shows one and the same thing that
 * looks like it, and at least once. ("Item 1" and "Item 2" look alike, but neither stood there twice.)
 */
function allowedTimes(expects: readonly Content[], contents: readonly Content[]): number {
  let most = 1;
  for (const content of contents.slice(0, 1)) {
    const counts = new Map<string, number>();
    for (const expected of expects) {
      if (matchContent(expected, content) === 'no') continue;
      const key = contentKey(expected);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    most = Math.max(most, ...counts.values());
  }
  // An album of several equal parts is one call.
  return contents.length > 1 ? Math.max(1, Math.floor(most / contents.length)) : most;
}

/**
 * The user did something beyond its recording meanwhile, and the bot may well have asked its question again for that.
 * An answer of an extra act's own is not attributed to the step.
 */
function mayAnswerExtra(
  view: HistoryView,
  { actions, step }: Intention,
  { call, others }: Attribution,
): boolean {
  const from = Math.min(...actions.map(({ at }) => at));
  const extras = extrasWithin(view, step.user, from, call.effectAt);
  return extras.some((extra) => others.includes(extra));
}

/** A handler that has sent the same twice does so within a moment, unless something else held it up; ms. */
const APART_MS = 500;

/**
 * News, or a reminder, that came twice by itself: the handler was done and had shown all that the step wants, and the
 * two are too far apart for one thing that was done twice.
 */
function areUnasked({ acknowledgesLast }: Attributions, first: Attribution, second: Attribution): boolean {
  const { ended } = first.delivery;
  return (
    acknowledgesLast &&
    first.delivery === second.delivery &&
    ended?.outcome === 'acknowledged' &&
    [first, second].every(({ call, wasAnswered }) => wasAnswered && call.started.at > ended.at) &&
    isKnownToBot(first.call) &&
    second.call.started.at - first.call.effectAt >= APART_MS
  );
}

/** The bot cleaned up: it deleted the message, or the same handling had turned it into something else. */
function isTakenAway(
  view: HistoryView,
  step: StepView,
  reply: Attribution,
  group: readonly Attribution[],
): boolean {
  const ids = reply.call.ended?.messageIds ?? [];
  if (ids.length === 0) return false;
  const until = nextActionAt(view, step, reply.call.effectAt);
  if (ids.every((id) => isDeleted(view, reply.call, id, until))) return true;
  const next = group.find((other) => other.call.effectAt > reply.call.effectAt);
  if (next === undefined || next.delivery !== reply.delivery) return false;
  return ids.every((id) => {
    const now = contentAt(view, reply.call, id, next.call.started.at);
    return now !== undefined && contentKey(now) !== contentKey(shownBy(reply.call)[ids.indexOf(id)] ?? now);
  });
}

/** When the user did the next thing after a time: in this step or a later one; ms. */
function nextActionAt(view: HistoryView, step: StepView, after: number): number {
  const steps = view.users.get(step.user)?.steps ?? [];
  for (let index = steps.indexOf(step); index < steps.length; index += 1) {
    const times = (steps[index]?.actions ?? []).map((action) => action.at).filter((at) => at > after);
    if (times.length > 0) return Math.min(...times);
  }
  return Number.POSITIVE_INFINITY;
}

/** Inline keyboards of the messages of a call that can still be tapped at a time. */
function standingKeyboards(view: HistoryView, sent: CallView, at: number): string[] {
  return (sent.ended?.messageIds ?? [])
    .map((id) => contentAt(view, sent, id, at))
    .map((content) => (content === undefined ? '' : keyboardKey(content)))
    .filter((key) => key !== '');
}
