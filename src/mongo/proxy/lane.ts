import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.js';

/** From this many bytes held back or not taken by the target on, nothing more is read from the source until some have left. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** How bytes leave in pieces. */
export interface Drip {
  readonly bytes: number;
  readonly everyMs: number;
}

interface Item {
  dueAt: number;
  bytes: Buffer | undefined;
  readonly then: (() => void) | undefined;
  readonly drip: Drip | undefined;
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
  #isStalled = false;
  #isPaused = false;

  constructor(source: Socket, target: Socket, clock: Clock) {
    this.#source = source;
    this.#target = target;
    this.#clock = clock;
    target.on('drain', () => this.#regulate());
  }

  /** True when nothing will ever leave any more. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** Sends bytes at once when nothing is held back. False: they must be pushed. */
  pass(bytes: Buffer): boolean {
    if (this.#items.length > 0) return false;
    this.#write(bytes);
    return true;
  }

  /**
   * Sends bytes `delayMs` from now, or as soon as everything before them has left. `then` runs when they
   * have been handed to the socket, or would have been if it were still open.
   */
  push(bytes: Buffer | undefined, delayMs = 0, then?: () => void, drip?: Drip): void {
    if (this.#items.length === 0 && delayMs === 0 && drip === undefined) {
      if (bytes !== undefined) this.#write(bytes);
      then?.();
      return;
    }
    this.#items.push({ dueAt: this.#clock.now() + delayMs, bytes, then, drip });
    this.#heldBytes += bytes?.length ?? 0;
    if (this.#items.length === 1) this.#arm();
    this.#regulate();
  }

  /** From here on nothing leaves: what comes is held, and soon nothing more is read. */
  stall(): void {
    this.#isStalled = true;
    this.push(undefined, Number.POSITIVE_INFINITY);
  }

  /** Forgets everything that has not left. */
  clear(): void {
    this.#clock.clear(this.#timer);
    this.#timer = undefined;
    this.#items = [];
    this.#heldBytes = 0;
    this.#isStalled = false;
  }

  #arm(): void {
    const [first] = this.#items;
    this.#clock.clear(this.#timer);
    this.#timer = undefined;
    if (first === undefined || first.dueAt === Number.POSITIVE_INFINITY) return;
    // Timers drop fractions of a millisecond; a delay must not come out shorter than it was drawn.
    const waitMs = Math.ceil(Math.max(first.dueAt - this.#clock.now(), 0));
    this.#timer = this.#clock.set(waitMs, () => this.#release());
  }

  #release(): void {
    const now = this.#clock.now();
    for (let first = this.#items[0]; first !== undefined && first.dueAt <= now; first = this.#items[0]) {
      if (first.drip !== undefined && this.#releasePiece(first, first.drip, now)) continue;
      this.#items.shift();
      this.#heldBytes -= first.bytes?.length ?? 0;
      if (first.bytes !== undefined) this.#write(first.bytes);
      first.then?.();
    }
    this.#arm();
    this.#regulate();
  }

  /** Sends the next piece; false when it is the last one. */
  #releasePiece(item: Item, { bytes: pieceBytes, everyMs }: Drip, now: number): boolean {
    const { bytes } = item;
    if (bytes === undefined || bytes.length <= pieceBytes) return false;
    this.#write(bytes.subarray(0, pieceBytes));
    this.#heldBytes -= pieceBytes;
    item.bytes = bytes.subarray(pieceBytes);
    item.dueAt = now + everyMs;
    return true;
  }

  #write(bytes: Buffer): void {
    if (this.#target.writable && !this.#target.write(bytes) && this.#target.writableLength > 0)
      this.#regulate();
  }

  #regulate(): void {
    // A socket wants to be waited for from 16 KB on, though the system takes most answers of that size at once:
    // to stop and start reading for each would cost more than the answer.
    const isFull = this.#heldBytes + this.#target.writableLength > MAX_HELD_BYTES;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#source.pause();
    else this.#source.resume();
  }
}
