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
 * Sends events in batches, one batch at a time. They are encoded when they are sent, all in one go: that is
 * several times faster than one by one between the commands, which wait for nothing then either. When the
 * channel stalls, events are dropped and counted.
 */
export class EventBatches {
  readonly #options: EventBatchesOptions;
  readonly #maxWaiting: number;
  readonly #encoder = new EventEncoder();
  #events: EventBody[] = [];
  #timesMs: number[] = [];
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
    if (this.#events.length >= this.#maxWaiting) {
      this.#droppedCount += 1;
      return;
    }
    this.#events.push(event);
    this.#timesMs.push(atMs);
    if (this.#isSending) return;
    if (this.#events.length >= MAX_BATCH_EVENTS) this.#sendNext();
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
    if (this.#events.length === 0) {
      for (const resolve of this.#onEmpty.splice(0)) resolve();
      return;
    }
    this.#isSending = true;
    this.#sentAtMs = this.#options.now();
    this.#options.send(this.#takeAll(), () => {
      this.#isSending = false;
      if (this.#onEmpty.length > 0 || this.#events.length >= MAX_BATCH_EVENTS) this.#sendNext();
      else if (this.#events.length > 0 && !this.#isScheduled) this.#schedule();
    });
  }

  #takeAll(): Buffer {
    for (const [index, event] of this.#events.entries()) this.#encoder.add(event, this.#timesMs[index] ?? 0);
    this.#events = [];
    this.#timesMs = [];
    return this.#encoder.take();
  }

  #tellDropped(): void {
    const message =
      `${this.#droppedCount} events of the fault proxy are missing from the history: ` +
      'it was not read fast enough';
    this.#droppedCount = 0;
    this.#events.push({ type: 'warning', code: 'mongo/events-dropped', message });
    this.#timesMs.push(this.#options.now());
  }
}
