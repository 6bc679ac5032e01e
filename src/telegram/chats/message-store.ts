import type { Chat, Message, User } from '@grammyjs/types';
import { type MessageId, messageId } from '../../base/ids.js';
import type { MarkupLike } from '../../history/message-content.js';

/** Older messages of a chat are forgotten: to the bot they then look as if they had never been. */
export const MESSAGES_PER_CHAT = 1_000;

/** All messages that one bot account's chats hold together; see {@link MessageTotal}. */
export const MESSAGES_PER_BOT = 200_000;

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
  /** The short name of the game that it shows, which taps on its buttons tell. */
  readonly game?: string;
  /** What the bot wants to hear when somebody buys its paid media. */
  readonly paidMediaPayload?: string;
}

/** Where message ids come from. */
export interface Counter {
  last: number;
}

/**
 * Counts the messages of all chats of one bot. When they are too many, the chat in which nothing was written
 * for longest loses its oldest message.
 */
export class MessageTotal {
  readonly #most: number;
  /** The chat that was written to last stands last. */
  readonly #stores = new Set<MessageStore>();
  #held = 0;

  constructor(most = MESSAGES_PER_BOT) {
    this.#most = most;
  }

  /** Messages of all chats. */
  get held(): number {
    return this.#held;
  }

  written(store: MessageStore, added: number): void {
    this.#held += added;
    this.#stores.delete(store);
    this.#stores.add(store);
    while (this.#held > this.#most) {
      const [quietest] = this.#stores;
      if (quietest === undefined) return;
      if (!quietest.forgetOldest()) this.#stores.delete(quietest);
    }
  }

  removed(): void {
    this.#held -= 1;
  }
}

/** The last messages of one chat. */
export class MessageStore {
  readonly #counter: Counter;
  readonly #total: MessageTotal | undefined;
  readonly #messages = new Map<number, StoredMessage>();

  constructor(counter: Counter, total?: MessageTotal) {
    this.#counter = counter;
    this.#total = total;
  }

  nextId(): MessageId {
    this.#counter.last += 1;
    return messageId(this.#counter.last);
  }

  /** The number was given to a message elsewhere: later ones are higher. */
  usedId(id: number): void {
    this.#counter.last = Math.max(this.#counter.last, id);
  }

  get(id: number): StoredMessage | undefined {
    return this.#messages.get(id);
  }

  /** Adds a message, or replaces the one with the same id. */
  put(stored: StoredMessage): void {
    const before = this.#messages.size;
    this.#messages.set(stored.message.message_id, stored);
    const added = this.#messages.size - before;
    this.#total?.written(this, added);
    if (this.#messages.size > MESSAGES_PER_CHAT) this.forgetOldest();
  }

  /** False when there is none. */
  forgetOldest(): boolean {
    for (const oldest of this.#messages.keys()) return this.delete(oldest);
    return false;
  }

  /** Oldest first. */
  all(): Iterable<StoredMessage> {
    return this.#messages.values();
  }

  delete(id: number): boolean {
    const deleted = this.#messages.delete(id);
    if (deleted) this.#total?.removed();
    return deleted;
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
