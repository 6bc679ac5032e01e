import { type Content, visibleText, type Wanted } from './content.js';

/** A longer text is cut before a regular expression looks at it. */
const LONGEST_MATCHED = 4_096;

/** Does a reply have the kind, the words and the buttons that are wanted? (`anyOf` is for `matchContent`.) */
export function isWanted({ kinds, contains, matches, buttons }: Wanted, actual: Content): boolean {
  if (kinds !== undefined && !kinds.includes(actual.kind)) return false;
  const text = visibleText(actual.text ?? '');
  const lower = text.toLowerCase();
  if (contains?.some((words) => !lower.includes(visibleText(words).toLowerCase())) === true) return false;
  if (matches !== undefined && !patternOf(matches).test(shownText(actual))) return false;
  return buttons === undefined || hasButtons(actual, buttons);
}

/** Does an expectation say more than that something of some kind must come? Almost anything meets one that does not. */
export const isTelling = ({ wanted }: Content): boolean =>
  wanted === undefined ||
  wanted.anyOf !== undefined ||
  wanted.contains !== undefined ||
  wanted.matches !== undefined ||
  wanted.buttons !== undefined;

/** What a regular expression looks at. */
export const shownText = ({ text = '' }: Content): string => visibleText(text).slice(0, LONGEST_MATCHED);

function hasButtons({ keyboard }: Content, wanted: readonly string[]): boolean {
  const labels = new Set((keyboard?.rows ?? []).flat().map(({ text }) => visibleText(text).toLowerCase()));
  return wanted.every((label) => labels.has(visibleText(label).toLowerCase()));
}

/** Without `g` and `y`, which would make a test depend on the one before it. */
export function patternOf({ source, flags }: NonNullable<Wanted['matches']>): RegExp {
  const key = `/${source}/${flags}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const pattern = new RegExp(source, flags.replace(/[gy]/g, ''));
  patterns.set(key, pattern);
  return pattern;
}

/** As many as scenarios have; a history that was made by hand may have more. */
const MOST_PATTERNS = 1_000;

class Patterns extends Map<string, RegExp> {
  override set(key: string, pattern: RegExp): this {
    if (this.size >= MOST_PATTERNS) this.clear();
    return super.set(key, pattern);
  }
}

const patterns = new Patterns();
