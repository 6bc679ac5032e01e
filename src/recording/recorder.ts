import type { Clock } from '../base/clock.js';
import type { RecordedCall, RecordedDelivery, RecordedEvent, RecordedUpdate } from './format.js';
import { type Redaction, Redactor } from './redaction.js';

/** What a recorder writes to: a RecordingWriter. */
export interface EventSink {
  append(event: RecordedEvent): Promise<void>;
}

export interface RecorderOptions {
  /** Default `none`. Tokens and secrets are never written, whatever this says. */
  readonly redact?: Redaction;
}

/**
 * Gathers a recording from a live server: stamps what it is told and writes it down. `at` is the time of
 * the telling, so tell of an update when the bot gets it and of a call when it is answered.
 */
export class Recorder {
  readonly #sink: EventSink;
  readonly #clock: Clock;
  readonly #redactor: Redactor;
  readonly #startedAtMs: number;

  /** The recording starts now: write the header with the same moment. */
  constructor(sink: EventSink, clock: Clock, options: RecorderOptions = {}) {
    this.#sink = sink;
    this.#clock = clock;
    this.#redactor = new Redactor(options.redact ?? 'none');
    this.#startedAtMs = clock.now();
  }

  /** How many different phone numbers and e-mail addresses were replaced until now. */
  get replaced(): Redactor['replaced'] {
    return this.#redactor.replaced;
  }

  /** An update that the bot gets, `update_id` included. Resolves when there is room for more. */
  update(update: RecordedUpdate['update']): Promise<void> {
    return this.#append({ at: this.#now(), type: 'update', update: this.#redactor.redact(update) });
  }

  /** A call of the bot that was answered: with `result`, or with `ok: false` and the error. */
  call(call: Omit<RecordedCall, 'at' | 'type'>): Promise<void> {
    return this.#append({ at: this.#now(), type: 'call', ...this.#redactor.redact(call) });
  }

  /** An attempt to hand an update to the bot that has ended. */
  delivery(delivery: Omit<RecordedDelivery, 'at' | 'type'>): Promise<void> {
    return this.#append({ at: this.#now(), type: 'delivery', ...delivery });
  }

  #append(event: RecordedEvent): Promise<void> {
    return this.#sink.append(event);
  }

  #now(): number {
    return Math.round((this.#clock.now() - this.#startedAtMs) * 1000) / 1000;
  }
}
