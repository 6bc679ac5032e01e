import { Binary, BSONRegExp, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { ServerError } from '../errors.js';
import { MAX_DEPTH } from './decode.js';
import { type Encodable, Opaque, RawDocument } from './value.js';

const FIRST_CAPACITY_BYTES = 4096;

/** Encodes a document. The result is a buffer of its own. */
export function encode(document: Map<string, Encodable>): Buffer {
  const writer = new Writer();
  writer.document(document, 0);
  return writer.result();
}

class Writer {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY_BYTES);
  #at = 0;

  result(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  document(entries: Iterable<[string | number, Encodable]>, depth: number): void {
    if (depth > MAX_DEPTH)
      throw new ServerError(15, `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH}`);
    const start = this.#room(4);
    for (const [name, value] of entries) {
      const typeAt = this.#room(1);
      this.#name(String(name));
      // Writing the value may move the bytes: take them only afterwards.
      const type = this.#value(value, depth);
      this.#bytes[typeAt] = type;
    }
    this.#byte(0);
    this.#bytes.writeInt32LE(this.#at - start, start);
  }

  /** Writes the value and returns its type. */
  #value(value: Encodable, depth: number): number {
    if (value === null) return 0x0a;
    switch (typeof value) {
      case 'string':
        this.#string(value);
        return 0x02;
      case 'number':
        if (!Number.isInteger(value) || value !== (value | 0)) throw new Error(`${value} is not an int32`);
        this.#int32(value);
        return 0x10;
      case 'bigint':
        this.#int64(value);
        return 0x12;
      case 'boolean':
        this.#byte(value ? 1 : 0);
        return 0x08;
    }
    if (value instanceof Map) {
      this.document(value, depth + 1);
      return 0x03;
    }
    if (Array.isArray(value)) {
      this.document(value.entries(), depth + 1);
      return 0x04;
    }
    if (value instanceof RawDocument) {
      this.#raw(value.raw);
      return 0x03;
    }
    return this.#special(value);
  }

  #special(
    value: Exclude<
      Encodable,
      null | string | number | bigint | boolean | Map<string, Encodable> | Encodable[] | RawDocument
    >,
  ): number {
    if (value instanceof ObjectId) {
      this.#raw(value.id);
      return 0x07;
    }
    if (value instanceof Date) {
      this.#int64(BigInt(value.getTime()));
      return 0x09;
    }
    if (value instanceof Double) {
      const at = this.#room(8);
      this.#bytes.writeDoubleLE(value.value, at);
      return 0x01;
    }
    if (value instanceof Binary) {
      this.#int32(value.position);
      this.#byte(value.sub_type);
      this.#raw(value.buffer.subarray(0, value.position));
      return 0x05;
    }
    if (value instanceof Timestamp) {
      const at = this.#room(8);
      this.#bytes.writeUInt32LE(value.i, at);
      this.#bytes.writeUInt32LE(value.t, at + 4);
      return 0x11;
    }
    if (value instanceof Decimal128) {
      this.#raw(value.bytes);
      return 0x13;
    }
    if (value instanceof BSONRegExp) {
      this.#name(value.pattern);
      this.#name(value.options);
      return 0x0b;
    }
    if (value instanceof MinKey) return 0xff;
    if (value instanceof MaxKey) return 0x7f;
    if (value instanceof Opaque) {
      this.#raw(value.bytes);
      return value.type;
    }
    throw new Error('A value of an unknown type was to be encoded');
  }

  #string(text: string): void {
    const sizeAt = this.#room(4);
    this.#text(text);
    this.#byte(0);
    this.#bytes.writeInt32LE(this.#at - sizeAt - 4, sizeAt);
  }

  #name(text: string): void {
    if (text.includes('\0'))
      throw new ServerError(2, 'A field name or a regular expression contains a null byte');
    this.#text(text);
    this.#byte(0);
  }

  #text(text: string): void {
    const start = this.#room(text.length * 3);
    this.#at = start + this.#bytes.write(text, start, 'utf8');
  }

  #int32(value: number): void {
    const at = this.#room(4);
    this.#bytes.writeInt32LE(value, at);
  }

  #int64(value: bigint): void {
    const at = this.#room(8);
    this.#bytes.writeBigInt64LE(value, at);
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  #raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Takes the next `size` bytes and returns where they start. `#bytes` may be another buffer afterwards. */
  #room(size: number): number {
    const start = this.#at;
    this.#at += size;
    if (this.#at > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#at, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    return start;
  }
}
