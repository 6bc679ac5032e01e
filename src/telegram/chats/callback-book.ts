import type { Clock } from '../../base/clock.js';
import type { ChatId, MessageId } from '../../base/ids.js';
import type { Random } from '../../base/random.js';
import { badRequest } from '../api-error.js';
import { makeQueryId } from '../random-ids.js';

/**
 * A callback query can be answered this long. The official limit is not published; 30 s is the longest
 * that clients are known to wait.
 */
export const CALLBACK_ANSWERABLE_MS = 30_000;

/** Of more queries than this, the older half is forgotten; answers to them come too late. */
const KEPT_QUERIES = 100_000;

export interface CallbackQueryState {
  readonly id: string;
  readonly chatId?: ChatId;
  readonly messageId?: MessageId;
  readonly askedAtMs: number;
}

/**
 * Callback queries that wait for their answer, in two generations: the old one goes as a whole. (Deleting the
 * first entries of a large Map one by one costs V8 50 µs each; this costs none.)
 */
export class CallbackBook {
  readonly #clock: Clock;
  readonly #random: Random;
  #young = new Map<string, CallbackQueryState>();
  #old = new Map<string, CallbackQueryState>();
  #youngSinceMs = 0;

  readonly #answerableMs: number;

  constructor(clock: Clock, random: Random, answerableMs = CALLBACK_ANSWERABLE_MS) {
    this.#answerableMs = answerableMs;
    this.#clock = clock;
    this.#random = random;
  }

  /** A new query by this user. */
  open(userId: number, about: { readonly chatId?: ChatId; readonly messageId?: MessageId }): string {
    const id = makeQueryId(this.#random, userId);
    this.#forgetOld();
    this.#young.set(id, { id, askedAtMs: this.#clock.now(), ...about });
    return id;
  }

  /**
   * Takes the query out: it can be answered once.
   * @throws ApiError for an unknown, answered or old query.
   */
  take(id: string): CallbackQueryState {
    const query = this.get(id);
    if (!this.#young.delete(id)) this.#old.delete(id);
    if (query === undefined || this.#clock.now() - query.askedAtMs > this.#answerableMs) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    return query;
  }

  /** The query while it can be answered, and for a while after that. */
  get(id: string): CallbackQueryState | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }

  /** What is in the old generation cannot be answered any more when the young one is as old as that. */
  #forgetOld(): void {
    const now = this.#clock.now();
    const isFull = this.#young.size >= KEPT_QUERIES / 2;
    if (!isFull && now - this.#youngSinceMs <= this.#answerableMs) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngSinceMs = now;
  }
}
