import type { Clock, Timer } from '../base/clock.js';

/** What will happen by itself in one bot's world: a poll ends, a live location stops. All ends with the bot. */
export class WorldTimers {
  readonly #clock: Clock;
  readonly #waiting = new Set<Timer>();
  #open = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `task` once, `delayMs` from now, unless it is cleared or the bot goes first. */
  set(delayMs: number, task: () => void): Timer | undefined {
    if (!this.#open) return undefined;
    const timer = this.#clock.set(delayMs, () => {
      this.#waiting.delete(timer);
      task();
    });
    this.#waiting.add(timer);
    return timer;
  }

  clear(timer: Timer | undefined): void {
    if (timer === undefined) return;
    this.#waiting.delete(timer);
    this.#clock.clear(timer);
  }

  close(): void {
    this.#open = false;
    for (const timer of this.#waiting) this.#clock.clear(timer);
    this.#waiting.clear();
  }
}
