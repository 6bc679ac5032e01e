import { FrameSplitter } from '../wire/frame-splitter.js';
import { WireError } from '../wire/header.js';

/**
 * Hands out the messages of a stream, and what has not been handed out when the stream turns out not to
 * be one of messages: then the rest can still be passed on, and no byte is lost.
 */
export class FrameReader {
  readonly #splitter = new FrameSplitter();
  /** Chunks that are not, or not all, handed out. */
  #chunks: Buffer[] = [];
  /** Bytes at the start of the chunks that are handed out. */
  #doneBytes = 0;

  /** True when this chunk is one message and nothing came before it: it need not go through the reader. */
  isWhole(chunk: Buffer): boolean {
    try {
      return this.#splitter.isWhole(chunk);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return false;
    }
  }

  /**
   * Calls `onFrame` for each message that this chunk completes. A message counts as handed out when
   * `onFrame` returns.
   *
   * @throws WireError when the stream cannot be read, and whatever `onFrame` throws
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    this.#chunks.push(chunk);
    if (this.#splitter.isWhole(chunk)) {
      onFrame(chunk);
      this.#chunks.pop();
      return;
    }
    const frames = this.#splitter.push(chunk);
    if (frames.length === 0) return;
    for (const frame of frames) {
      onFrame(frame);
      this.#doneBytes += frame.length;
    }
    const { heldBytes } = this.#splitter;
    this.#chunks = heldBytes === 0 ? [] : [chunk.subarray(chunk.length - heldBytes)];
    this.#doneBytes = 0;
  }

  /** The bytes that were not handed out. The reader is of no use afterwards. */
  takeRest(): Buffer {
    const rest = Buffer.concat(this.#chunks).subarray(this.#doneBytes);
    this.#chunks = [];
    this.#doneBytes = 0;
    return rest;
  }
}
