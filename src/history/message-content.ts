import { createHash } from 'node:crypto';
import { type ButtonShape, type Content, MEDIA_KINDS } from './content.js';
import { mediaOfRich, textOfRich } from './rich-content.js';

/** The parts of a Bot API Message that decide what it looks like. Recordings hold more, and less. */
export interface MessageLike {
  readonly text?: string;
  readonly caption?: string;
  readonly reply_markup?: MarkupLike;
  readonly [field: string]: unknown;
}

export interface MarkupLike {
  readonly inline_keyboard?: readonly (readonly ButtonLike[])[];
  readonly keyboard?: readonly (readonly (ButtonLike | string)[])[];
  readonly remove_keyboard?: boolean;
  readonly force_reply?: boolean;
}

interface ButtonLike {
  readonly text?: string;
  readonly callback_data?: string;
  readonly url?: string;
}

/** Fields that differ each time the same thing is sent. */
const VOLATILE = new Set(['file_id', 'thumb', 'thumbnail', 'id']);

/**
 * What a Message looks like. `markup` is given for a reply keyboard, which Telegram never puts into the
 * message itself.
 */
export function contentOfMessage(message: MessageLike, markup?: MarkupLike): Content {
  if (message.rich_message !== undefined) return contentOfRich(message, markup);
  const kind =
    MEDIA_KINDS.find((field) => message[field] !== undefined) ??
    (message.text === undefined ? 'other' : 'text');
  const text = message.text ?? message.caption;
  const keyboard = keyboardOf(markup ?? message.reply_markup);
  return {
    kind,
    ...(text === undefined ? {} : { text }),
    ...(kind === 'text' || kind === 'other' ? {} : { media: mediaKey(message[kind]) }),
    ...(keyboard === undefined ? {} : { keyboard }),
  };
}

/** To a person it is a text with pictures in it. */
function contentOfRich({ rich_message: rich, reply_markup }: MessageLike, markup?: MarkupLike): Content {
  const media = mediaOfRich(rich);
  const keyboard = keyboardOf(markup ?? reply_markup);
  return {
    kind: 'text',
    text: textOfRich(rich),
    ...(media.length === 0 ? {} : { media: mediaKey({ media }) }),
    ...(keyboard === undefined ? {} : { keyboard }),
  };
}

function mediaKey(media: unknown): string {
  const whole = Array.isArray(media) ? media.at(-1) : media;
  const json = JSON.stringify(whole, (key, value) => (VOLATILE.has(key) ? undefined : value)) ?? '';
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}

function keyboardOf(markup: MarkupLike | undefined): Content['keyboard'] {
  if (markup === undefined) return undefined;
  if (markup.keyboard !== undefined)
    return { type: 'reply', rows: markup.keyboard.map((row) => row.map(shapeOf)) };
  if (markup.inline_keyboard !== undefined && markup.inline_keyboard.length > 0) {
    return { type: 'inline', rows: markup.inline_keyboard.map((row) => row.map(shapeOf)) };
  }
  if (markup.remove_keyboard === true) return { type: 'remove', rows: [] };
  if (markup.force_reply === true) return { type: 'force', rows: [] };
  return undefined;
}

function shapeOf(button: ButtonLike | string): ButtonShape {
  if (typeof button === 'string') return { text: button };
  return {
    text: button.text ?? '',
    ...(button.callback_data === undefined ? {} : { data: button.callback_data }),
    ...(button.url === undefined ? {} : { url: button.url }),
  };
}
