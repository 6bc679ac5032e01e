import type { CallView, HistoryView, StepView, UpdateView, UserView } from '../history/view.js';
import { chatKey } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { repliesTo, spanOf } from './conversation.js';
import { bothEnds } from './finding.js';
import type { Explanation } from './repetition.js';
import { isReply, shownBy } from './replies.js';
import { weakest } from './strength.js';
import { gapOf, patternOf, spoken, type Template, templateOf } from './templates.js';

/**
 * Replies that show one user what belongs to another. Lists of people, referrals and news hold the names of others on
 * purpose, so a name alone proves nothing. What does: it stands in a gap where the recording has the user's own, and
 * where most people saw their own; or the whole answer that somebody waits for in vain came to another chat.
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

/** Shorter inputs and marks stand in too many texts by chance. */
const SHORTEST = 4;
/** Of one user so many words are looked for. */
const MOST_WORDS = 100;
/** Without any sign that both were at work at once, so many times as many people must have seen their own. */
const FAR_MORE = 10;

const memory = new WeakMap<HistoryView, ReadonlyMap<CallView, Crossing>>();

/** All crossings of a history by their call. Computed once for a view. */
export function crossingsOf(view: HistoryView): ReadonlyMap<CallView, Crossing> {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const found = new Map<CallView, Crossing>();
  const people = peopleOf(view);
  if (people.length > 1) {
    const attributions = attributionsOf(view);
    for (const crossing of [...inGaps(attributions, people), ...inWrongChats(view, attributions, people)]) {
      if (!found.has(crossing.call)) found.set(crossing.call, crossing);
    }
  }
  memory.set(view, found);
  return found;
}

interface Someone {
  readonly user: UserView;
  /** What belongs to this user alone among all who play another session. */
  readonly words: ReadonlySet<string>;
  readonly templates: readonly StepTemplate[];
}

interface StepTemplate extends Template {
  readonly step: StepView;
  readonly text: string;
}

function peopleOf(view: HistoryView): Someone[] {
  return [...view.users.values()].map((user) => {
    const words = new Set(wordsOf(user));
    if (words.size === 0) return { user, words, templates: [] };
    // What was chosen stands in texts as what was typed does, but the labels are the bot's own words.
    const gap = gapOf([...words, ...labelsOf(user)]);
    const templates = user.steps.flatMap((step) =>
      step.expects.flatMap((content) => {
        const template = templateOf(content, gap);
        if (template?.wanted.some((word) => words.has(word)) !== true) return [];
        return { ...template, step, text: spoken(content.text ?? '') };
      }),
    );
    return { user, words, templates };
  });
}

/** The user's names, its id, and what it typed. */
function wordsOf({ started, steps }: UserView): string[] {
  const typed = steps.flatMap(({ actions: [action] }) =>
    action?.kind === 'text' && action.text !== undefined && !action.text.startsWith('/') ? action.text : [],
  );
  return [...(started?.marks ?? []), ...typed]
    .map(spoken)
    .filter((word) => word.length >= SHORTEST)
    .slice(0, MOST_WORDS);
}

const labelsOf = ({ steps }: UserView): string[] =>
  steps
    .flatMap(({ actions: [action] }) => (action?.button === undefined ? [] : spoken(action.button.text)))
    .filter((label) => label.length >= SHORTEST)
    .slice(0, MOST_WORDS);

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
      const { source } = template;
      const pattern = patternOf(template);
      for (const reply of repliesTo(template.step.updates, attributions)) {
        const values = valuesIn(pattern, reply.call);
        if (values === undefined) continue;
        if (values.every((value, index) => value === template.wanted[index])) {
          own.set(source, (own.get(source) ?? new Set()).add(seer.user));
          continue;
        }
        for (const [place, wanted] of template.wanted.entries()) {
          const value = values[place];
          if (value === undefined || value === wanted || !seer.words.has(wanted)) continue;
          if (seer.words.has(value) || isSaid(seer, value)) continue;
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
    // Where most people see somebody else, it is no place for one's own: the best of all, the last who came.
    if (ownCount <= crossedCount || isAnybodys(people, candidate)) return [];
    const crossing = crossingOf(attributions, candidate);
    const isUnexplained = crossing.explanation.cause === 'unknown';
    return isUnexplained && ownCount < crossedCount * FAR_MORE ? [] : crossing;
  });
}

function valuesIn(pattern: RegExp, call: CallView): string[] | undefined {
  for (const { text = '' } of shownBy(call)) {
    const values = pattern.exec(spoken(text))?.slice(1);
    if (values !== undefined) return values;
  }
  return undefined;
}

/** The user wrote it, or a part of what it wrote is this. */
const isSaid = ({ user }: Someone, value: string): boolean =>
  user.steps.some(({ actions }) => actions.some(({ text }) => spoken(text ?? '').includes(value)));

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
      user.steps.some(({ expects }) => expects.some(({ text }) => spoken(text ?? '').includes(value))),
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

/** Inputs of a user that were at work while another one's was, until a time. */
function workBeside(
  attributions: Attributions,
  user: UserView,
  other: UpdateView,
  until: number,
): UpdateView[] {
  const from = spanOf(other, attributions)?.from ?? until;
  return user.steps
    .flatMap(({ updates }) => updates)
    .filter((update) => {
      const span = spanOf(update, attributions);
      return span !== undefined && span.from <= until && span.until >= from;
    });
}

/** The whole answer that somebody waits for in vain, in another chat. */
function inWrongChats(view: HistoryView, attributions: Attributions, people: readonly Someone[]): Crossing[] {
  const wanting = new Map<string, { someone: Someone; template: StepTemplate }[]>();
  const byChat = new Map<string, Someone>();
  for (const someone of people) {
    const { started } = someone.user;
    if (started !== undefined) byChat.set(chatKey(started.bot, started.chatId), someone);
    for (const template of someone.templates) {
      push(wanting, template.text, { someone, template });
    }
  }
  const crossings: Crossing[] = [];
  for (const [key, seer] of byChat) {
    for (const call of view.chats.get(key)?.calls ?? []) {
      if (!isReply(call)) continue;
      const texts = shownBy(call).flatMap(({ text }) => (text === undefined ? [] : spoken(text)));
      const [hit, ...more] = texts.flatMap((text) => wanting.get(text) ?? []);
      // Users of one session who typed the same wait for the same.
      if (hit === undefined || more.length > 0 || hit.someone === seer) continue;
      const { someone, template } = hit;
      if (template.wanted.some((word) => seer.words.has(word) || isSaid(seer, word))) continue;
      const asking = template.step.updates.findLast(
        ({ action }) => (action?.at ?? Number.POSITIVE_INFINITY) <= call.effectAt,
      );
      if (asking === undefined || wasShown(view, someone, template.text)) continue;
      const own = attributions.of(call);
      const shown = [asking.action, ...bothEnds(asking.deliveries[0]), own?.update.action, ...bothEnds(call)];
      const beside = workBeside(attributions, seer.user, asking, call.effectAt);
      crossings.push({
        call,
        step: template.step,
        owner: someone.user,
        seer: seer.user,
        value: texts[0] ?? '',
        explanation: {
          cause: beside.length > 0 ? 'shared-variable' : 'unknown',
          strength: 'marker',
          evidence: [...beside.slice(-1).map(({ action }) => action), ...shown],
        },
      });
    }
  }
  return crossings;
}

/** Did it come to the chat of the one who wants it, at any time? */
function wasShown(view: HistoryView, { user: { started } }: Someone, wanted: string): boolean {
  if (started === undefined) return true;
  const calls = view.chats.get(chatKey(started.bot, started.chatId))?.calls ?? [];
  return calls.some((call) => shownBy(call).some(({ text }) => spoken(text ?? '') === wanted));
}

function push<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
