const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';
const SYLLABLES = CONSONANTS.length * VOWELS.length;

/**
 * A name that no other number has: letters only and easy to say, because bots check what people type, and
 * a name with a digit in it is refused by many. `Beba`, `Bebe`, `Bebi`, …
 */
export function nameOf(number: number): string {
  // At least two syllables: one alone is found in too many words.
  let rest = number + SYLLABLES;
  let name = '';
  do {
    const syllable = rest % SYLLABLES;
    name = `${CONSONANTS[Math.floor(syllable / VOWELS.length)]}${VOWELS[syllable % VOWELS.length]}${name}`;
    rest = Math.floor(rest / SYLLABLES);
  } while (rest > 0);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** All names of a virtual user, by its number. */
export function namesOf(number: number): {
  readonly first: string;
  readonly last: string;
  readonly username: string;
} {
  const first = nameOf(number);
  return { first, last: `Mc${first}`, username: `${first.toLowerCase()}_u${number}` };
}
