import { type Content, visibleText } from './content.js';

/**
 * Is this reply the one that a step expects? Texts carry numbers, names and times that differ from run
 * to run, so there are two ways of saying yes.
 */
export type Match = 'same' | 'similar' | 'no';

/** From this share of common words on, two texts with the same buttons count as one message, reworded. */
const SIMILAR_WORDS = 0.7;

/** Compares an expected reply with one that came. */
export function matchContent(expected: Content, actual: Content): Match {
  if (expected.kind !== actual.kind) return 'no';
  const sameButtons = buttonsSkeleton(expected) === buttonsSkeleton(actual);
  const wanted = textSkeleton(expected.text ?? '');
  const got = textSkeleton(actual.text ?? '');
  if (wanted === got) return sameButtons ? 'same' : 'similar';
  return sameButtons && commonWords(wanted, got) >= SIMILAR_WORDS ? 'similar' : 'no';
}

/** Text without what changes from run to run: case, numbers, invisible characters. */
export function textSkeleton(text: string): string {
  return visibleText(text)
    .toLowerCase()
    .replace(/[0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '#')
    .replace(/#(?:[.,:/ -]?#)+/g, '#');
}

/** Buttons by their labels, numbers masked. Labels and not data: data often holds ids. */
function buttonsSkeleton(content: Content): string {
  const { keyboard } = content;
  if (keyboard === undefined || keyboard.type === 'remove' || keyboard.type === 'force') return '';
  return keyboard.rows.map((row) => row.map((button) => textSkeleton(button.text)).join('\t')).join('\n');
}

/** Jaccard index of the two sets of words. */
function commonWords(a: string, b: string): number {
  const words = new Set(a.split(' '));
  const others = new Set(b.split(' '));
  let common = 0;
  for (const word of words) if (others.has(word)) common += 1;
  const all = words.size + others.size - common;
  return all === 0 ? 1 : common / all;
}
