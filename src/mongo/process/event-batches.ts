import type { EventBody } from '../../history/events.js';
import { EventEncoder } from './event-codec.js';

/** An event that comes this long after the last batch is sent at once. */
const QUIET_MS = 5;
/** Under load, batches are this far apart: sending many small ones costs more than the events do. */
const FLUSH_AFTER_MS = 50;
const MAX_BATCH_EVENTS = 5000;
/** More than this is not kept while it waits: the reader has stalled, and memory is not endless. */
const MAX_WAITING_EVENTS = 50_000;

export interface EventBatchesOptions {
  /** Sends a batch and calls `sent` when the channel has taken it; not called before that again. */
  readonly send: (bytes: Buffer, sent: () => void) => void;
  readonly now: () => number;
  readonly maxWaitingEvents?: number;
}

/**
 * Sends events in batches, one batch at a time. When the channel stalls, events are dropped and counted.
 */
export class EventBatches {
  readonly #options: EventBatchesOptions;
  readonly #maxWaiting: number;
  readonly #encoder = new EventEncoder();
  #waitingCount = 0;
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
    if (this.#waitingCount >= this.#maxWaiting) {
      this.#droppedCount += 1;
      return;
    }
    // Encoded at once: many events that live until they are sent cost more, in garbage collection.
    this.#add(event, atMs);
    if (this.#isSending) return;
    if (this.#waitingCount >= MAX_BATCH_EVENTS) this.#sendNext();
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
    if (this.#waitingCount === 0) {
      for (const resolve of this.#onEmpty.splice(0)) resolve();
      return;
    }
    this.#isSending = true;
    this.#sentAtMs = this.#options.now();
    this.#waitingCount = 0;
    this.#options.send(this.#encoder.take(), () => {
      this.#isSending = false;
      if (this.#onEmpty.length > 0 || this.#waitingCount >= MAX_BATCH_EVENTS) this.#sendNext();
      else if (this.#waitingCount > 0 && !this.#isScheduled) this.#schedule();
    });
  }

  #add(event: EventBody, atMs: number): void {
    this.#encoder.add(event, atMs);
    this.#waitingCount += 1;
  }

  #tellDropped(): void {
    const message =
      `${this.#droppedCount} events of the fault proxy are missing from the history: ` +
      'it was not read fast enough';
    this.#droppedCount = 0;
    this.#add({ type: 'warning', code: 'mongo/events-dropped', message }, this.#options.now());
  }
}
