import { push } from '../base/groups.js';
import type { CallView, HistoryView, StepView, UpdateView, UserView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { repliesTo, workBeside } from './conversation.js';
import { bothEnds } from './finding.js';
import { isNamedIn } from './own-places.js';
import { isSaid, peopleOf, type Someone, type StepTemplate } from './people.js';
import type { Explanation } from './repetition.js';
import { shownBy } from './replies.js';
import { weakest } from './strength.js';
import { patternOf, spoken } from './templates.js';
import { inWrongChats } from './wrong-chats.js';

/**
 * Replies that show one user what belongs to another. Lists of people, referrals and news hold the names of others on
 * purpose, so a name alone proves nothing. What does: it stands in a gap where the recording has the user's own, or where
 * others saw their own, and where most people saw their own; or the whole answer that somebody waits for in vain came to
 * another chat.
 */
export interface Crossing {
  readonly call: CallView;
  /** The step that was answered with it; for an answer in the wrong chat the step that lacks it. */
  readonly step: StepView;
  /** Whose it is. */
  readonly owner: UserView;
  /** Who saw it. */
  readonly seer: UserView;
  /** What stands there. */
  readonly value: string;
  /** What belongs there; absent for an answer in the wrong chat. */
  readonly wanted?: string;
  readonly explanation: Explanation;
}

/** Without any sign that both were at work at once, so many times as many people must have seen their own. */
const FAR_MORE = 10;
/** The same for a place that is known only from what others saw there, and of which no expectation speaks. */
const MANY_MORE = 5;

const memory = new WeakMap<HistoryView, ReadonlyMap<CallView, Crossing>>();

/** All crossings of a history by their call. Computed once for a view. */
export function crossingsOf(view: HistoryView): ReadonlyMap<CallView, Crossing> {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const found = new Map<CallView, Crossing>();
  if (view.users.size > 1) {
    const attributions = attributionsOf(view);
    const people = peopleOf(view, attributions);
    for (const crossing of [...inGaps(attributions, people), ...inWrongChats(view, attributions, people)]) {
      if (!found.has(crossing.call)) found.set(crossing.call, crossing);
    }
  }
  memory.set(view, found);
  return found;
}

interface Candidate {
  readonly reply: Attribution;
  readonly seer: Someone;
  readonly owners: readonly Someone[];
  readonly template: StepTemplate;
  readonly value: string;
  readonly wanted: string;
}

/** A word of somebody else in the place of the user's own. */
function inGaps(attributions: Attributions, people: readonly Someone[]): Crossing[] {
  const owners = new Map<string, Someone[]>();
  for (const someone of people) {
    for (const word of someone.words) push(owners, word, someone);
  }
  /** Who saw their own in the gaps of a template, by the text around them. */
  const own = new Map<string, Set<UserView>>();
  const candidates: Candidate[] = [];
  for (const seer of people) {
    for (const template of seer.templates) {
      const { source, text } = template;
      let pattern: RegExp | undefined;
      for (const reply of repliesTo(template.step.updates, attributions)) {
        // Most replies are just what is wanted: no pattern is made for those.
        const isOwn =
          text !== undefined && shownBy(reply.call).some((shown) => spoken(shown.text ?? '') === text);
        pattern ??= isOwn ? undefined : patternOf(template);
        const values = pattern === undefined ? template.wanted : valuesIn(pattern, reply.call);
        if (values === undefined) continue;
        if (values.every((value, index) => value === template.wanted[index])) {
          own.set(source, (own.get(source) ?? new Set()).add(seer.user));
          continue;
        }
        for (const [place, wanted] of template.wanted.entries()) {
          const value = values[place];
          if (value === undefined || value === wanted || !seer.words.has(wanted)) continue;
          if (seer.words.has(value) || isSaid(seer, value)) continue;
          if (template.step.expects.some((expected) => isNamedIn(expected, value))) continue;
          const others = (owners.get(value) ?? []).filter((other) => hadSaid(other, value, reply));
          if (others.length === 0) continue;
          candidates.push({ reply, seer, owners: others, template, value, wanted });
          break;
        }
      }
    }
  }
  const crossed = new Map<string, Set<UserView>>();
  for (const { template, seer } of candidates) {
    const { source } = template;
    crossed.set(source, (crossed.get(source) ?? new Set()).add(seer.user));
  }
  return candidates.flatMap((candidate) => {
    const { source } = candidate.template;
    const ownCount = own.get(source)?.size ?? 0;
    const crossedCount = crossed.get(source)?.size ?? 0;
    if (isAnybodys(people, candidate)) return [];
    // Where most people see somebody else, it is no place for one's own: the best of all, the last who came.
    if (ownCount <= crossedCount && !isMissed(candidate)) return [];
    if (isUnspoken(candidate) && ownCount < crossedCount * MANY_MORE) return [];
    const crossing = crossingOf(attributions, candidate);
    const isUnexplained = crossing.explanation.cause === 'unknown';
    return isUnexplained && ownCount < crossedCount * FAR_MORE ? [] : crossing;
  });
}

/** Nothing but what others saw says that the user's own belongs there. */
const isUnspoken = ({ template: { text, step }, wanted }: Candidate): boolean =>
  text === undefined && !step.expects.some((expected) => isNamedIn(expected, wanted));

/** It was written that the user's own must be there, and it stands nowhere in the reply. */
const isMissed = ({ template: { step }, wanted, reply }: Candidate): boolean =>
  step.expects.some((expected) => isNamedIn(expected, wanted)) &&
  !shownBy(reply.call).some(({ text = '' }) => spoken(text).includes(wanted));

function valuesIn(pattern: RegExp, call: CallView): string[] | undefined {
  for (const { text = '' } of shownBy(call)) {
    const values = pattern.exec(spoken(text))?.slice(1);
    if (values !== undefined) return values;
  }
  return undefined;
}

/** It is a name or an id of theirs, or they had typed it before. */
function hadSaid({ user }: Someone, value: string, { call }: Attribution): boolean {
  if (user.started?.marks?.some((mark) => spoken(mark) === value) === true) return true;
  return user.steps.some(({ actions }) =>
    actions.some(({ text, at }) => at <= call.effectAt && spoken(text ?? '') === value),
  );
}

/** The bot says it to people whose it is not: a word of the bot's own. */
function isAnybodys(people: readonly Someone[], { value }: Candidate): boolean {
  return people.some(
    ({ user, words }) =>
      !words.has(value) &&
      user.steps.some(({ expects }) =>
        expects.some((expected) => spoken(expected.text ?? '').includes(value) || isNamedIn(expected, value)),
      ),
  );
}

function crossingOf(
  attributions: Attributions,
  { reply, seer, owners, template, value, wanted }: Candidate,
): Crossing {
  const at = reply.call.effectAt;
  const atWork = owners.flatMap((owner) =>
    workBeside(attributions, owner.user, reply.update, at).map((update) => ({ owner, update })),
  );
  // What is shared is mostly shared by those who are at the same step.
  const isSameStep = ({ update }: { update: UpdateView }) => update.step?.step === template.step.step;
  const beside = atWork.findLast(isSameStep) ?? atWork.at(-1);
  const owner = beside?.owner ?? owners[0] ?? seer;
  return {
    call: reply.call,
    step: template.step,
    owner: owner.user,
    seer: seer.user,
    value,
    wanted,
    explanation: explained(reply, owner.user, value, beside?.update),
  };
}

function explained(
  reply: Attribution,
  owner: UserView,
  value: string,
  beside: UpdateView | undefined,
): Explanation {
  const said = owner.steps
    .flatMap(({ actions }) => actions)
    .findLast(({ at, text }) => at <= reply.call.effectAt && spoken(text ?? '') === value);
  const shown = [reply.update.action, reply.delivery.started, ...bothEnds(reply.call)];
  const strength = weakest(reply.updateStrength, 'marker');
  if (beside === undefined) {
    return { cause: 'unknown', strength, evidence: [said ?? owner.started, ...shown] };
  }
  const evidence = [said, beside.action, ...bothEnds(beside.deliveries[0]), ...shown];
  return { cause: 'shared-variable', strength, evidence };
}
