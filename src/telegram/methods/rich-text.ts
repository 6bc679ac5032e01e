import { badRequest } from '../api-error.js';
import {
  FieldError,
  isObject,
  type JsonObject,
  objectField,
  requiredIntegerField,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { withAutoEntities } from '../text/auto-entities.js';
import type { Entity } from '../text/entity.js';
import { codePoints } from '../text/formatted-text.js';
import type { World } from '../world.js';

/** The limits of the documentation of rich messages. Above them the backend's own words are not published. */
const LONGEST_TEXT = 32_768;
const MOST_BLOCKS = 500;
const DEEPEST = 16;
const MOST_MEDIA = 50;

/** What is counted while a rich message is read. */
export class RichLimits {
  #characters = 0;
  #blocks = 0;
  #media = 0;

  text(text: string): void {
    this.#characters += codePoints(text);
    if (this.#characters > LONGEST_TEXT) throw badRequest('rich message text is too long');
  }

  block(): void {
    this.#blocks += 1;
    if (this.#blocks > MOST_BLOCKS) throw badRequest('rich message has too many blocks');
  }

  media(): void {
    this.#media += 1;
    if (this.#media > MOST_MEDIA) throw badRequest('rich message has too many media');
  }

  depth(depth: number): void {
    if (depth > DEEPEST) throw badRequest('rich message is nested too deep');
  }
}

/** Everything that texts are read with. */
export interface RichReader {
  readonly world: World;
  readonly limits: RichLimits;
  /** Links, mentions, commands … are found in plain text. */
  readonly detects: boolean;
}

/** Kinds whose only own field is the text. */
const WRAPPERS: ReadonlySet<string> = new Set([
  ...[
    'bold',
    'italic',
    'underline',
    'strikethrough',
    'spoiler',
    'subscript',
    'superscript',
    'marked',
    'code',
  ],
]);

/** Kinds with a text and one more string, by the name of that string. */
const NAMED: Readonly<Record<string, string>> = {
  url: 'url',
  email_address: 'email_address',
  phone_number: 'phone_number',
  bank_card_number: 'bank_card_number',
  mention: 'username',
  hashtag: 'hashtag',
  cashtag: 'cashtag',
  bot_command: 'bot_command',
  anchor_link: 'anchor_name',
  reference: 'name',
  reference_link: 'reference_name',
};

/** Nothing is found in what is a link or code already. */
const OPAQUE: ReadonlySet<string> = new Set(['code', 'url', 'email_address', 'phone_number', 'text_mention']);

/** @throws ApiError, FieldError */
export function readRichText(reader: RichReader, value: unknown, depth: number): unknown {
  reader.limits.depth(depth);
  if (typeof value === 'string') {
    reader.limits.text(value);
    return reader.detects ? withLinks(value) : value;
  }
  if (Array.isArray(value)) return value.flatMap((part) => readRichText(reader, part, depth + 1));
  if (!isObject(value)) throw new FieldError('RichText must be a String, an Array or an Object');
  const type = requiredStringField(value, 'type');
  const inside = OPAQUE.has(type) ? { ...reader, detects: false } : reader;
  const text = (): unknown => {
    if (value.text === undefined) throw new FieldError('Can\'t find field "text"');
    return readRichText(inside, value.text, depth + 1);
  };
  if (WRAPPERS.has(type)) return { type, text: text() };
  const named = NAMED[type];
  if (named !== undefined) return { type, text: text(), [named]: requiredStringField(value, named) };
  switch (type) {
    case 'date_time':
      return {
        type,
        text: text(),
        unix_time: requiredIntegerField(value, 'unix_time'),
        date_time_format: stringField(value, 'date_time_format') ?? '',
      };
    case 'text_mention': {
      const user = reader.world.chats.user(requiredIntegerField(objectField(value, 'user') ?? {}, 'id'));
      if (user === undefined) throw badRequest('user not found');
      return { type, text: text(), user };
    }
    case 'custom_emoji': {
      const id = requiredStringField(value, 'custom_emoji_id');
      if (!/^-?\d+$/.test(id) || BigInt(id) === 0n)
        throw badRequest('invalid custom emoji identifier specified');
      const alternative = stringField(value, 'alternative_text') ?? '';
      reader.limits.text(alternative);
      return { type, custom_emoji_id: id, alternative_text: alternative };
    }
    case 'mathematical_expression': {
      const expression = requiredStringField(value, 'expression');
      reader.limits.text(expression);
      return { type, expression };
    }
    case 'anchor':
      return { type, name: requiredStringField(value, 'name') };
    case 'button':
      return { type, button: readRichButton(reader, value.button, depth + 1) };
    default:
      throw new FieldError(`type "${type}" is unsupported`);
  }
}

const BUTTON_KINDS: readonly string[] = [
  ...[
    'url',
    'callback_data',
    'web_app',
    'login_url',
    'switch_inline_query',
    'switch_inline_query_current_chat',
  ],
  ...['switch_inline_query_chosen_chat', 'copy_text', 'disabled'],
];
const BUTTON_STYLES: readonly string[] = ['danger', 'success', 'primary', 'link'];
const LONGEST_DATA_BYTES = 64;

/** Exactly one field says what the button does. @throws ApiError, FieldError */
export function readRichButton(reader: RichReader, value: unknown, depth: number): JsonObject {
  if (!isObject(value)) throw new FieldError('expected an Object');
  const kinds = BUTTON_KINDS.filter((kind) => value[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined) throw new FieldError('Text buttons are unallowed in rich messages');
  if (kinds.length > 1) throw new FieldError('Exactly one action of a button must be specified');
  const style = stringField(value, 'style');
  if (style !== undefined && !BUTTON_STYLES.includes(style))
    throw new FieldError('Invalid button style specified');
  if (kind === 'callback_data') {
    const bytes = Buffer.byteLength(requiredStringField(value, kind));
    if (bytes < 1 || bytes > LONGEST_DATA_BYTES) throw badRequest('BUTTON_DATA_INVALID');
  }
  return {
    text: readRichText({ ...reader, detects: false }, value.text ?? '', depth + 1),
    ...(style === undefined ? {} : { style }),
    [kind]: value[kind],
  };
}

/** How what is found in plain text is shown, and which character before it is left out (WebPageBlock.cpp:624). */
const FOUND: Readonly<Record<string, readonly [type: string, field: string, trimmed: string]>> = {
  url: ['url', 'url', ''],
  email: ['email_address', 'email_address', ''],
  phone_number: ['phone_number', 'phone_number', ''],
  bank_card_number: ['bank_card_number', 'bank_card_number', ''],
  mention: ['mention', 'username', '@'],
  hashtag: ['hashtag', 'hashtag', '#'],
  cashtag: ['cashtag', 'cashtag', '$'],
  bot_command: ['bot_command', 'bot_command', '/'],
};

function withLinks(text: string): unknown {
  const found = withAutoEntities(text, []);
  if (found.length === 0) return text;
  const parts: unknown[] = [];
  let end = 0;
  for (const { offset, length, type } of found as readonly Entity[]) {
    const shown = FOUND[type];
    if (shown === undefined) continue;
    if (offset > end) parts.push(text.slice(end, offset));
    const part = text.slice(offset, offset + length);
    const [kind, field, trimmed] = shown;
    parts.push({
      type: kind,
      text: part,
      [field]: trimmed !== '' && part.startsWith(trimmed) ? part.slice(1) : part,
    });
    end = offset + length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts.length === 1 ? parts[0] : parts;
}
