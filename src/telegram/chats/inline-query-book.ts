import type { Clock } from '../../base/clock.js';
import { badRequest } from '../api-error.js';

/** An inline query can be answered about this long: what bots report; the official time is not published. */
export const INLINE_ANSWERABLE_MS = 10_000;

/** Queries beyond this number are forgotten, oldest first. */
const KEPT_QUERIES = 10_000;

/** Inline queries that wait for their answer. */
export class InlineQueryBook {
  readonly #clock: Clock;
  readonly #askedAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(id: string): void {
    this.#askedAtMs.set(id, this.#clock.now());
    for (const oldest of this.#askedAtMs.keys()) {
      if (this.#askedAtMs.size <= KEPT_QUERIES) return;
      this.#askedAtMs.delete(oldest);
    }
  }

  /**
   * Takes the query out: it can be answered once.
   * @throws ApiError for an unknown, answered or old query
   */
  take(id: string): void {
    const askedAtMs = this.#askedAtMs.get(id);
    this.#askedAtMs.delete(id);
    if (askedAtMs === undefined || this.#clock.now() - askedAtMs > INLINE_ANSWERABLE_MS) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
  }
}
