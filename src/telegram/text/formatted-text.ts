import { Buffer } from 'node:buffer';
import type { User } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { Params } from '../contracts.js';
import {
  FieldError,
  isObject,
  type JsonObject,
  objectField,
  parsing,
  requiredIntegerField,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { DETECTED_TYPES, withAutoEntities } from './auto-entities.js';
import { dateEntity } from './date-time.js';
import {
  compareEntities,
  type Entity,
  type FormattedText,
  isCode,
  isWellFormed,
  MarkupError,
} from './entity.js';
import { parseHtml } from './html.js';
import { linkEntity } from './link-entity.js';
import { parseMarkdown } from './markdown.js';
import { parseMarkdownV2 } from './markdown-v2.js';

/** Characters of a message's text. */
export const LONGEST_TEXT = 4096;

const LONGEST_SOURCE_BYTES = 32_768;

/** Trailing white space and what looks like nothing at all. */
const INVISIBLE_ONLY = /^[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2800\u3164\ufeff]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the server takes exactly these out of texts
const UNWANTED = /[\u0000-\u0008\u000b-\u001f\u007f\u2028-\u202e]/;

/** Under which names a method takes its text. */
export interface TextFields {
  readonly text: string;
  readonly mode: string;
  readonly entities: string;
}

export const TEXT_FIELDS: TextFields = { text: 'text', mode: 'parse_mode', entities: 'entities' };
export const CAPTION_FIELDS: TextFields = {
  text: 'caption',
  mode: 'parse_mode',
  entities: 'caption_entities',
};

/**
 * The text as its parse mode means it. This comes before the chat is looked at; {@link finishText} after.
 * @throws ApiError
 */
export function readText(params: Params, fields: TextFields): FormattedText {
  const source = params.get(fields.text) ?? '';
  if (source.length > LONGEST_SOURCE_BYTES / 4 && Buffer.byteLength(source) > LONGEST_SOURCE_BYTES) {
    throw badRequest('text is too long');
  }
  const mode = params.get(fields.mode);
  if (mode !== undefined && mode !== '') {
    const parser = PARSERS[mode.toLowerCase()];
    if (parser === undefined) throw badRequest('unsupported parse_mode');
    if (parser !== 'none' && source !== '') return parseMarkup(source, parser);
  }
  const entities = params.get(fields.entities);
  return { text: source, entities: entities === undefined ? [] : readEntities(entities) };
}

type Parser = (source: string) => FormattedText;

const PARSERS: Readonly<Record<string, Parser | 'none'>> = {
  html: parseHtml,
  markdown: parseMarkdown,
  markdownv2: parseMarkdownV2,
  none: 'none',
};

function parseMarkup(source: string, parser: Parser): FormattedText {
  if (!isWellFormed(source)) throw badRequest('text must be encoded in UTF-8');
  try {
    return parser(source);
  } catch (error) {
    if (error instanceof MarkupError) throw badRequest(`can't parse entities: ${error.message}`);
    throw error;
  }
}

/** Text that is no JSON array is ignored; a bad element is not. */
function readEntities(text: string): readonly Entity[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const entity = parsing('MessageEntity', () => {
      if (!isObject(item)) throw new FieldError('expected an Object');
      return readEntity(item);
    });
    return entity === undefined ? [] : [entity];
  });
}

function readEntity(item: JsonObject): Entity | undefined {
  const offset = requiredIntegerField(item, 'offset');
  const length = requiredIntegerField(item, 'length');
  const type = requiredStringField(item, 'type').toLowerCase();
  if (DETECTED_TYPES.has(type)) return undefined;
  switch (type) {
    case 'bold':
    case 'italic':
    case 'underline':
    case 'strikethrough':
    case 'spoiler':
    case 'code':
    case 'blockquote':
    case 'expandable_blockquote':
      return { offset, length, type };
    case 'pre': {
      const language = stringField(item, 'language') ?? '';
      return { offset, length, type, ...(language === '' ? {} : { language }) };
    }
    case 'text_link':
      return linkEntity(offset, length, requiredStringField(item, 'url'));
    case 'text_mention':
      return { offset, length, type, user: objectField(item, 'user') ?? {} };
    case 'date_time':
      return readDate(item, offset, length);
    case 'custom_emoji':
      return { offset, length, type, custom_emoji_id: requiredStringField(item, 'custom_emoji_id') };
    default:
      throw new FieldError('Unsupported type specified');
  }
}

function readDate(item: JsonObject, offset: number, length: number): Entity | undefined {
  try {
    return dateEntity(
      offset,
      length,
      requiredIntegerField(item, 'unix_time'),
      stringField(item, 'date_time_format') ?? '',
    );
  } catch (error) {
    // Parse modes have another text for the same.
    if (error instanceof MarkupError) throw new FieldError('Invalid date-time format specified');
    throw error;
  }
}

/**
 * The text as it is stored: cleaned, trimmed, with the entities that Telegram finds by itself.
 * @throws ApiError for entities that do not fit the text
 */
export function finishText(formatted: FormattedText, userOf: UserOf): FormattedText {
  if (!isWellFormed(formatted.text)) throw badRequest('strings must be encoded in UTF-8');
  checkRanges(formatted);
  const { text, entities } = trimmed(UNWANTED.test(formatted.text) ? cleaned(formatted) : formatted);
  const kept = entities.length > 1 ? withoutInsideCode(entities) : entities;
  return { text, entities: withAutoEntities(text, withUsers(kept, userOf)) };
}

/** The user with this id, if the bot knows them. */
export type UserOf = (id: number) => User | undefined;

/** Mentions without a username show the whole user; those of strangers stay plain text. */
function withUsers(entities: readonly Entity[], userOf: UserOf): readonly Entity[] {
  if (!entities.some(({ type }) => type === 'text_mention')) return entities;
  return entities.flatMap((entity) => {
    if (entity.type !== 'text_mention') return entity;
    const user = isObject(entity.user) ? userOf(Number(entity.user.id)) : undefined;
    return user === undefined ? [] : { ...entity, user };
  });
}

/** Is there nothing to see? */
export function isBlank(text: string): boolean {
  return INVISIBLE_ONLY.test(text);
}

/** Length as Telegram counts it: in code points. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) count -= 1;
  }
  return count;
}

function checkRanges({ text, entities }: FormattedText): void {
  for (const { offset, length } of entities) {
    if (offset > text.length) {
      throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`);
    }
    if (offset + length > text.length) {
      throw badRequest(
        `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${offset + length}`,
      );
    }
  }
}

/** Without control characters (they become spaces) and carriage returns and direction marks (they go). */
function cleaned({ text, entities }: FormattedText): FormattedText {
  const kept: string[] = [];
  /** New position of each old one. */
  const moved = new Array<number>(text.length + 1);
  for (let i = 0; i < text.length; i += 1) {
    moved[i] = kept.length;
    const unit = text.charAt(i);
    if (unit === '\r' || /[\u2028-\u202e]/.test(unit)) continue;
    kept.push(UNWANTED.test(unit) ? ' ' : unit);
  }
  moved[text.length] = kept.length;
  const at = (position: number): number => moved[position] ?? kept.length;
  return {
    text: kept.join(''),
    entities: entities.map((entity) => {
      const offset = at(entity.offset);
      return { ...entity, offset, length: at(entity.offset + entity.length) - offset };
    }),
  };
}

/** Trailing white space goes; leading white space too, as far as the first entity. */
function trimmed({ text, entities }: FormattedText): FormattedText {
  const first = entities.reduce((least, entity) => Math.min(least, entity.offset), text.length);
  let start = 0;
  while (start < first && ' \n'.includes(text.charAt(start))) start += 1;
  const end = text.trimEnd().length;
  if (start === 0 && end === text.length) return { text, entities: entities.filter(hasLength) };
  return {
    text: text.slice(start, end),
    entities: entities
      .map((entity) => {
        const offset = entity.offset - start;
        return { ...entity, offset, length: Math.min(entity.offset + entity.length, end) - entity.offset };
      })
      .filter(hasLength),
  };
}

function hasLength(entity: Entity): boolean {
  return entity.length > 0;
}

function withoutInsideCode(entities: readonly Entity[]): readonly Entity[] {
  const sorted = [...entities].sort(compareEntities);
  const code = sorted.filter((entity) => isCode(entity.type));
  if (code.length === 0) return sorted;
  return sorted.filter(
    (entity) =>
      isCode(entity.type) ||
      !code.some(
        (outer) =>
          outer.offset <= entity.offset && entity.offset + entity.length <= outer.offset + outer.length,
      ),
  );
}
