import { Buffer } from 'node:buffer';
import type { MarkupLike } from '../history/message-content.js';
import { badRequest } from './api-error.js';
import type { Params } from './contracts.js';
import {
  arrayField,
  booleanField,
  FieldError,
  isObject,
  type JsonObject,
  objectField,
  parseJsonParam,
  parsing,
  requiredStringField,
  stringField,
} from './json-fields.js';
import { checkLink, LinkError } from './text/links.js';

const LONGEST_CALLBACK_DATA_BYTES = 64;
const STYLES = ['danger', 'success', 'primary'];

/** A keyboard as a method got it. */
export interface ReplyMarkup {
  /** Only inline keyboards become part of the message. */
  readonly inline: boolean;
  readonly markup: MarkupLike;
}

/**
 * The `reply_markup` argument: its form. What TDLib and the backend check comes later: {@link checkMarkup}.
 * @throws ApiError
 */
export function readReplyMarkup(params: Params): ReplyMarkup | undefined {
  const text = params.get('reply_markup');
  if (text === undefined || text === '') return undefined;
  const object = parseJsonParam(text, 'reply keyboard markup');
  if (!isObject(object)) throw badRequest('object expected as reply markup');
  const rows = readRows(object, 'keyboard', 'field "keyboard" must be an Array of Arrays', (button) =>
    parsing('keyboard button', () => readKeyboardButton(button)),
  );
  const inlineRows = readRows(
    object,
    'inline_keyboard',
    'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    (button) => parsing('inline keyboard button', () => readInlineButton(button)),
  );
  if (rows.length > 0) return { inline: false, markup: { keyboard: rows } };
  if (inlineRows.length > 0) return { inline: true, markup: { inline_keyboard: inlineRows } };
  if (flag(object, 'remove_keyboard')) return { inline: false, markup: { remove_keyboard: true } };
  if (flag(object, 'force_reply')) return { inline: false, markup: { force_reply: true } };
  return undefined;
}

function flag(object: JsonObject, name: string): boolean {
  try {
    return booleanField(object, name) === true;
  } catch (error) {
    if (error instanceof FieldError) throw badRequest(lowerFirst(error.message));
    throw error;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Rows that have buttons. */
function readRows<T>(
  object: JsonObject,
  field: string,
  notRows: string,
  readButton: (button: unknown) => T,
): T[][] {
  let list: readonly unknown[] | undefined;
  try {
    list = arrayField(object, field);
  } catch (error) {
    if (error instanceof FieldError) throw badRequest(lowerFirst(error.message));
    throw error;
  }
  const rows: T[][] = [];
  for (const row of list ?? []) {
    if (!Array.isArray(row)) throw badRequest(notRows);
    if (row.length > 0) rows.push(row.map(readButton));
  }
  return rows;
}

function readKeyboardButton(button: unknown): JsonObject & { readonly text: string } {
  if (typeof button === 'string') return { text: button };
  if (!isObject(button)) throw new FieldError('KeyboardButton must be an Object');
  return { ...button, text: requiredStringField(button, 'text') };
}

/** One action by precedence; the button holds nothing else, as in what Telegram gives back. */
function readInlineButton(button: unknown): JsonObject & { readonly text: string } {
  if (!isObject(button)) throw new FieldError('InlineKeyboardButton must be an Object');
  const text = requiredStringField(button, 'text');
  const style = stringField(button, 'style');
  if (style !== undefined && !STYLES.includes(style)) throw new FieldError('invalid button style specified');
  const icon = stringField(button, 'icon_custom_emoji_id');
  return {
    text,
    ...(icon === undefined ? {} : { icon_custom_emoji_id: icon }),
    ...(style === undefined ? {} : { style }),
    ...readAction(button),
  };
}

function readAction(button: JsonObject): JsonObject {
  const url = stringField(button, 'url') ?? '';
  if (url !== '') return { url };
  const data = stringField(button, 'callback_data') ?? '';
  if (data !== '') return { callback_data: data };
  if (button.callback_game !== undefined) return { callback_game: {} };
  if (booleanField(button, 'pay') === true) return { pay: true };
  for (const name of ['switch_inline_query', 'switch_inline_query_current_chat']) {
    // `switch_inline_query_chosen_chat` stands between these two.
    const query = stringField(button, name);
    if (query !== undefined) return { [name]: query };
    const chosen = name === 'switch_inline_query' ? objectField(button, `${name}_chosen_chat`) : undefined;
    if (chosen !== undefined) return { switch_inline_query_chosen_chat: chosen };
  }
  const login = objectField(button, 'login_url');
  if (login !== undefined) return { url: requiredStringField(login, 'url') };
  const app = objectField(button, 'web_app');
  if (app !== undefined) return { web_app: { url: requiredStringField(app, 'url') } };
  const copy = objectField(button, 'copy_text');
  if (copy !== undefined) return { copy_text: { text: requiredStringField(copy, 'text') } };
  throw new FieldError('Text buttons are unallowed in the inline keyboard');
}

/**
 * What is checked when the chat is known: texts and links. Returns the markup with links as Telegram gives
 * them back.
 * @throws ApiError
 */
export function checkMarkup(given: ReplyMarkup): ReplyMarkup {
  const { keyboard, inline_keyboard: inlineRows } = given.markup;
  for (const button of (keyboard ?? []).flat()) {
    const text = typeof button === 'string' ? button : (button.text ?? '');
    if (text.trim() === '') throw badRequest('keyboard button text must be non-empty');
  }
  if (inlineRows === undefined) return given;
  const rows = inlineRows.map((row) => row.map((button) => checkInlineButton(button as JsonObject)));
  return { inline: true, markup: { inline_keyboard: rows } };
}

/** What the backend checks, after all else. @throws ApiError `BUTTON_DATA_INVALID` */
export function checkCallbackData({ markup }: ReplyMarkup): void {
  for (const row of markup.inline_keyboard ?? []) {
    for (const { callback_data: data } of row) {
      if (data !== undefined && Buffer.byteLength(data) > LONGEST_CALLBACK_DATA_BYTES) {
        throw badRequest('BUTTON_DATA_INVALID');
      }
    }
  }
}

function checkInlineButton(button: JsonObject): JsonObject {
  if (String(button.text).trim() === '') throw badRequest('inline keyboard button text must be non-empty');
  const { url, web_app: app } = button;
  if (typeof url === 'string') return { ...button, url: buttonLink(url, 'URL', false) };
  if (isObject(app)) return { ...button, web_app: { url: buttonLink(String(app.url), 'Web App URL', true) } };
  return button;
}

function buttonLink(url: string, what: string, httpsOnly: boolean): string {
  try {
    return checkLink(url, { httpsOnly });
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw badRequest(`inline keyboard button ${what} '${url}' is invalid: ${error.message}`);
  }
}
