import { WireError } from '../wire/header.js';

/** BSON element types that this room names. */
export const BSON_TYPE = {
  double: 0x01,
  string: 0x02,
  document: 0x03,
  array: 0x04,
  binary: 0x05,
  boolean: 0x08,
  int32: 0x10,
  int64: 0x12,
} as const;

const UNKNOWN = -1;
/** Values of these types start with their own length. */
const HAS_LENGTH = -2;
const REGEX = 0x0b;

/** Bytes of a value by type, for the types whose values all have the same size. */
const FIXED_BYTES = new Int8Array(256).fill(UNKNOWN);
for (const [type, bytes] of [
  [0x01, 8], // double
  [0x06, 0], // undefined
  [0x07, 12], // ObjectId
  [0x08, 1], // boolean
  [0x09, 8], // date
  [0x0a, 0], // null
  [0x10, 4], // int32
  [0x11, 8], // timestamp
  [0x12, 8], // int64
  [0x13, 16], // decimal128
  [0x7f, 0], // max key
  [0xff, 0], // min key
] as const)
  FIXED_BYTES[type] = bytes;

/** Bytes around a value that starts with its own length, by type. */
const LENGTH_EXTRA_BYTES = new Uint8Array(256);
for (const [type, bytes] of [
  [0x02, 4], // string
  [0x03, 0], // document
  [0x04, 0], // array
  [0x05, 5], // binary: length and subtype
  [0x0c, 16], // DBPointer: length and ObjectId
  [0x0d, 4], // code
  [0x0e, 4], // symbol
  [0x0f, 0], // code with scope
] as const) {
  FIXED_BYTES[type] = HAS_LENGTH;
  LENGTH_EXTRA_BYTES[type] = bytes;
}

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
    const key = this.#slots[slotOf(end - start, bytes[start] ?? 0)];
    return key !== undefined && isText(bytes, start, end, key) ? key : undefined;
  }
}

/** Texts that come again and again are decoded once: commands, collections, sessions. */
class TextCache {
  readonly #slots: string[] = new Array(256).fill('');

  /** ASCII only; `undefined` for anything else, or anything long. */
  textAt(bytes: Buffer, start: number, end: number): string | undefined {
    const length = end - start;
    if (length === 0 || length > 40) return undefined;
    let hash = length;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte > 0x7f) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const slot = hash & 0xff;
    const known = this.#slots[slot] ?? '';
    if (isText(bytes, start, end, known)) return known;
    const text = bytes.toString('latin1', start, end);
    this.#slots[slot] = text;
    return text;
  }
}

function isText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

const texts = new TextCache();

/**
 * Steps over the elements of one BSON document without decoding them. Values are passed over by their
 * size, so the cost depends on the number of keys and not on the size of the document.
 */
export class ElementCursor {
  type = 0;
  /** Where the element starts, its type byte. */
  start = 0;
  /** Where the value starts. */
  valueAt = 0;
  /** Behind the value. */
  end: number;
  readonly #bytes: Buffer;
  readonly #documentEnd: number;

  /** @throws WireError when the document does not fit into `bytes`. */
  constructor(bytes: Buffer, offset: number) {
    const size = offset + 5 <= bytes.length ? bytes.readInt32LE(offset) : 0;
    if (size < 5 || offset + size > bytes.length) throw new WireError('A BSON document is cut off');
    this.#bytes = bytes;
    this.#documentEnd = offset + size - 1;
    this.end = offset + 4;
  }

  get key(): string {
    const start = this.start + 1;
    const end = this.valueAt - 1;
    return texts.textAt(this.#bytes, start, end) ?? this.#bytes.toString('latin1', start, end);
  }

  /** The key, if it is one of these. */
  keyAmong<K extends string>(keys: KeySet<K>): K | undefined {
    return keys.at(this.#bytes, this.start + 1, this.valueAt - 1);
  }

  /** Moves to the next element; false when there is none. @throws WireError when it is malformed. */
  next(): boolean {
    this.start = this.end;
    if (this.start >= this.#documentEnd) return false;
    this.type = this.#bytes[this.start] ?? 0;
    this.valueAt = this.#zeroFrom(this.start + 1) + 1;
    this.end = this.valueAt + this.#valueBytes();
    if (this.end > this.#documentEnd) throw new WireError(`The BSON element ${this.key} is cut off`);
    return true;
  }

  /** The value as a number, if it is one. Large int64 lose their last digits. */
  number(): number | undefined {
    switch (this.type) {
      case BSON_TYPE.double:
        return this.#bytes.readDoubleLE(this.valueAt);
      case BSON_TYPE.int32:
        return this.#bytes.readInt32LE(this.valueAt);
      case BSON_TYPE.int64:
        return Number(this.#bytes.readBigInt64LE(this.valueAt));
      default:
        return undefined;
    }
  }

  /** The value as an int64 other than 0, if it is one. */
  id(): bigint | undefined {
    if (this.type !== BSON_TYPE.int64) return undefined;
    // Most cursors are read to their end at once; a bigint is made for the others only.
    const isZero =
      this.#bytes.readInt32LE(this.valueAt) === 0 && this.#bytes.readInt32LE(this.valueAt + 4) === 0;
    return isZero ? undefined : this.#bytes.readBigInt64LE(this.valueAt);
  }

  /** The value as a string, if it is one. */
  string(): string | undefined {
    if (this.type !== BSON_TYPE.string) return undefined;
    const start = this.valueAt + 4;
    const end = Math.max(this.end - 1, start);
    return texts.textAt(this.#bytes, start, end) ?? this.#bytes.toString('utf8', start, end);
  }

  /** The value as true or false; numbers other than 0 are true, as in MongoDB. */
  truth(): boolean {
    return this.type === BSON_TYPE.boolean ? this.#bytes[this.valueAt] === 1 : (this.number() ?? 0) !== 0;
  }

  /** A cursor over the value, if it is a document or an array. */
  inside(): ElementCursor | undefined {
    const hasElements = this.type === BSON_TYPE.document || this.type === BSON_TYPE.array;
    return hasElements ? new ElementCursor(this.#bytes, this.valueAt) : undefined;
  }

  #valueBytes(): number {
    const fixed = FIXED_BYTES[this.type] ?? UNKNOWN;
    if (fixed >= 0) return fixed;
    if (this.type === REGEX) return this.#zeroFrom(this.#zeroFrom(this.valueAt) + 1) + 1 - this.valueAt;
    if (fixed === UNKNOWN) throw new WireError(`A BSON element has the unknown type ${this.type}`);
    if (this.valueAt + 4 > this.#documentEnd) throw new WireError('A BSON element is cut off');
    const length = this.#bytes.readInt32LE(this.valueAt);
    if (length < 0) throw new WireError(`A BSON element says that it has ${length} bytes`);
    return length + (LENGTH_EXTRA_BYTES[this.type] ?? 0);
  }

  /** Keys are short: a loop is faster than a search by the runtime. */
  #zeroFrom(offset: number): number {
    for (let at = offset; at < this.#documentEnd; at += 1) if (this.#bytes[at] === 0) return at;
    throw new WireError('A BSON key has no end');
  }
}
