/** More are not remembered: what comes again and again has come by then. */
const MOST_VALUES = 16_384;
const MOST_BYTES = 4 * 1024 * 1024;
/** Places for them; a power of two, and so many that most values stand where they are looked for first. */
const PLACES = 4 * MOST_VALUES;

/** Values by the bytes that they were read from, so that what comes again need not be read again. */
export class Remembered {
  /** Indexes into the values, plus one. */
  readonly #places = new Uint16Array(PLACES);
  readonly #values: unknown[] = [];
  /** The bytes of one value after another, and where each begins. */
  #bytes = new Uint8Array(4096);
  readonly #starts: number[] = [0];

  /** The value of these bytes: the same as before, or made now. What is undefined is not remembered. */
  get(
    bytes: Buffer,
    from: number,
    to: number,
    make: (bytes: Buffer, from: number, to: number) => unknown,
  ): unknown {
    let place = hashOf(bytes, from, to) & (PLACES - 1);
    for (let index = this.#places[place] ?? 0; index !== 0; index = this.#places[place] ?? 0) {
      if (this.#isSame(index - 1, bytes, from, to)) return this.#values[index - 1];
      place = (place + 1) & (PLACES - 1);
    }
    const value = make(bytes, from, to);
    if (value !== undefined) this.#keep(place, value, bytes, from, to);
    return value;
  }

  #isSame(index: number, bytes: Buffer, from: number, to: number): boolean {
    const start = this.#starts[index] ?? 0;
    const length = to - from;
    if ((this.#starts[index + 1] ?? 0) - start !== length) return false;
    for (let at = 0; at < length; at += 1) {
      if (this.#bytes[start + at] !== bytes[from + at]) return false;
    }
    return true;
  }

  #keep(place: number, value: unknown, bytes: Buffer, from: number, to: number): void {
    const start = this.#starts.at(-1) ?? 0;
    const end = start + to - from;
    if (this.#values.length >= MOST_VALUES || end > MOST_BYTES) return;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(MOST_BYTES, end * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(from, to), start);
    this.#starts.push(end);
    this.#values.push(value);
    this.#places[place] = this.#values.length;
  }
}

/** FNV-1a. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}
