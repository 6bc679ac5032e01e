import { type Content, visibleText, type Wanted } from './content.js';
import { isWanted } from './wanted.js';

/**
 * Is this reply the one that a step expects? Texts carry numbers, names and times that differ from run
 * to run, so there are two ways of saying yes.
 */
export type Match = 'same' | 'similar' | 'no';

/** From this share of common words on, two texts with the same buttons count as one message, reworded. */
const SIMILAR_WORDS = 0.7;

/** Compares an expected reply with one that came. */
export function matchContent(expected: Content, actual: Content): Match {
  if (expected.wanted !== undefined) return matchWanted(expected.wanted, actual);
  if (expected.kind !== actual.kind) return 'no';
  const wanted = skeletonOf(expected);
  const got = skeletonOf(actual);
  const sameButtons = wanted.buttons === got.buttons;
  if (wanted.text === got.text) return sameButtons ? 'same' : 'similar';
  return sameButtons && commonWords(wanted.words, got.words) >= SIMILAR_WORDS ? 'similar' : 'no';
}

function matchWanted(wanted: Wanted, actual: Content): Match {
  if (!isWanted(wanted, actual)) return 'no';
  if (wanted.anyOf === undefined) return 'same';
  const matches = wanted.anyOf.map((content) => matchContent(content, actual));
  return matches.includes('same') ? 'same' : matches.includes('similar') ? 'similar' : 'no';
}

interface Skeleton {
  readonly text: string;
  readonly words: ReadonlySet<string>;
  readonly buttons: string;
}

/** Checkers compare each reply with many expectations. Contents never change, so this is computed once. */
const skeletons = new WeakMap<Content, Skeleton>();

function skeletonOf(content: Content): Skeleton {
  const known = skeletons.get(content);
  if (known !== undefined) return known;
  const shown = content.compared ?? content;
  const text = textSkeleton(shown.text ?? '');
  const skeleton = { text, words: new Set(text.split(' ')), buttons: buttonsSkeleton(shown) };
  skeletons.set(content, skeleton);
  return skeleton;
}

/** Says whether a sign is drawn in colour: clients differ in what they send, and people hardly see it. */
const VARIATION = /[\ufe0e\ufe0f]/g;

/** Text without what changes from run to run, or was redacted: case, numbers in any digits, e-mail addresses, invisible characters. */
export function textSkeleton(text: string): string {
  return visibleText(text)
    .toLowerCase()
    .replace(/[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, '@')
    .replace(VARIATION, '')
    .replace(/[0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f-]{27}|\p{Nd}+/gu, '#')
    .replace(/\+#(?:[\s().-]*#)+/g, '+#')
    .replace(/#(?:[.,:/ -]?#)+/g, '#');
}

/** Buttons by their labels, numbers masked. Labels and not data: data often holds ids. */
function buttonsSkeleton({ keyboard }: Pick<Content, 'keyboard'>): string {
  if (keyboard === undefined || keyboard.type === 'remove' || keyboard.type === 'force') return '';
  return keyboard.rows.map((row) => row.map((button) => textSkeleton(button.text)).join('\t')).join('\n');
}

/** Jaccard index of the two sets of words. */
function commonWords(words: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let common = 0;
  for (const word of words) if (others.has(word)) common += 1;
  const all = words.size + others.size - common;
  return all === 0 ? 1 : common / all;
}
