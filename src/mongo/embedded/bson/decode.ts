import { Binary, BSONError, BSONRegExp, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { ServerError } from '../errors.js';
import { type Document, Opaque, type Value } from './value.js';

/** The deepest nesting that the official server accepts. */
export const MAX_DEPTH = 200;

/** Longer strings are decoded natively; for short ASCII ones the loop is faster. */
const SHORT_STRING_BYTES = 24;

/** JavaScript's dates end here; the BSON ones go further. */
const MAX_DATE_MS = 8_640_000_000_000_000n;

/**
 * Decodes one BSON document; every number keeps its type. The result holds no view of `bytes`.
 *
 * @throws ServerError when the bytes are not valid BSON.
 */
export function decode(bytes: Buffer): Document {
  const reader = new Reader(bytes);
  try {
    return reader.document(0);
  } catch (error) {
    if (error instanceof RangeError || error instanceof BSONError) throw invalid(error.message);
    throw error;
  }
}

function invalid(reason: string): ServerError {
  return new ServerError(22, `Invalid BSON: ${reason}`);
}

class Reader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  document(depth: number): Document {
    const result: Document = new Map();
    this.#elements(depth, (name, value) => result.set(name, value));
    return result;
  }

  #array(depth: number): Value[] {
    const result: Value[] = [];
    this.#elements(depth, (_name, value) => result.push(value));
    return result;
  }

  #elements(depth: number, add: (name: string, value: Value) => void): void {
    if (depth > MAX_DEPTH)
      throw new ServerError(15, `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH}`);
    const size = this.bytes.readInt32LE(this.#at);
    const end = this.#at + size - 1;
    if (size < 5 || end >= this.bytes.length || this.bytes[end] !== 0)
      throw invalid('a document has a wrong length');
    this.#at += 4;
    for (;;) {
      const type = this.bytes[this.#at++];
      if (type === 0) break;
      if (type === undefined || this.#at > end) throw invalid('a document has no end');
      add(this.#cstring(), this.#value(type, depth));
    }
    if (this.#at !== end + 1) throw invalid('a document ends at the wrong place');
  }

  #value(type: number, depth: number): Value {
    const { bytes } = this;
    switch (type) {
      case 0x01:
        return new Double(bytes.readDoubleLE(this.#skip(8)));
      case 0x02:
        return this.#string();
      case 0x03:
        return this.document(depth + 1);
      case 0x04:
        return this.#array(depth + 1);
      case 0x05:
        return this.#binary();
      case 0x07:
        return new ObjectId(this.#copy(12));
      case 0x08: {
        const flag = bytes[this.#skip(1)];
        if (flag !== 0 && flag !== 1) throw invalid('a boolean is neither 0 nor 1');
        return flag === 1;
      }
      case 0x09:
        return this.#date();
      case 0x0a:
        return null;
      case 0x0b:
        return new BSONRegExp(this.#cstring(), this.#cstring());
      case 0x10:
        return bytes.readInt32LE(this.#skip(4));
      case 0x11:
        return new Timestamp(bytes.readBigUInt64LE(this.#skip(8)));
      case 0x12:
        return bytes.readBigInt64LE(this.#skip(8));
      case 0x13:
        return new Decimal128(this.#copy(16));
      case 0xff:
        return new MinKey();
      case 0x7f:
        return new MaxKey();
      default:
        return this.#opaque(type);
    }
  }

  #opaque(type: number): Opaque {
    const start = this.#at;
    switch (type) {
      case 0x06:
        break;
      case 0x0c:
        this.#string();
        this.#skip(12);
        break;
      case 0x0d:
      case 0x0e:
        this.#string();
        break;
      case 0x0f:
        this.#skip(this.bytes.readInt32LE(this.#at));
        break;
      default:
        throw invalid(`unknown type 0x${type.toString(16)}`);
    }
    return new Opaque(type, Buffer.from(this.bytes.subarray(start, this.#at)));
  }

  #date(): Date {
    const ms = this.bytes.readBigInt64LE(this.#skip(8));
    if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) throw new ServerError(2, `The date ${ms} ms is out of range`);
    return new Date(Number(ms));
  }

  #binary(): Binary {
    const size = this.bytes.readInt32LE(this.#skip(4));
    const subtype = this.bytes[this.#skip(1)];
    return new Binary(this.#copy(size), subtype);
  }

  #string(): string {
    const size = this.bytes.readInt32LE(this.#skip(4));
    const start = this.#skip(size);
    if (size < 1 || this.bytes[start + size - 1] !== 0) throw invalid('a string has no end');
    return this.#text(start, start + size - 1);
  }

  #cstring(): string {
    const start = this.#at;
    const end = this.bytes.indexOf(0, start);
    if (end === -1) throw invalid('a name has no end');
    this.#at = end + 1;
    return this.#text(start, end);
  }

  #text(start: number, end: number): string {
    if (end - start > SHORT_STRING_BYTES) return this.bytes.toString('utf8', start, end);
    let text = '';
    for (let at = start; at < end; at += 1) {
      const byte = this.bytes[at] ?? 0;
      if (byte > 0x7f) return this.bytes.toString('utf8', start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Steps over `size` bytes and returns where they start. */
  #skip(size: number): number {
    const start = this.#at;
    if (size < 0 || start + size > this.bytes.length) throw invalid('a value is cut off');
    this.#at += size;
    return start;
  }

  #copy(size: number): Buffer {
    const start = this.#skip(size);
    return Buffer.from(this.bytes.subarray(start, start + size));
  }
}
