import type { InlineQueryResultsButton } from '@grammyjs/types';
import type { Clock } from '../../base/clock.js';
import { chatId } from '../../base/ids.js';
import type { Random } from '../../base/random.js';
import { badRequest } from '../api-error.js';
import { dropOldest } from '../bounded.js';
import type { InlineResult } from '../methods/inline-results.js';
import { randomBytes } from '../random-ids.js';
import { ChatState } from './chat-book.js';
import type { ApiMessage, StoredMessage } from './message-store.js';

/** An inline query can be answered about this long: what bots report; the official time is not published. */
export const INLINE_ANSWERABLE_MS = 10_000;

/** Queries beyond this number are forgotten, oldest first. */
const KEPT_QUERIES = 10_000;
const KEPT_ANSWERS = 1_000;
const KEPT_MESSAGES = 10_000;
const KEPT_PREPARED = 1_000;

/** What a person asked. */
export interface InlineQuestion {
  readonly userId: number;
  readonly query: string;
  readonly offset: string;
}

/** What people get to choose from. */
export interface InlineAnswer {
  readonly results: readonly InlineResult[];
  readonly nextOffset: string;
  readonly button?: InlineQueryResultsButton;
  readonly isPersonal: boolean;
  readonly cacheMs: number;
}

/** A message that was sent through the bot: by its id, the bot can edit it without knowing the chat. */
export interface InlineMessage {
  readonly id: string;
  /** Where it is kept: the chat itself, if the bot knows it. */
  readonly chat: ChatState;
  readonly messageId: number;
  /** The `chat_instance` of taps on it. */
  readonly instance: string;
}

interface Asked extends Partial<InlineQuestion> {
  readonly askedAtMs: number;
}

interface KeptAnswer extends InlineAnswer {
  readonly answeredAtMs: number;
}

interface Prepared {
  readonly userId: number;
  readonly result: InlineResult;
  readonly expiresAtS: number;
}

/** Inline queries, their answers, and the messages that came of them. */
export class InlineQueryBook {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #asked = new Map<string, Asked>();
  readonly #answers = new Map<string, KeptAnswer>();
  /** Query ids by what was asked, for answers that serve for the next one too. */
  readonly #cached = new Map<string, string>();
  readonly #webAppQueries = new Map<string, number>();
  readonly #prepared = new Map<string, Prepared>();
  readonly #messages = new Map<string, InlineMessage>();
  /** Messages in chats that the bot is not in. */
  readonly #elsewhere: ChatState;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    const nowhere = { id: 0, first_name: '', type: 'private' } as const;
    this.#elsewhere = new ChatState(chatId(0), nowhere, '', { last: 0 });
  }

  open(id: string, question: Partial<InlineQuestion> = {}): void {
    put(this.#asked, id, { ...question, askedAtMs: this.#clock.now() }, KEPT_QUERIES);
  }

  /**
   * Takes the query out: it can be answered once.
   * @throws ApiError for an unknown, answered or old query
   */
  take(id: string): Partial<InlineQuestion> {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined || this.#clock.now() - asked.askedAtMs > INLINE_ANSWERABLE_MS) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    return asked;
  }

  keepAnswer(id: string, asked: Partial<InlineQuestion>, answer: InlineAnswer): void {
    put(this.#answers, id, { ...answer, answeredAtMs: this.#clock.now() }, KEPT_ANSWERS);
    const { offset, query, userId } = asked;
    if (query === undefined || offset === undefined || userId === undefined || answer.cacheMs === 0) return;
    put(this.#cached, cacheKey(answer.isPersonal ? userId : 0, query, offset), id, KEPT_ANSWERS);
  }

  answerTo(id: string): InlineAnswer | undefined {
    return this.#answers.get(id);
  }

  /** An earlier answer that Telegram gives without asking the bot, and the id of its query. */
  cachedAnswer({
    userId,
    query,
    offset,
  }: InlineQuestion): { readonly queryId: string; readonly answer: InlineAnswer } | undefined {
    for (const owner of [userId, 0]) {
      const queryId = this.#cached.get(cacheKey(owner, query, offset));
      const answer = queryId === undefined ? undefined : this.#answers.get(queryId);
      if (queryId === undefined || answer === undefined) continue;
      if (this.#clock.now() - answer.answeredAtMs < answer.cacheMs) return { queryId, answer };
    }
    return undefined;
  }

  /** A Web App that a person opened from an inline button or the menu may send one message. */
  openWebApp(id: string, userId: number): void {
    put(this.#webAppQueries, id, userId, KEPT_QUERIES);
  }

  /** @throws ApiError for an unknown or answered query */
  takeWebApp(id: string): number {
    const userId = this.#webAppQueries.get(id);
    this.#webAppQueries.delete(id);
    if (userId === undefined) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    return userId;
  }

  prepare(userId: number, result: InlineResult, expiresAtS: number): string {
    const id = this.#randomId(16);
    put(this.#prepared, id, { userId, result, expiresAtS }, KEPT_PREPARED);
    return id;
  }

  prepared(id: string): Prepared | undefined {
    const prepared = this.#prepared.get(id);
    return prepared === undefined || prepared.expiresAtS < this.#clock.unixSeconds() ? undefined : prepared;
  }

  /** Gives a message that is in a chat of the bot an id of its own. */
  addMessage(chat: ChatState, messageId: number, instance = chat.instance): InlineMessage {
    const message = { id: this.#randomId(24), chat, messageId, instance };
    put(this.#messages, message.id, message, KEPT_MESSAGES);
    return message;
  }

  /** A message in a chat that the bot does not see. */
  addElsewhere(messageWith: (messageId: number) => ApiMessage, instance: string): InlineMessage {
    const messageId = this.#elsewhere.messages.nextId();
    this.#elsewhere.messages.put({ message: messageWith(messageId), byBot: false });
    return this.addMessage(this.#elsewhere, messageId, instance);
  }

  message(id: string): InlineMessage | undefined {
    return this.#messages.get(id);
  }

  /** The id of a message that was sent through the bot into a chat of its own. */
  idOf(chat: ChatState, messageId: number): string | undefined {
    for (const message of this.#messages.values()) {
      if (message.chat === chat && message.messageId === messageId) return message.id;
    }
    return undefined;
  }

  stored(id: string): StoredMessage | undefined {
    const message = this.#messages.get(id);
    return message?.chat.messages.get(message.messageId);
  }

  /** Is it one that the bot cannot see in a chat of its own? */
  isElsewhere(message: InlineMessage): boolean {
    return message.chat === this.#elsewhere;
  }

  #randomId(bytes: number): string {
    const id = randomBytes(this.#random, bytes);
    // Real ones open with the number of a data centre.
    id.writeInt32LE(2, 0);
    return id.toString('base64url');
  }
}

function cacheKey(userId: number, query: string, offset: string): string {
  return `${userId}\u0000${query}\u0000${offset}`;
}

/** Adds as the newest, and forgets the oldest beyond `most`. */
function put<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  dropOldest(map, most);
}
