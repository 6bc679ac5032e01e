import type { Update } from 'grammy/types';
import type { Input } from './dialogue.js';

/** Was this message in the chat before the bot's last question? */
export type IsEarly = (chatId: number, messageId: number) => boolean;

/** What the shop needs to know of an update. */
export interface Incoming {
  readonly updateId: number;
  readonly chatId: number;
  readonly callbackQueryId?: string;
  readonly input: (isEarly: IsEarly) => Input;
}

/** Reads an update; nothing when it is none of a private chat. */
export function incomingOf(update: Update): Incoming | undefined {
  const { update_id: updateId, message, callback_query: query } = update;
  if (message?.chat.type === 'private') {
    const { message_id: messageId, text, chat } = message;
    return {
      updateId,
      chatId: chat.id,
      input: (isEarly) =>
        text === undefined
          ? { kind: 'other' }
          : { kind: 'text', text, messageId, early: isEarly(chat.id, messageId) },
    };
  }
  if (query?.message?.chat.type === 'private') {
    const { message_id: messageId, chat } = query.message;
    return {
      updateId,
      chatId: chat.id,
      callbackQueryId: query.id,
      input: () => ({ kind: 'tap', data: query.data ?? '', messageId }),
    };
  }
  return undefined;
}
