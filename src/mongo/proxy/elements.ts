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

/**
 * Where the document that starts here has its last byte, a zero; its first element is four bytes behind its start. With
 * this and the two that follow, one steps over the elements of a document:
 *
 * ```ts
 * const end = documentEnd(bytes, offset);
 * for (let at = offset + 4; at < end; ) {
 *   const keyEnd = keyEndAt(bytes, at, end); // type: bytes[at], key: at + 1 to keyEnd, value: from keyEnd + 1
 *   at = valueEndAt(bytes, at, keyEnd, end);
 * }
 * ```
 *
 * Values are passed over by their size, so the cost depends on the number of keys and not on the size of the document.
 *
 * @throws WireError when the document does not fit into `bytes`
 */
export function documentEnd(bytes: Buffer, offset: number): number {
  const size = offset + 5 <= bytes.length ? int32At(bytes, offset) : 0;
  if (size < 5 || offset + size > bytes.length) throw new WireError('A BSON document is cut off');
  return offset + size - 1;
}

/** Where the zero behind the key of the element at `start` stands. @throws WireError when there is none. */
export function keyEndAt(bytes: Buffer, start: number, end: number): number {
  return zeroFrom(bytes, start + 1, end);
}

/** Where the element at `start` ends, and the next one starts. @throws WireError when that is not before `end`. */
export function valueEndAt(bytes: Buffer, start: number, keyEnd: number, end: number): number {
  const type = bytes[start] as number;
  const fixed = FIXED_BYTES[type] as number;
  const valueEnd = keyEnd + 1 + (fixed >= 0 ? fixed : sizeOf(bytes, type, keyEnd + 1, end));
  if (valueEnd > end) {
    throw new WireError(`The BSON element ${bytes.toString('latin1', start + 1, keyEnd)} is cut off`);
  }
  return valueEnd;
}

/** As `readInt32LE`, which checks its arguments first; this runs many times for each message. */
export function int32At(bytes: Buffer, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** A value as a number, if it is one. Large int64 lose their last digits. */
export function numberAt(bytes: Buffer, type: number, at: number): number | undefined {
  switch (type) {
    case BSON_TYPE.double:
      return bytes.readDoubleLE(at);
    case BSON_TYPE.int32:
      return int32At(bytes, at);
    case BSON_TYPE.int64:
      return Number(bytes.readBigInt64LE(at));
    default:
      return undefined;
  }
}

/** A value as true or false; numbers other than 0 are true, as in MongoDB. */
export function truthAt(bytes: Buffer, type: number, at: number): boolean {
  return type === BSON_TYPE.boolean ? bytes[at] === 1 : (numberAt(bytes, type, at) ?? 0) !== 0;
}

/** A value as an int64 other than 0, if it is one. */
export function idAt(bytes: Buffer, type: number, at: number): bigint | undefined {
  if (type !== BSON_TYPE.int64) return undefined;
  // Most cursors are read to their end at once; a bigint is made for the others only.
  return int32At(bytes, at) === 0 && int32At(bytes, at + 4) === 0 ? undefined : bytes.readBigInt64LE(at);
}

export function hasElements(type: number): boolean {
  return type === BSON_TYPE.document || type === BSON_TYPE.array;
}

/** Of a value whose type has no fixed size. */
function sizeOf(bytes: Buffer, type: number, at: number, end: number): number {
  if (type === REGEX) return zeroFrom(bytes, zeroFrom(bytes, at, end) + 1, end) + 1 - at;
  if (FIXED_BYTES[type] === UNKNOWN) throw new WireError(`A BSON element has the unknown type ${type}`);
  if (at + 4 > end) throw new WireError('A BSON element is cut off');
  const length = int32At(bytes, at);
  if (length < 0) throw new WireError(`A BSON element says that it has ${length} bytes`);
  return length + (LENGTH_EXTRA_BYTES[type] as number);
}

/** Keys are short: a loop is faster than a search by the runtime. */
function zeroFrom(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at += 1) if (bytes[at] === 0) return at;
  throw new WireError('A BSON key has no end');
}
