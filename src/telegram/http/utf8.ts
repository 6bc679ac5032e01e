import { type Buffer, isUtf8 } from 'node:buffer';

/**
 * Stands for bytes that are no UTF-8. Half of a surrogate pair can come from nowhere else but a JSON escape,
 * which the official server refuses with the same words; see `isWellFormed`.
 */
const NOT_UTF8 = '\udfff';
const REPLACEMENT = /\ufffd/g;

/** The text of a body. In one that is not UTF-8, what could not be read is marked. */
export function decodeBody(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? text : markReplaced(text);
}

/** Marks what a decoder has put in place of bad bytes. */
export function markReplaced(text: string): string {
  return text.replace(REPLACEMENT, NOT_UTF8);
}

/** Marks what URLSearchParams could not decode: a replacement character that `source` did not ask for. */
export function markUndecoded(value: string, source: string): string {
  if (!value.includes('\ufffd') || /\ufffd|%ef%bf%bd/i.test(source)) return value;
  return markReplaced(value);
}
