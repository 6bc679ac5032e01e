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

/** Bytes of a value, for the types whose values all have the same size. */
const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
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
]);

/** Bytes around a value that starts with its own length, by type. */
const LENGTH_EXTRA_BYTES: ReadonlyMap<number, number> = new Map([
  [0x02, 4], // string
  [0x03, 0], // document
  [0x04, 0], // array
  [0x05, 5], // binary: length and subtype
  [0x0c, 16], // DBPointer: length and ObjectId
  [0x0d, 4], // code
  [0x0e, 4], // symbol
  [0x0f, 0], // code with scope
]);

const REGEX = 0x0b;

/**
 * Steps over the elements of one BSON document without decoding them. Values are passed over by their
 * size, so the cost depends on the number of keys and not on the size of the document.
 */
export class ElementCursor {
  type = 0;
  key = '';
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

  /** Moves to the next element; false when there is none. @throws WireError when it is malformed. */
  next(): boolean {
    this.start = this.end;
    if (this.start >= this.#documentEnd) return false;
    this.type = this.#bytes[this.start] ?? 0;
    const keyEnd = this.#zeroFrom(this.start + 1);
    this.key = this.#bytes.toString('latin1', this.start + 1, keyEnd);
    this.valueAt = keyEnd + 1;
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

  /** The value as a string, if it is one. */
  string(): string | undefined {
    if (this.type !== BSON_TYPE.string) return undefined;
    return this.#bytes.toString('utf8', this.valueAt + 4, this.end - 1);
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
    const fixed = FIXED_BYTES.get(this.type);
    if (fixed !== undefined) return fixed;
    if (this.type === REGEX) return this.#zeroFrom(this.#zeroFrom(this.valueAt) + 1) + 1 - this.valueAt;
    const extra = LENGTH_EXTRA_BYTES.get(this.type);
    if (extra === undefined) throw new WireError(`A BSON element has the unknown type ${this.type}`);
    if (this.valueAt + 4 > this.#documentEnd) throw new WireError('A BSON element is cut off');
    const length = this.#bytes.readInt32LE(this.valueAt);
    if (length < 0) throw new WireError(`A BSON element says that it has ${length} bytes`);
    return length + extra;
  }

  #zeroFrom(offset: number): number {
    const zero = this.#bytes.indexOf(0, offset);
    if (zero === -1 || zero >= this.#documentEnd) throw new WireError('A BSON key has no end');
    return zero;
  }
}
