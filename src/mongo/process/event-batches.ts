import type { EventBody } from '../../history/events.js';
import type { TimedEvent } from './messages.js';

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
  #timer: NodeJS.Timeout | undefined;
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
    else this.#timer ??= setTimeout(() => this.#sendNext(), FLUSH_AFTER_MS);
  };

  /** Sends everything; resolves when the channel has taken it all. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty.push(resolve);
      if (!this.#isSending) this.#sendNext();
    });
  }

  #sendNext(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#droppedCount > 0) this.#tellDropped();
    if (this.#waiting.length === 0) {
      for (const resolve of this.#onEmpty.splice(0)) resolve();
      return;
    }
    const batch = this.#waiting.splice(0, MAX_BATCH_EVENTS);
    this.#isSending = true;
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
