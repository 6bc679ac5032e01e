import type { Clock, Timer } from '../base/clock.js';

/** Beyond it the oldest is forgotten: that poll or live location does not end by itself. */
const MOST_TIMERS = 50_000;

/** What will happen by itself in one bot's world: a poll ends, a live location stops. All ends with the bot. */
export class WorldTimers {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #waiting = new Set<Timer>();
  #open = true;

  constructor(clock: Clock, most = MOST_TIMERS) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Runs `task` once, `delayMs` from now, unless it is cleared or the bot goes first. */
  set(delayMs: number, task: () => void): Timer | undefined {
    if (!this.#open) return undefined;
    const timer = this.#clock.set(delayMs, () => {
      this.#waiting.delete(timer);
      task();
    });
    this.#waiting.add(timer);
    if (this.#waiting.size > this.#most) this.clear(this.#waiting.values().next().value);
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
