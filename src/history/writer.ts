import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../base/clock.js';
import { messageOf, SendtwiceError } from '../base/errors.js';
import type { EventBody } from './events.js';

/** Events are written in batches of about this many bytes, and at the latest after {@link FLUSH_AFTER_MS}. */
const BATCH_BYTES = 64 * 1024;
const FLUSH_AFTER_MS = 200;

/**
 * Appends events to `history.jsonl`. Lines are numbered here and nowhere else. What has been flushed
 * survives a crash of the harness; a crash loses at most the last {@link FLUSH_AFTER_MS} milliseconds and
 * may leave one half line, which the reader knows how to meet.
 */
export class HistoryWriter {
  readonly path: string;
  readonly #clock: Clock;
  readonly #file: number;
  #seq = 0;
  #batch: string[] = [];
  #batchBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #open = true;

  constructor(path: string, clock: Clock) {
    this.path = path;
    this.#clock = clock;
    try {
      this.#file = openSync(path, 'wx');
    } catch (error) {
      throw new SendtwiceError('file/unreadable', `Cannot create the history ${path}: ${messageOf(error)}`, {
        hint: 'Give another folder with --out, or remove the old run.',
        cause: error,
      });
    }
  }

  /** Number of events written so far. */
  get size(): number {
    return this.#seq;
  }

  /** Bound, so that it can be handed on as an `Emit`. Events after `close` are dropped: the run is over. */
  readonly emit = (event: EventBody, atMs: number = this.#clock.now()): void => {
    if (!this.#open) return;
    this.#seq += 1;
    // A HistoryEvent; put together as text, since this runs several times for each call of a bot.
    const line = `{"seq":${this.#seq},"at":${Math.round(atMs * 1000) / 1000},${JSON.stringify(event).slice(1)}\n`;
    this.#batch.push(line);
    this.#batchBytes += line.length;
    if (this.#batchBytes >= BATCH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  };

  /** Hands everything to the operating system. Synchronous, so it also works in an exit handler. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch.length === 0) return;
    const bytes = Buffer.from(this.#batch.join(''));
    this.#batch = [];
    this.#batchBytes = 0;
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
  }

  close(): void {
    if (!this.#open) return;
    this.flush();
    this.#open = false;
    closeSync(this.#file);
  }
}
