import type { Message } from '@grammyjs/types';
import type { ChatId, MessageId } from '../base/ids.js';
import type { MarkupLike } from '../history/message-content.js';
import { isObject, type JsonObject } from '../recording/format.js';
import type { Identity } from './identity.js';
import type { PeopleSide } from './people-side.js';

/** A recorded tap, in this user's words. */
export interface Tap {
  readonly recordedMessage?: number;
  readonly data?: string;
  readonly text?: string;
  readonly place?: { readonly row: number; readonly column: number };
}

/** A button that can be tapped now. */
export interface Button {
  readonly messageId: MessageId;
  readonly text: string;
  readonly data: string;
}

/** What a recorded callback query tells about the button. */
export function tapOf(payload: JsonObject, identity: Identity): Tap {
  const { data, message } = payload;
  const place = typeof data === 'string' && isObject(message) ? placeOf(data, message) : undefined;
  return {
    ...(isObject(message) &&
      typeof message.message_id === 'number' && { recordedMessage: message.message_id }),
    ...(typeof data === 'string' && { data: identity.rewritten(data).text }),
    ...(place !== undefined && {
      text: identity.rewritten(place.text).text,
      place: { row: place.row, column: place.column },
    }),
  };
}

/**
 * The button that a recorded tap means now: on the message of this run that corresponds to the recorded
 * one, by data, else by text, else by place; else on the newest message with such data, else such text.
 * @param shown messages of the bot in this chat, oldest first
 */
export function findButton(
  tap: Tap,
  bot: PeopleSide,
  chatId: ChatId,
  shown: readonly MessageId[],
  identity: Identity,
): Button | undefined {
  const same = tap.recordedMessage === undefined ? undefined : identity.message(tap.recordedMessage);
  if (same !== undefined) {
    const buttons = buttonsOn(bot.message(chatId, same));
    const found = byData(buttons, tap) ?? byText(buttons, tap) ?? byPlace(buttons, tap);
    if (found !== undefined) return { messageId: same, text: found.text, data: found.data };
  }
  for (const pick of [byData, byText]) {
    for (const messageId of shown.toReversed()) {
      const found = pick(buttonsOn(bot.message(chatId, messageId)), tap);
      if (found !== undefined) return { messageId, text: found.text, data: found.data };
    }
  }
  return undefined;
}

interface Placed {
  readonly text: string;
  readonly data: string;
  readonly row: number;
  readonly column: number;
}

const byData = (buttons: readonly Placed[], tap: Tap): Placed | undefined =>
  buttons.find(({ data }) => data === tap.data);

const byText = (buttons: readonly Placed[], tap: Tap): Placed | undefined =>
  buttons.find(({ text }) => text === tap.text);

const byPlace = (buttons: readonly Placed[], { place }: Tap): Placed | undefined =>
  buttons.find(({ row, column }) => row === place?.row && column === place.column);

function placeOf(data: string, message: JsonObject): Placed | undefined {
  return buttonsOn(message).find((button) => button.data === data);
}

/** Buttons that send a callback query, with their places. */
export function buttonsOn(message: Message | JsonObject | undefined): Placed[] {
  const { reply_markup: markup } = (message ?? {}) as { readonly reply_markup?: MarkupLike };
  return (markup?.inline_keyboard ?? []).flatMap((buttons, row) =>
    buttons.flatMap(({ text = '', callback_data: data }, column) =>
      data === undefined ? [] : [{ text, data, row, column }],
    ),
  );
}
