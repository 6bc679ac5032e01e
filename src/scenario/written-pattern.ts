import { visibleText } from '../history/content.js';
import type { WrittenPattern } from '../history/events.js';

/** A regular expression as scenarios write it: a text that begins and ends like one. */
const WRITTEN = /^\/(.+)\/([a-z]*)$/is;
const PLACEHOLDER = /\$\{[^}]*\}/g;

/** The regular expression that a text is; nothing when it is plain words. */
export function patternIn(text: string): WrittenPattern | undefined {
  const [, source, flags = ''] = WRITTEN.exec(text) ?? [];
  return source === undefined ? undefined : { source, flags };
}

/** As {@link patternIn}; plain words become the pattern that finds them, whatever the case. */
export function patternOrWords(text: string): WrittenPattern {
  const words = visibleText(text).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return patternIn(text) ?? { source: words, flags: 'iu' };
}

/** What is wrong with a text that is words or a regular expression; nothing when all is well. */
export function flawOfPattern(text: string): string | undefined {
  if (visibleText(text) === '') return 'must not be empty';
  const pattern = patternIn(text);
  if (pattern === undefined) return undefined;
  const flags = [...new Set(pattern.flags)].filter((flag) => !'dgimsuvy'.includes(flag));
  if (flags.length > 0) {
    return `looks like a regular expression with the unknown flag ${flags.join('')}; write a text with a slash at both ends as /\\/text\\//`;
  }
  try {
    // What users are called is known later; it is letters and digits.
    const compiled = new RegExp(pattern.source.replace(PLACEHOLDER, 'x'), pattern.flags);
    return compiled.test('') ? 'is a regular expression that finds every text, even an empty one' : undefined;
  } catch (error) {
    return `is no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`;
  }
}
