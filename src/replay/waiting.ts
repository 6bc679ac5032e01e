import type { Clock, Timer } from '../base/clock.js';

/** Thrown into everything that waits when the replay is cut short. */
export class Cut extends Error {
  override readonly name = 'Cut';
}

/**
 * Waits for a time or for somebody to wake it, with one timer at most.
 */
export class Waiting {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #wake: (() => void) | undefined;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Ends the wait that is under way, if there is one. */
  wake(): void {
    this.#wake?.();
  }

  /** Resolves at `dueMs` or when woken. @throws Cut when the signal is or becomes aborted */
  async until(dueMs: number): Promise<void> {
    if (this.#signal.aborted) throw new Cut();
    const leftMs = dueMs - this.#clock.now();
    if (leftMs <= 0) return;
    await new Promise<void>((resolve, reject) => {
      let timer: Timer | undefined;
      const finish = (end: () => void): void => {
        this.#wake = undefined;
        this.#clock.clear(timer);
        this.#signal.removeEventListener('abort', cut);
        end();
      };
      const cut = (): void => finish(() => reject(new Cut()));
      this.#wake = () => finish(resolve);
      this.#signal.addEventListener('abort', cut);
      // Node cuts fractions off and would fire up to a millisecond too early.
      timer = this.#clock.set(Math.ceil(leftMs), () => finish(resolve));
    });
  }

  /** The promise's result, unless the signal comes first. @throws Cut */
  async unlessCut<T>(promise: Promise<T>): Promise<T> {
    let cut: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      cut = () => reject(new Cut());
      if (this.#signal.aborted) cut();
      else this.#signal.addEventListener('abort', cut);
    });
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      if (cut !== undefined) this.#signal.removeEventListener('abort', cut);
    }
  }
}
