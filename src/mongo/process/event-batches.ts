import type { EventBody } from '../../history/events.js';
import type { TimedEvent } from './messages.js';

/** An event that comes this long after the last batch is sent at once. */
const QUIET_MS = 5;
/** Under load, batches are this far apart: sending many small ones costs more than the events do. */
const FLUSH_AFTER_MS = 20;
const MAX_BATCH_EVENTS = 1000;
/** More than this many waiting events are not kept: the reader has stalled, and memory is not endless. */
const MAX_WAITING_EVENTS = 50_000;

export interface EventBatchesOptions {
  /** Sends a batch and calls `sent` when the channel has taken it; not called before that again. */
  readonly send: (events: readonly TimedEvent[], sent: () => void) => void;
  readonly now: () => number;
  readonly maxWaitingEvents?: number;
}

/** Sends events in batches, one batch at a time. When the channel stalls, events are dropped and counted. */
export class EventBatches {
  readonly #options: EventBatchesOptions;
  readonly #maxWaiting: number;
  #waiting: TimedEvent[] = [];
  #droppedCount = 0;
  #isSending = false;
  #isScheduled = false;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #onEmpty: (() => void)[] = [];

  constructor(options: EventBatchesOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaitingEvents ?? MAX_WAITING_EVENTS;
  }

  /** Bound, so that it can be handed on as an `Emit`. */
  readonly emit = (event: EventBody, atMs: number = this.#options.now()): void => {
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#droppedCount += 1;
      return;
    }
    this.#waiting.push([atMs, event]);
    if (this.#isSending) return;
    if (this.#waiting.length >= MAX_BATCH_EVENTS) this.#sendNext();
    else if (!this.#isScheduled) this.#schedule();
  };

  /** Sends everything; resolves when the channel has taken it all. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty.push(resolve);
      if (!this.#isSending) this.#sendNext();
    });
  }

  /** After a quiet time at once: a command that is just starting may hold up this process for ever. */
  #schedule(): void {
    this.#isScheduled = true;
    const send = (): void => {
      this.#isScheduled = false;
      if (!this.#isSending) this.#sendNext();
    };
    const quietMs = this.#options.now() - this.#sentAtMs;
    if (quietMs >= QUIET_MS) setImmediate(send);
    else setTimeout(send, FLUSH_AFTER_MS - quietMs);
  }

  #sendNext(): void {
    if (this.#droppedCount > 0) this.#tellDropped();
    if (this.#waiting.length === 0) {
      for (const resolve of this.#onEmpty.splice(0)) resolve();
      return;
    }
    const batch = this.#waiting.splice(0, MAX_BATCH_EVENTS);
    this.#isSending = true;
    this.#sentAtMs = this.#options.now();
    this.#options.send(batch, () => {
      this.#isSending = false;
      if (this.#waiting.length > 0 || this.#onEmpty.length > 0) this.#sendNext();
    });
  }

  #tellDropped(): void {
    const message =
      `${this.#droppedCount} events of the fault proxy are missing from the history: ` +
      'it was not read fast enough';
    this.#droppedCount = 0;
    this.#waiting.push([this.#options.now(), { type: 'warning', code: 'mongo/events-dropped', message }]);
  }
}
