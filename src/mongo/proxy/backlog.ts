import type { Clock, Timer } from '../../base/clock.js';
import type { Emit } from '../../history/events.js';

/** What comes this long after the last time is read at once. */
const QUIET_MS = 5;
/** Under load, what has been passed on is read this much later at most. */
const READ_AFTER_MS = 5;
/** No more than this waits, so that memory stays small. */
const MAX_WAITING = 512;
const MAX_WAITING_BYTES = 1024 * 1024;

/** Something that has been passed on and is still to be read. */
export interface Unread {
  /** Reads it and tells the history. */
  read(): void;
}

/**
 * What has been passed on before it was read, of all connections, in the order in which it came. Reading much
 * in one go is cheaper than reading a little between any two messages, and nobody waits for it. The history
 * does not show it: times are taken when things happen, and whoever tells something else tells the
 * backlog first.
 */
export class Backlog {
  readonly #clock: Clock;
  readonly #emit: Emit;
  #unread: Unread[] = [];
  #bytes = 0;
  #timer: Timer | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, emit: Emit) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Bound, so that it can be handed on as an `Emit`: everything that is not read yet comes first. */
  readonly emit: Emit = (event, atMs) => {
    this.read();
    this.#emit(event, atMs);
  };

  /** Of something that came at this time and keeps so many bytes until it is read. */
  add(unread: Unread, bytes: number, atMs: number): void {
    this.#unread.push(unread);
    this.#bytes += bytes;
    if (this.#unread.length >= MAX_WAITING || this.#bytes >= MAX_WAITING_BYTES) this.read();
    else if (this.#timer === undefined) this.#schedule(atMs);
  }

  /** Reads everything. */
  read(): void {
    if (this.#unread.length === 0) return;
    const unread = this.#unread;
    this.#unread = [];
    this.#bytes = 0;
    this.#readAtMs = this.#clock.now();
    for (const one of unread) one.read();
  }

  close(): void {
    this.read();
    this.#clock.clear(this.#timer);
    this.#timer = undefined;
  }

  /** After a quiet time at once: a command that is just starting may hold up this process for ever. */
  #schedule(atMs: number): void {
    if (atMs - this.#readAtMs >= QUIET_MS) {
      this.read();
      return;
    }
    this.#timer = this.#clock.set(READ_AFTER_MS, () => {
      this.#timer = undefined;
      this.read();
    });
  }
}
