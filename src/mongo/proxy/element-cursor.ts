import { documentEnd, hasElements, keyEndAt, numberAt, truthAt, valueEndAt } from './elements.js';
import { stringAt, textAt } from './keys.js';

/** Steps over the elements of one BSON document without decoding them, where it need not be as fast as with bare functions. */
export class ElementCursor {
  type = 0;
  /** Where the element starts, its type byte. */
  start = 0;
  /** Where the value starts. */
  valueAt = 0;
  /** Behind the value. */
  end: number;
  readonly #bytes: Buffer;
  readonly #documentEnd: number;

  /** @throws WireError when the document does not fit into `bytes`. */
  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.#documentEnd = documentEnd(bytes, offset);
    this.end = offset + 4;
  }

  get key(): string {
    return textAt(this.#bytes, this.start + 1, this.valueAt - 1, 'latin1');
  }

  /** Moves to the next element; false when there is none. @throws WireError when it is malformed. */
  next(): boolean {
    this.start = this.end;
    if (this.start >= this.#documentEnd) return false;
    const keyEnd = keyEndAt(this.#bytes, this.start, this.#documentEnd);
    this.type = this.#bytes[this.start] ?? 0;
    this.valueAt = keyEnd + 1;
    this.end = valueEndAt(this.#bytes, this.start, keyEnd, this.#documentEnd);
    return true;
  }

  /** The value as a number, if it is one. Large int64 lose their last digits. */
  number(): number | undefined {
    return numberAt(this.#bytes, this.type, this.valueAt);
  }

  /** The value as a string, if it is one. */
  string(): string | undefined {
    return stringAt(this.#bytes, this.type, this.valueAt, this.end);
  }

  /** The value as true or false; numbers other than 0 are true, as in MongoDB. */
  truth(): boolean {
    return truthAt(this.#bytes, this.type, this.valueAt);
  }

  /** A cursor over the value, if it is a document or an array. */
  inside(): ElementCursor | undefined {
    return hasElements(this.type) ? new ElementCursor(this.#bytes, this.valueAt) : undefined;
  }
}
