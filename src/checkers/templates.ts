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

/** Some words (as {@link spoken}), to be found where they stand alone. */
export interface Gap {
  readonly words: readonly string[];
  readonly pattern: RegExp;
}

export function gapOf(words: readonly string[]): Gap {
  const longestFirst = [...words].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
  return { words, pattern };
}

/** A content's text with gaps where the words stand; none when they do not, or when nothing is around them. */
export function templateOf(content: Content, { words, pattern }: Gap): Template | undefined {
  if (content.text === undefined) return undefined;
  const text = spoken(content.text);
  // Most texts have none of the words, and to see that takes no pattern.
  if (!words.some((word) => text.includes(word))) return undefined;
  const wanted = text.match(pattern);
  if (wanted === null) return undefined;
  // With one gap and nothing around it, every text fits.
  const around = text.replace(pattern, '').replace(/[^\p{L}]/gu, '');
  if (around.length < wanted.length * 2) return undefined;
  const parts = text.split(pattern).map((part) => escaped(part).replace(/\p{Nd}+/gu, '\\p{Nd}+'));
  return { wanted, source: `^${parts.join('(.+?)')}$` };
}

export const patternOf = ({ source }: Template): RegExp => new RegExp(source, 'u');

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
