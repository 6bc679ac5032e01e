import { decode } from '../bson/decode.js';
import type { Document } from '../bson/value.js';

/** When the documents kept decoded were this large as BSON, all are forgotten and decoded anew. */
const DECODED_LIMIT_BYTES = 64 * 1024 * 1024;

let decodedBytes = 0;
const decodedDocuments = new Set<StoredDocument>();

/** One version of a document. It never changes: an update makes a new one. */
export class StoredDocument {
  #decoded: Document | undefined;

  constructor(
    readonly bytes: Buffer,
    /** Canonical key of the `_id`. */
    readonly idKey: string,
  ) {}

  /** The decoded document. It is shared: decode the bytes anew to change something. */
  get document(): Document {
    if (this.#decoded !== undefined) return this.#decoded;
    const decoded = decode(this.bytes);
    if (decodedBytes + this.bytes.length > DECODED_LIMIT_BYTES) forgetDecoded();
    decodedBytes += this.bytes.length;
    decodedDocuments.add(this);
    this.#decoded = decoded;
    return decoded;
  }

  /** Gives back what the decoded form takes. */
  forget(): void {
    if (this.#decoded === undefined) return;
    this.#decoded = undefined;
    decodedDocuments.delete(this);
    decodedBytes -= this.bytes.length;
  }
}

function forgetDecoded(): void {
  for (const stored of [...decodedDocuments]) stored.forget();
}
