import { push } from '../base/groups.js';
import { matchContent } from '../history/match.js';
import { type CallView, chatKey, type HistoryView, type StepView } from '../history/view.js';
import type { Attributions } from './attribution.js';
import { workBeside } from './conversation.js';
import type { Crossing } from './crossings.js';
import { bothEnds } from './finding.js';
import { isNamedIn } from './own-places.js';
import { isSaid, type Someone } from './people.js';
import { isReply, shownBy } from './replies.js';
import { spoken } from './templates.js';

/** An answer that somebody waits for, and in which something of their own stands. */
interface Awaited {
  readonly someone: Someone;
  readonly step: StepView;
  /** What of their own. */
  readonly words: readonly string[];
  readonly isShownBy: (call: CallView) => boolean;
}

/** The whole answer that somebody waits for in vain, in another chat. */
export function inWrongChats(
  view: HistoryView,
  attributions: Attributions,
  people: readonly Someone[],
): Crossing[] {
  const awaited = allAwaited(people);
  const crossings: Crossing[] = [];
  for (const seer of people) {
    for (const call of callsTo(view, seer)) {
      if (!isReply(call)) continue;
      const [hit, ...more] = awaited(call);
      // Users of one session who typed the same wait for the same.
      if (hit === undefined || more.length > 0 || hit.someone === seer) continue;
      const { someone, step, words } = hit;
      if (words.some((word) => seer.words.has(word) || isSaid(seer, word))) continue;
      const asking = step.updates.findLast(
        ({ action }) => (action?.at ?? Number.POSITIVE_INFINITY) <= call.effectAt,
      );
      if (asking === undefined || someone.user.started === undefined) continue;
      if (callsTo(view, someone).some(hit.isShownBy)) continue;
      const own = attributions.of(call);
      if (own?.update.step?.expects.some((each) => words.some((word) => isNamedIn(each, word)))) continue;
      const shown = [asking.action, ...bothEnds(asking.deliveries[0]), own?.update.action, ...bothEnds(call)];
      const beside = workBeside(attributions, seer.user, asking, call.effectAt);
      crossings.push({
        call,
        step,
        owner: someone.user,
        seer: seer.user,
        value: textsOf(call)[0] ?? '',
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

/** Who waits for what a call shows. */
function allAwaited(people: readonly Someone[]): (call: CallView) => readonly Awaited[] {
  const byText = new Map<string, Awaited[]>();
  const byWord = new Map<string, Awaited[]>();
  for (const someone of people) {
    for (const { text, step, wanted } of someone.templates) {
      if (text === undefined) continue;
      const isShownBy = (call: CallView): boolean => textsOf(call).includes(text);
      push(byText, text, { someone, step, words: wanted, isShownBy });
    }
    for (const written of writtenFor(someone)) push(byWord, written.words[0] ?? '', written);
  }
  return (call) => {
    const texts = textsOf(call);
    const written = byWord.size === 0 ? [] : texts.flatMap((text) => partsOf(text, byWord));
    return [
      ...texts.flatMap((text) => byText.get(text) ?? []),
      ...written.filter((each) => each.isShownBy(call)),
    ];
  };
}

/** What was written by hand and names something of the one who waits. */
function writtenFor(someone: Someone): Awaited[] {
  return someone.user.steps.flatMap((step) =>
    step.expects.flatMap((expected) => {
      if (expected.wanted === undefined || expected.text !== undefined) return [];
      const word = [...someone.words].find((each) => isNamedIn(expected, each));
      if (word === undefined) return [];
      const isShownBy = (call: CallView): boolean =>
        shownBy(call).some((content) => matchContent(expected, content) !== 'no');
      return { someone, step, words: [word], isShownBy };
    }),
  );
}

/** A word that is looked for has so many parts at most. */
const MOST_PARTS = 8;

/** Who is looked for by some part of a text. */
function partsOf(text: string, byWord: ReadonlyMap<string, readonly Awaited[]>): readonly Awaited[] {
  const parts = [...text.matchAll(/[\p{L}\p{N}_]+/gu)];
  const found = new Set<Awaited>();
  for (const [from, first] of parts.entries()) {
    for (const last of parts.slice(from, from + MOST_PARTS)) {
      const word = text.slice(first.index, last.index + last[0].length);
      for (const each of byWord.get(word) ?? []) found.add(each);
    }
  }
  return [...found];
}

const textsOf = (call: CallView): string[] =>
  shownBy(call).flatMap(({ text }) => (text === undefined ? [] : spoken(text)));

function callsTo(view: HistoryView, { user: { started } }: Someone): readonly CallView[] {
  return started === undefined ? [] : (view.chats.get(chatKey(started.bot, started.chatId))?.calls ?? []);
}
