import type { Clock } from '../../base/clock.js';
import { ApiError, tooManyRequests } from '../api-error.js';

/** A bot that has logged out can come back to the same server after this long (documentation of logOut). */
const LOGGED_OUT_MS = 600_000;
/** The same for `close`: so long after its start a bot cannot be closed. */
const YOUNG_MS = 600_000;

/** Is the bot logged in, and since when does it run? */
export class Session {
  readonly #clock: Clock;
  readonly #serverStartedAtMs: number;
  #startedAtMs: number | undefined;
  #loggedOutAtMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#serverStartedAtMs = clock.now();
  }

  /**
   * A call comes in: a bot that does not run is started by it.
   * @throws ApiError `Logged out`; for `close` of a bot that does not run
   */
  admit(method: string): void {
    const now = this.#clock.now();
    if (this.#loggedOutAtMs !== undefined) {
      if (now - this.#loggedOutAtMs < LOGGED_OUT_MS) throw new ApiError(400, 'Logged out');
      this.#loggedOutAtMs = undefined;
    }
    if (this.#startedAtMs !== undefined) return;
    if (method === 'close') throw new ApiError(400, 'Bad Request: the bot has already been closed');
    this.#startedAtMs = now;
  }

  /** Soon after its start a bot is not closed, unless it was started with the server (Client.cpp:12641). */
  close(): void {
    const now = this.#clock.now();
    const startedAtMs = this.#startedAtMs ?? now;
    const leftSeconds = Math.trunc((startedAtMs + YOUNG_MS - now) / 1000);
    if (leftSeconds > 0 && startedAtMs > this.#serverStartedAtMs + YOUNG_MS)
      throw tooManyRequests(leftSeconds);
    this.#startedAtMs = undefined;
  }

  logOut(): void {
    this.#loggedOutAtMs = this.#clock.now();
    this.#startedAtMs = undefined;
  }
}
