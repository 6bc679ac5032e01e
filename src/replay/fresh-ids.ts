import { randomInteger, randomStream } from '../base/random.js';

/** Each virtual user has a block of this many ids, for itself and the people and groups around it. */
const BLOCK = 1_009;
/** Basic groups must stay above -10^12, so no fresh id reaches that. */
const SPARE = 900_000_000_000;
const SUPERGROUPS = -1_000_000_000_000;

/** Ids that nobody has had before in this run. They depend on the seed and on the number of the user alone. */
export class FreshIds {
  readonly #base: number;
  #spare = 0;

  constructor(seed: string) {
    this.#base = randomInteger(randomStream(seed, 'replay/ids'), 5_000_000_000, 6_000_000_000);
  }

  /** The `index`-th id of the virtual user with this number; 0 is the user itself. */
  id(userNumber: number, index: number): number {
    if (index < BLOCK && userNumber * BLOCK < SPARE / 2) return this.#base + userNumber * BLOCK + index;
    this.#spare += 1;
    return SPARE + this.#spare;
  }
}

/** The id of a group in the range of its kind. */
export function groupId(id: number, recorded: number): number {
  return recorded < SUPERGROUPS ? SUPERGROUPS - id : -id;
}
