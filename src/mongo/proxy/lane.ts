import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.js';

/** From this many bytes held back on, nothing more is read from the source until some have left. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

interface Item {
  readonly dueAt: number;
  readonly bytes: Buffer | undefined;
  readonly then: (() => void) | undefined;
}

/**
 * One direction of one connection: what is put in first leaves first, and nothing before its time. When
 * the target does not take more, or much is held back, the source is paused.
 */
export class Lane {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #clock: Clock;
  #items: Item[] = [];
  #heldBytes = 0;
  #timer: Timer | undefined;

  constructor(source: Socket, target: Socket, clock: Clock) {
    this.#source = source;
    this.#target = target;
    this.#clock = clock;
    target.on('drain', () => this.#regulate());
  }

  /**
   * Sends bytes `delayMs` from now, or as soon as everything before them has left. `then` runs when they
   * have been handed to the socket, or would have been if it were still open.
   */
  push(bytes: Buffer | undefined, delayMs = 0, then?: () => void): void {
    if (this.#items.length === 0 && delayMs === 0) {
      this.#leave(bytes, then);
      return;
    }
    this.#items.push({ dueAt: this.#clock.now() + delayMs, bytes, then });
    this.#heldBytes += bytes?.length ?? 0;
    if (this.#items.length === 1) this.#arm();
    this.#regulate();
  }

  /** Forgets everything that has not left. */
  clear(): void {
    this.#clock.clear(this.#timer);
    this.#timer = undefined;
    this.#items = [];
    this.#heldBytes = 0;
  }

  #arm(): void {
    const [first] = this.#items;
    this.#clock.clear(this.#timer);
    this.#timer = undefined;
    if (first === undefined) return;
    // Timers drop fractions of a millisecond; a delay must not come out shorter than it was drawn.
    const waitMs = Math.ceil(Math.max(first.dueAt - this.#clock.now(), 0));
    this.#timer = this.#clock.set(waitMs, () => this.#release());
  }

  #release(): void {
    const now = this.#clock.now();
    for (let first = this.#items[0]; first !== undefined && first.dueAt <= now; first = this.#items[0]) {
      this.#items.shift();
      this.#heldBytes -= first.bytes?.length ?? 0;
      this.#leave(first.bytes, first.then);
    }
    this.#arm();
  }

  #leave(bytes: Buffer | undefined, then: (() => void) | undefined): void {
    if (bytes !== undefined && this.#target.writable) this.#target.write(bytes);
    then?.();
    this.#regulate();
  }

  #regulate(): void {
    const isFull = this.#heldBytes > MAX_HELD_BYTES || this.#target.writableNeedDrain;
    if (isFull) this.#source.pause();
    else if (this.#source.isPaused()) this.#source.resume();
  }
}
