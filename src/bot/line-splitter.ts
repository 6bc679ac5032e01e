import { StringDecoder } from 'node:string_decoder';

/** A longer line is cut here; the rest of it is left out. */
const LONGEST_LINE = 16 * 1024;

/** Turns chunks of output into lines, in bounded memory. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #partial = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const pieces = this.#decoder.write(chunk).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      this.#append(piece);
      this.end();
    }
    this.#append(last);
  }

  /** Hands out a last line that has no line end. */
  end(): void {
    const line = this.#partial;
    this.#partial = '';
    if (line.trim() !== '') this.#onLine(line);
  }

  #append(text: string): void {
    if (this.#partial.length < LONGEST_LINE) this.#partial = (this.#partial + text).slice(0, LONGEST_LINE);
  }
}
