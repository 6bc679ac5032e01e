import type { InlineKeyboardButton } from '@grammyjs/types';
import type { StoredMessage } from '../chats/message-store.js';
import type { Received } from '../contracts.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';
import { inlineQuery } from './inline.js';
import { findMessage, type MessageRef } from './messages.js';
import { nameOf, type Sender } from './sender.js';

/**
 * Which button: its text (else its `callback_data`), one of these words, its place (from 0), or whatever
 * this says yes to.
 */
export type ButtonRef =
  | string
  | { readonly text: string }
  | { readonly data: string }
  | { readonly row: number; readonly column: number }
  | ((button: InlineKeyboardButton) => boolean);

/** What a tap does. Only `asks-bot` and `searches-inline` are heard of by the bot. */
export type TapEffect =
  /** A callback query. */
  | 'asks-bot'
  /** The bot's name and the query stand in the input field: an inline query. */
  | 'searches-inline'
  /** The person may choose another chat for an inline query. */
  | 'chooses-chat'
  | 'opens-url'
  | 'opens-web-app'
  | 'copies-text'
  /** Opens the form of the invoice; `pay` is what follows. */
  | 'opens-payment';

export interface Tapped extends Received {
  readonly effect: TapEffect;
  /** Of the inline query that began. */
  readonly inlineQueryId?: string;
  /** With the url, the text to copy, … */
  readonly button: InlineKeyboardButton;
}

/** Taps a button under a message. @throws SendtwiceError `people/impossible` when it is not there */
export function tapButton(world: World, sender: Sender, ref: MessageRef, wanted: ButtonRef): Tapped {
  const stored = findMessage(world, sender, ref, 'tap a button of');
  const button = findButton(stored, wanted);
  // In a group of several bots the one that wrote the message hears of it.
  const author = stored.message.via_bot ?? stored.message.from;
  const owner =
    world.groups
      .othersIn(world, sender.chat.id)
      .find(({ bot }) => bot === (author as { readonly id?: number } | undefined)?.id) ?? world;
  if ('callback_data' in button) {
    return { ...query(owner, sender, stored, { data: button.callback_data }), effect: 'asks-bot', button };
  }
  if ('callback_game' in button) {
    return {
      ...query(owner, sender, stored, { game_short_name: gameOf(stored) }),
      effect: 'asks-bot',
      button,
    };
  }
  if ('switch_inline_query_current_chat' in button) {
    const text = button.switch_inline_query_current_chat;
    const { received, queryId } = inlineQuery(owner, sender.user, text, { chatType: chatTypeFor(sender) });
    return { ...received, inlineQueryId: queryId, effect: 'searches-inline', button };
  }
  return { effect: effectOf(button), button };
}

function effectOf(button: InlineKeyboardButton): TapEffect {
  if ('url' in button || 'login_url' in button) return 'opens-url';
  if ('web_app' in button) return 'opens-web-app';
  if ('copy_text' in button) return 'copies-text';
  if ('pay' in button) return 'opens-payment';
  return 'chooses-chat';
}

/** A message that was sent through the bot is known to it by its `inline_message_id` alone. */
function query(
  world: World,
  { user, chat }: Sender,
  { message }: StoredMessage,
  payload: Readonly<Record<string, string>>,
): Received {
  const state = message.via_bot === undefined ? undefined : world.chats.chat(chat.id);
  const inlineId = state && world.inlineQueries.idOf(state, message.message_id);
  const place =
    inlineId === undefined
      ? { message: { message_id: message.message_id, chat } }
      : { inline_message_id: inlineId };
  return receive(world, { kind: 'callback_query', payload: { from: user, ...place, ...payload } });
}

/** What `chat_type` of an inline query is (Client.cpp:4796). */
function chatTypeFor({ chat }: Sender): 'sender' | 'group' | 'supergroup' | 'channel' {
  return chat.type === 'private' ? 'sender' : chat.type;
}

function gameOf({ game, message }: StoredMessage): string {
  return game ?? (message.game as { readonly title?: string } | undefined)?.title ?? '';
}

function findButton(stored: StoredMessage, wanted: ButtonRef): InlineKeyboardButton {
  const { message } = stored;
  const rows = (message.reply_markup?.inline_keyboard ?? []) as readonly (readonly InlineKeyboardButton[])[];
  const buttons = rows.flat();
  if (buttons.length === 0) {
    throw impossible(
      `message ${message.message_id} has no buttons`,
      stored.hiddenMarkup?.keyboard === undefined
        ? 'Look at what the bot sent: `sees()` shows it.'
        : 'It has a reply keyboard: use `tapReply`.',
    );
  }
  const found = pick(rows, buttons, wanted);
  if (found !== undefined) return found;
  const texts = rows.map((row) => row.map(({ text }) => `“${text}”`).join(' ')).join(' / ');
  throw impossible(
    `message ${message.message_id} has no button ${shown(wanted)}; its buttons: ${texts}`,
    'Did the bot edit the message in the meantime?',
  );
}

function pick(
  rows: readonly (readonly InlineKeyboardButton[])[],
  buttons: readonly InlineKeyboardButton[],
  wanted: ButtonRef,
): InlineKeyboardButton | undefined {
  if (typeof wanted === 'function') return buttons.find(wanted);
  if (typeof wanted === 'string') {
    return buttons.find(({ text }) => text === wanted) ?? buttons.find((button) => dataOf(button) === wanted);
  }
  if ('row' in wanted) return rows[wanted.row]?.[wanted.column];
  if ('text' in wanted) return buttons.find(({ text }) => text === wanted.text);
  return buttons.find((button) => dataOf(button) === wanted.data);
}

function dataOf(button: InlineKeyboardButton): string | undefined {
  return 'callback_data' in button ? button.callback_data : undefined;
}

function shown(wanted: ButtonRef): string {
  if (typeof wanted === 'function') return 'that fits';
  if (typeof wanted === 'string') return `“${wanted}”`;
  if ('row' in wanted) return `at row ${wanted.row}, column ${wanted.column}`;
  return 'text' in wanted ? `“${wanted.text}”` : `with data “${wanted.data}”`;
}

/** For error texts of what only a private chat can do. */
export function privateOnly({ user, chat }: Sender, what: string): void {
  if (chat.type === 'private') return;
  throw impossible(
    `${nameOf(user)} cannot ${what} in chat ${chat.id}: it is a ${chat.type}`,
    'Such buttons work in private chats only.',
  );
}
