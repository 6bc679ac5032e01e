import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock, Timer } from '../base/clock.js';
import type { Emit, EventBody } from '../history/events.js';

const HEALTH_EVERY_MS = 1000;
const LOOK_EVERY_MS = 50;

/** Notes when something last happened between the bot, Telegram and the database. */
export class Activity {
  #lastAt = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Passes events on to `emit`, and takes the time of those that show the bot or Telegram at work. */
  watch(emit: Emit): Emit {
    return (event, atMs) => {
      if (isActivity(event)) this.#lastAt = this.#clock.now();
      emit(event, atMs);
    };
  }

  /**
   * Waits until nothing has happened for `quietMs` and `busy` says no. Gives up after `limitMs`.
   * Returns false when it gave up.
   */
  quiet(quietMs: number, limitMs: number, busy: () => boolean, signal: AbortSignal): Promise<boolean> {
    const startedAt = this.#clock.now();
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const finish = (calm: boolean): void => {
        signal.removeEventListener('abort', stop);
        this.#clock.clear(timer);
        resolve(calm);
      };
      const stop = (): void => finish(false);
      const look = (): void => {
        const now = this.#clock.now();
        const since = now - Math.max(this.#lastAt, startedAt);
        if (since >= quietMs && !busy()) finish(true);
        else if (now - startedAt >= limitMs) finish(false);
        else timer = this.#clock.set(LOOK_EVERY_MS, look);
      };
      if (signal.aborted) resolve(false);
      else {
        signal.addEventListener('abort', stop);
        look();
      }
    });
  }
}

/** Polling goes on for ever, so it is no sign of life. */
function isActivity(event: EventBody): boolean {
  switch (event.type) {
    case 'call.started':
    case 'call.ended':
      return event.method !== 'getUpdates';
    case 'update.queued':
    case 'delivery.started':
    case 'delivery.ended':
    case 'command.started':
    case 'command.ended':
      return true;
    default:
      return false;
  }
}

/** Reports once a second how late the harness's own event loop runs. Returns how to stop it. */
export function watchHealth(emit: Emit): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const report = (): void => {
    const ms = (ns: number): number => Math.max(0, Math.round(ns / 1e4 - 1000) / 100);
    emit({ type: 'harness.health', loopDelayP99Ms: ms(delay.percentile(99)), loopDelayMaxMs: ms(delay.max) });
    delay.reset();
  };
  const timer = setInterval(report, HEALTH_EVERY_MS);
  return () => {
    clearInterval(timer);
    delay.disable();
  };
}
