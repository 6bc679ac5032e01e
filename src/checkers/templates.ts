import { type Content, visibleText } from '../history/content.js';

/** A text with gaps in the places of some words. */
export interface Template {
  /** A regular expression that captures what stands in each gap. Made when it is used: there are as many as steps. */
  readonly source: string;
  /** The words that stand in its gaps. */
  readonly wanted: readonly string[];
}

/** A text as templates compare it. */
export const spoken = (text: string): string => visibleText(text).toLowerCase();

/** Finds these words (as {@link spoken}) where they stand alone. */
export function gapOf(words: readonly string[]): RegExp {
  const longestFirst = [...words].sort((a, b) => b.length - a.length).map(escaped);
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
}

/** A content's text with gaps where the words stand; none when they do not, or when nothing is around them. */
export function templateOf(content: Content, gap: RegExp): Template | undefined {
  if (content.text === undefined) return undefined;
  const text = spoken(content.text);
  const wanted = text.match(gap);
  if (wanted === null) return undefined;
  // With one gap and nothing around it, every text fits.
  const around = text.replace(gap, '').replace(/[^\p{L}]/gu, '');
  if (around.length < wanted.length * 2) return undefined;
  const parts = text.split(gap).map((part) => escaped(part).replace(/\p{Nd}+/gu, '\\p{Nd}+'));
  return { wanted, source: `^${parts.join('(.+?)')}$` };
}

export const patternOf = ({ source }: Template): RegExp => new RegExp(source, 'u');

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
