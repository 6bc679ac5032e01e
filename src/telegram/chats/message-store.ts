import type { Chat, Message, User } from '@grammyjs/types';
import { type MessageId, messageId } from '../../base/ids.js';
import type { MarkupLike } from '../../history/message-content.js';

/** Older messages of a chat are forgotten: to the bot they then look as if they had never been. */
export const MESSAGES_PER_CHAT = 1_000;

/** A Message in the key order of the official server. */
export interface ApiMessage {
  readonly message_id: number;
  readonly from?: User;
  readonly chat: Chat;
  readonly date: number;
  readonly text?: string;
  readonly caption?: string;
  readonly reply_markup?: MarkupLike;
  readonly [field: string]: unknown;
}

export interface StoredMessage {
  /** As the bot sees it. Replaced, never changed. */
  readonly message: ApiMessage;
  readonly byBot: boolean;
  /** A reply keyboard (or its removal), which Telegram keeps out of the message. */
  readonly hiddenMarkup?: MarkupLike;
}

/** Where message ids come from. */
export interface Counter {
  last: number;
}

/** The last messages of one chat. */
export class MessageStore {
  readonly #counter: Counter;
  readonly #messages = new Map<number, StoredMessage>();

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  nextId(): MessageId {
    this.#counter.last += 1;
    return messageId(this.#counter.last);
  }

  get(id: number): StoredMessage | undefined {
    return this.#messages.get(id);
  }

  /** Adds a message, or replaces the one with the same id. */
  put(stored: StoredMessage): void {
    this.#messages.set(stored.message.message_id, stored);
    if (this.#messages.size <= MESSAGES_PER_CHAT) return;
    for (const oldest of this.#messages.keys()) {
      this.#messages.delete(oldest);
      break;
    }
  }

  delete(id: number): boolean {
    return this.#messages.delete(id);
  }
}

/** For readers who expect the library's type. */
export function asMessage(message: ApiMessage): Message {
  return message as unknown as Message;
}

/** A message as others quote it: replies are one level deep. */
export function withoutReply(message: ApiMessage): ApiMessage {
  if (message.reply_to_message === undefined) return message;
  const { reply_to_message: _, ...rest } = message;
  return rest as ApiMessage;
}
