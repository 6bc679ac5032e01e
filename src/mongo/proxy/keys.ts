import { BSON_TYPE } from './elements.js';

/** A place in a small table, from the length and the first byte of a key. */
const slotOf = (length: number, firstByte: number): number => (length * 7 + firstByte) & 0xff;

/** Keys to look for. Finding out which one an element has is cheaper than decoding its key. */
export class KeySet<K extends string = string> {
  readonly #slots: (K | undefined)[] = new Array(256).fill(undefined);

  /** No two of them may fall into the same slot. */
  constructor(...keys: readonly K[]) {
    for (const key of keys) {
      const slot = slotOf(key.length, key.charCodeAt(0));
      if (this.#slots[slot] !== undefined) throw new RangeError(`${key} and ${this.#slots[slot]} look alike`);
      this.#slots[slot] = key;
    }
  }

  /** The key that stands at this place, if it is one of them. */
  at(bytes: Buffer, start: number, end: number): K | undefined {
    const key = this.#slots[slotOf(end - start, bytes[start] as number)];
    return key !== undefined && isText(bytes, start, end, key) ? key : undefined;
  }
}

/** Texts that come again and again are decoded once: commands, collections, sessions. ASCII only, and nothing long. */
const KNOWN: string[] = new Array(256).fill('');

const MAX_KNOWN_LENGTH = 40;

/** The bytes of a key or a name as text. */
export function textAt(bytes: Buffer, start: number, end: number, encoding: 'latin1' | 'utf8'): string {
  const length = end - start;
  if (length === 0 || length > MAX_KNOWN_LENGTH) return bytes.toString(encoding, start, end);
  let hash = length;
  let all = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    all |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (all > 0x7f) return bytes.toString(encoding, start, end);
  const slot = hash & 0xff;
  const known = KNOWN[slot] as string;
  if (isText(bytes, start, end, known)) return known;
  const text = bytes.toString('latin1', start, end);
  KNOWN[slot] = text;
  return text;
}

/** A value as a string, if it is one. */
export function stringAt(bytes: Buffer, type: number, at: number, valueEnd: number): string | undefined {
  if (type !== BSON_TYPE.string) return undefined;
  const start = at + 4;
  return textAt(bytes, start, Math.max(valueEnd - 1, start), 'utf8');
}

function isText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
