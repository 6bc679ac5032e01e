/**
 * The one clock of a run. All stamps of the history come from it; it is monotonic and counts
 * milliseconds (with microseconds behind the point) since the run started. The wall-clock time is
 * anchored once, so a change of the system's time in mid-run moves nothing.
 */
export interface Clock {
  /** Milliseconds since the start of the run. */
  now(): number;
  /** Unix time in whole seconds, as Telegram's `date` fields want it. */
  unixSeconds(): number;
  /** Runs `task` once, `delayMs` from now. Returns what `clear` takes. */
  set(delayMs: number, task: () => void): Timer;
  clear(timer: Timer | undefined): void;
}

/** A handle from {@link Clock.set}. */
export interface Timer {
  readonly dueAt: number;
}

interface RealTimer extends Timer {
  handle: NodeJS.Timeout | undefined;
}

/** Node fires a timer with a longer delay at once; longer waits are made of several. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The clock of real runs. */
export class RealClock implements Clock {
  /** `process.hrtime.bigint()` at the start: other processes of the same machine can share the clock. */
  readonly origin: bigint;
  readonly startedAt: Date;
  /** `performance.now()` at the origin: it is the same monotonic clock, and much cheaper to read. */
  readonly #originMs: number;

  constructor(origin = process.hrtime.bigint(), startedAt = new Date()) {
    this.origin = origin;
    this.startedAt = startedAt;
    // The reading between two others, so that what a pause in between shifts is at most half of it.
    const before = performance.now();
    const sinceOriginMs = Number(process.hrtime.bigint() - origin) / 1e6;
    this.#originMs = (before + performance.now()) / 2 - sinceOriginMs;
  }

  now(): number {
    return performance.now() - this.#originMs;
  }

  unixSeconds(): number {
    return Math.floor((this.startedAt.getTime() + this.now()) / 1000);
  }

  set(delayMs: number, task: () => void): Timer {
    const timer: RealTimer = { dueAt: this.now() + delayMs, handle: undefined };
    const arm = (leftMs: number): void => {
      const stageMs = Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS);
      timer.handle = setTimeout(() => (leftMs > stageMs ? arm(leftMs - stageMs) : task()), stageMs);
    };
    arm(delayMs);
    return timer;
  }

  clear(timer: Timer | undefined): void {
    if (timer !== undefined) clearTimeout((timer as RealTimer).handle);
  }
}

/** Resolves after this many milliseconds on the clock, or at once when the signal is aborted. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clock.clear(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.set(ms, finish);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}

interface ManualTimer extends Timer {
  readonly order: number;
  readonly task: () => void;
}

/**
 * A clock that stands still until it is told to move: a day of retries passes in milliseconds.
 * Used by tests and wherever time is computed instead of waited for.
 */
export class ManualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  readonly #timers = new Set<ManualTimer>();
  readonly #epochSeconds: number;

  constructor(epochSeconds = 1_800_000_000) {
    this.#epochSeconds = epochSeconds;
  }

  now(): number {
    return this.#nowMs;
  }

  unixSeconds(): number {
    return this.#epochSeconds + Math.floor(this.#nowMs / 1000);
  }

  set(delayMs: number, task: () => void): Timer {
    const timer: ManualTimer = { dueAt: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, task };
    this.#timers.add(timer);
    return timer;
  }

  clear(timer: Timer | undefined): void {
    if (timer !== undefined) this.#timers.delete(timer as ManualTimer);
  }

  /** Number of timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /**
   * Moves `ms` forward and runs everything that falls due on the way, in order. Between two timers all
   * pending microtasks (and one macrotask turn) run, so that awaiting code keeps up.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueAt);
      next.task();
      await settle();
    }
    this.#nowMs = until;
    await settle();
  }

  #next(until: number): ManualTimer | undefined {
    let best: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt > until) continue;
      if (
        best === undefined ||
        timer.dueAt < best.dueAt ||
        (timer.dueAt === best.dueAt && timer.order < best.order)
      )
        best = timer;
    }
    return best;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
