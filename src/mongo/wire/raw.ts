import { MAX_MESSAGE_BYTES, WireError } from './header.js';

/** The shortest BSON document: its length and the closing zero. */
const EMPTY_DOCUMENT_BYTES = 5;

/** A view of the BSON document that starts at `offset`; its inside is not looked at. */
export function readRawDocument(bytes: Buffer, offset: number, end = bytes.length): Buffer {
  if (end - offset < EMPTY_DOCUMENT_BYTES) throw new WireError('A BSON document is cut off');
  const size = bytes.readInt32LE(offset);
  if (size < EMPTY_DOCUMENT_BYTES || size > MAX_MESSAGE_BYTES || offset + size > end) {
    throw new WireError(`A BSON document says that it has ${size} bytes, there are ${end - offset}`);
  }
  if (bytes[offset + size - 1] !== 0) throw new WireError('A BSON document does not end with a zero');
  return bytes.subarray(offset, offset + size);
}

/** A zero-terminated string; `end` of the result is behind the zero. */
export function readCString(
  bytes: Buffer,
  offset: number,
  end = bytes.length,
): { readonly value: string; readonly end: number } {
  const zero = bytes.indexOf(0, offset);
  if (zero === -1 || zero >= end) throw new WireError('A string has no end');
  return { value: bytes.toString('utf8', offset, zero), end: zero + 1 };
}
