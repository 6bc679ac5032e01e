import { Buffer } from 'node:buffer';
import type { MessageEntity } from '@grammyjs/types';

/** A MessageEntity in the key order of the official server. Offset and length count UTF-16 units. */
export interface Entity {
  readonly offset: number;
  readonly length: number;
  readonly type: string;
  readonly url?: string;
  readonly user?: unknown;
  readonly language?: string;
  readonly custom_emoji_id?: string;
  /** Unix time in seconds. */
  readonly unix_time?: number;
  readonly date_time_format?: string;
}

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly Entity[];
}

/** As the library types them. Parse modes and `readText` make no others. */
export function asEntities(entities: readonly Entity[]): MessageEntity[] {
  return entities as unknown as MessageEntity[];
}

/** The kinds that quotes (documentation of TextQuote) and checklists keep: no links, no code, no blocks. */
export const SIMPLE_KINDS: ReadonlySet<string> = new Set([
  'bold',
  'italic',
  'underline',
  'strikethrough',
  'spoiler',
  'custom_emoji',
  'date_time',
]);

/** Nothing is found, and little else is kept, inside these. */
export function isCode(type: string): boolean {
  return type === 'code' || type === 'pre';
}

/** Which of two entities over the same text comes first. */
const PRIORITY: Readonly<Record<string, number>> = {
  blockquote: 0,
  expandable_blockquote: 0,
  pre: 11,
  code: 20,
  text_link: 49,
  text_mention: 49,
  bold: 90,
  italic: 91,
  underline: 92,
  strikethrough: 93,
  spoiler: 94,
  custom_emoji: 99,
  date_time: 99,
};
const DETECTED_PRIORITY = 50;

/** From left to right, the outer before the inner. */
export function compareEntities(a: Entity, b: Entity): number {
  return (
    a.offset - b.offset ||
    b.length - a.length ||
    (PRIORITY[a.type] ?? DETECTED_PRIORITY) - (PRIORITY[b.type] ?? DETECTED_PRIORITY)
  );
}

/** Position in UTF-8 of a position in UTF-16: error texts count bytes. */
export function byteOffset(text: string, position: number): number {
  return Buffer.byteLength(text.slice(0, position));
}

/** Half of a pair stands alone: such text has no UTF-8. Bytes that are no UTF-8 arrive so too. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** What a parse mode cannot read; the caller puts `can't parse entities: ` before it. */
export class MarkupError extends Error {
  override readonly name = 'MarkupError';
}
