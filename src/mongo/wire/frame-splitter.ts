import { readMessageLength } from './header.js';

const LENGTH_BYTES = 4;

/**
 * Cuts a stream of chunks into whole messages. A message that lies within one chunk is a view of that
 * chunk (keep a copy, not the view, of what must outlive it); one that spans chunks is joined once.
 */
export class FrameSplitter {
  #parts: Buffer[] = [];
  #heldBytes = 0;
  /** Length of the message that is being collected; 0 while fewer than four bytes of it are here. */
  #wantedBytes = 0;

  /** Bytes of an unfinished message. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** True when this chunk is one message and no other is under way: it need not be cut then. */
  isWhole(chunk: Buffer): boolean {
    return this.#heldBytes === 0 && chunk.length >= LENGTH_BYTES && readMessageLength(chunk) === chunk.length;
  }

  /**
   * Returns the messages that this chunk completes, in order.
   *
   * @throws WireError when a length is out of bounds. The stream cannot be read any further then.
   */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let rest = chunk;
    if (this.#heldBytes > 0) {
      const taken = this.#complete(chunk);
      if (taken === undefined) return frames;
      frames.push(taken.frame);
      rest = taken.rest;
    }
    while (rest.length >= LENGTH_BYTES) {
      const length = readMessageLength(rest);
      if (rest.length < length) {
        this.#wantedBytes = length;
        break;
      }
      frames.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    if (rest.length > 0) this.#hold(rest);
    return frames;
  }

  #complete(chunk: Buffer): { frame: Buffer; rest: Buffer } | undefined {
    if (this.#wantedBytes === 0) {
      if (this.#heldBytes + chunk.length < LENGTH_BYTES) {
        this.#hold(chunk);
        return undefined;
      }
      const head = Buffer.concat([...this.#parts, chunk.subarray(0, LENGTH_BYTES)]);
      this.#wantedBytes = readMessageLength(head);
    }
    const missing = this.#wantedBytes - this.#heldBytes;
    if (chunk.length < missing) {
      this.#hold(chunk);
      return undefined;
    }
    const frame = Buffer.concat([...this.#parts, chunk.subarray(0, missing)], this.#wantedBytes);
    this.#parts = [];
    this.#heldBytes = 0;
    this.#wantedBytes = 0;
    return { frame, rest: chunk.subarray(missing) };
  }

  #hold(part: Buffer): void {
    this.#parts.push(part);
    this.#heldBytes += part.length;
  }
}
