import type { Clock } from '../../base/clock.js';
import type { ChatId, MessageId } from '../../base/ids.js';
import { type Random, randomInteger } from '../../base/random.js';
import { badRequest } from '../api-error.js';

/**
 * A callback query can be answered this long. The official limit is not published; 30 s is the longest
 * that clients are known to wait.
 */
export const CALLBACK_ANSWERABLE_MS = 30_000;

/** Queries beyond this number are forgotten, oldest first; answers to them come too late. */
const KEPT_QUERIES = 100_000;

export interface CallbackQueryState {
  readonly id: string;
  readonly chatId?: ChatId;
  readonly messageId?: MessageId;
  readonly askedAtMs: number;
}

/** Callback queries that wait for their answer. */
export class CallbackBook {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #open = new Map<string, CallbackQueryState>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A new query by this user. Its id is a 64-bit number as text: user id above, a random half below. */
  open(userId: number, about: { readonly chatId?: ChatId; readonly messageId?: MessageId }): string {
    const half = BigInt(randomInteger(this.#random, 0, 0xffff_ffff));
    const id = String((BigInt.asUintN(31, BigInt(userId)) << 32n) | half);
    this.#open.set(id, { id, askedAtMs: this.#clock.now(), ...about });
    this.#forgetOld();
    return id;
  }

  /**
   * Takes the query out: it can be answered once.
   * @throws ApiError for an unknown, answered or old query.
   */
  take(id: string): CallbackQueryState {
    const query = this.#open.get(id);
    this.#open.delete(id);
    if (query === undefined || this.#clock.now() - query.askedAtMs > CALLBACK_ANSWERABLE_MS) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    return query;
  }

  /** The query while it can be answered. */
  get(id: string): CallbackQueryState | undefined {
    return this.#open.get(id);
  }

  /** Map order is age order, so only the front needs a look. */
  #forgetOld(): void {
    const expired = this.#clock.now() - CALLBACK_ANSWERABLE_MS;
    for (const query of this.#open.values()) {
      if (query.askedAtMs >= expired && this.#open.size <= KEPT_QUERIES) return;
      this.#open.delete(query.id);
    }
  }
}
