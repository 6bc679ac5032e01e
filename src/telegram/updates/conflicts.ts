import type { Clock, Timer } from '../../base/clock.js';
import { ApiError, conflict } from '../api-error.js';

const WINDOW_MS = 3000;

/**
 * How a 409 reaches its caller (Client.cpp:16238; facts/telegram.md §2.4): the first one at once; each
 * further one within three seconds of it is held back for three seconds, so that two consumers that fight
 * see one about every three seconds.
 */
export class Conflicts {
  readonly #clock: Clock;
  readonly #heldBack = new Map<Timer, () => void>();
  #quietUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Hands a 409 with this text to `reject`, now or later. */
  fail(text: string, reject: (error: ApiError) => void): void {
    const now = this.#clock.now();
    const tell = () => reject(conflict(text));
    if (now >= this.#quietUntil) {
      this.#quietUntil = now + WINDOW_MS;
      tell();
      return;
    }
    const timer = this.#clock.set(WINDOW_MS, () => {
      this.#heldBack.delete(timer);
      tell();
    });
    this.#heldBack.set(timer, tell);
  }

  /** Whoever still waits gets its error now. */
  close(): void {
    for (const [timer, tell] of this.#heldBack) {
      this.#clock.clear(timer);
      tell();
    }
    this.#heldBack.clear();
  }
}

/** What a call gets that comes or still waits while the server shuts down. */
export function restarting(): ApiError {
  return new ApiError(500, 'Internal Server Error: restart');
}
