import { type Content, visibleText } from '../history/content.js';
import { matchContent } from '../history/match.js';
import type { Attribution } from './attribution.js';
import { shownBy, shownKey } from './replies.js';

/** Two messages of one input that say the same in other numbers. */
export interface Alike {
  readonly first: Attribution;
  readonly second: Attribution;
}

/**
 * What two handlings of one input each said, though not in the same words: the second order has a number of its own,
 * and the buttons of its message hold it. One handling may well send several that are alike, so it must be sure that
 * there were two of them, unless the user cannot tell the messages from each other (a scenario that knows better says
 * `once`). Nor are those of a list meant.
 */
export function saidAlike(replies: readonly Attribution[], expects: readonly Content[]): Alike[] {
  const pairs: Alike[] = [];
  for (const [index, second] of replies.entries()) {
    if (isOfList(second, expects)) continue;
    const first = replies.slice(0, index).findLast((other) => isSaidAgain(other, second));
    if (first !== undefined) pairs.push({ first, second });
  }
  return pairs;
}

function isSaidAgain(first: Attribution, second: Attribution): boolean {
  if (first.delivery === second.delivery || shownKey(first.call) === shownKey(second.call)) return false;
  const [some, others] = [shownBy(first.call), shownBy(second.call)];
  if (some.length !== others.length) return false;
  const isEach = (is: (a: Content, b: Content) => boolean): boolean =>
    some.every((content, place) => is(content, others[place] ?? content));
  if (!isEach((a, b) => matchContent(a, b) === 'same')) return false;
  return isEach(looksTheSame) || (isSure(first) && isSure(second));
}

const isSure = ({ updateStrength, deliveryStrength }: Attribution): boolean =>
  updateStrength !== 'overlap' && deliveryStrength !== 'overlap';

/** What its buttons hold is hidden from the user. */
const looksTheSame = (a: Content, b: Content): boolean => wordsOf(a) === wordsOf(b) && a.media === b.media;

const wordsOf = ({ text = '', keyboard }: Content): string =>
  [text, ...(keyboard?.rows ?? []).flat().map((button) => button.text)].map(visibleText).join('\n');

/** The recording has several that are alike. */
const isOfList = ({ call }: Attribution, expects: readonly Content[]): boolean => {
  const contents = shownBy(call);
  const [content] = contents;
  if (content === undefined) return true;
  return expects.filter((each) => matchContent(each, content) !== 'no').length > contents.length;
};
