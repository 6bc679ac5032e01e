import { randomBytes } from 'node:crypto';
import { type Encodable, RawDocument } from './bson/value.js';
import { ServerError } from './errors.js';

/** Documents of the first batch when the client does not say. */
const FIRST_BATCH = 101;

/** What one batch may hold, so that the reply stays below the limit of a message. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** A cursor that nobody asks for this long is closed. */
const IDLE_LIMIT_MS = 10 * 60 * 1000;

/** A client that opens more cursors than this leaks them. */
const MAX_CURSORS = 10_000;

interface Cursor {
  readonly namespace: string;
  /** Finds a document when it is asked for one, so that later batches show what was written meanwhile. */
  readonly documents: Iterator<Buffer>;
  /** Found, but too large for the batch before. */
  waiting: Buffer | undefined;
  /** How many documents may still come, as far as it is known. */
  left: number;
  usedAtMs: number;
  isKilled: boolean;
}

/** The cursors that wait for `getMore`. */
export class CursorRegistry {
  readonly #cursors = new Map<bigint, Cursor>();

  get size(): number {
    return this.#cursors.size;
  }

  /**
   * The `cursor` field of a reply with the first batch.
   *
   * @param batchSize 0 gives an empty batch, `undefined` the default of 101.
   * @param most Documents after which the cursor is at its end; without it, it has to look for one more.
   */
  open(
    namespace: string,
    documents: Iterable<Buffer>,
    batchSize: number | undefined,
    singleBatch = false,
    most = Array.isArray(documents) ? documents.length : Number.POSITIVE_INFINITY,
  ): Map<string, Encodable> {
    const cursor: Cursor = {
      namespace,
      documents: documents[Symbol.iterator](),
      waiting: undefined,
      left: most,
      usedAtMs: Date.now(),
      isKilled: false,
    };
    const firstBatch = nextBatch(cursor, batchSize ?? FIRST_BATCH);
    const isDone = singleBatch || cursor.left === 0;
    return new Map<string, Encodable>([
      ['firstBatch', firstBatch],
      ['id', isDone ? 0n : this.#keep(cursor)],
      ['ns', namespace],
    ]);
  }

  #keep(cursor: Cursor): bigint {
    if (this.#cursors.size >= MAX_CURSORS)
      throw new ServerError(1, `There are ${MAX_CURSORS} open cursors already`);
    let id = 0n;
    while (id === 0n || this.#cursors.has(id)) id = randomBytes(8).readBigInt64LE() & 0x7fff_ffff_ffff_ffffn;
    this.#cursors.set(id, cursor);
    return id;
  }

  /** @throws ServerError 43 when there is no such cursor, 13 when it is one of another collection. */
  more(id: bigint, namespace: string, batchSize: number | undefined): Map<string, Encodable> {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) throw new ServerError(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new ServerError(
        13,
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    const wanted = batchSize === undefined || batchSize === 0 ? Number.POSITIVE_INFINITY : batchSize;
    // An error ends the cursor.
    this.#cursors.delete(id);
    if (cursor.isKilled) throw new ServerError(175, `Query plan killed :: ${namespace} has been dropped`);
    const batch = nextBatch(cursor, wanted);
    cursor.usedAtMs = Date.now();
    const isDone = cursor.left === 0;
    if (!isDone) this.#cursors.set(id, cursor);
    return new Map<string, Encodable>([
      ['nextBatch', batch],
      ['id', isDone ? 0n : id],
      ['ns', namespace],
    ]);
  }

  kill(id: bigint): boolean {
    return this.#cursors.delete(id);
  }

  /** The next `getMore` of the cursors of a collection is told that it is gone. */
  killAll(namespace: string): void {
    for (const cursor of this.#cursors.values()) if (cursor.namespace === namespace) cursor.isKilled = true;
  }

  closeIdle(nowMs: number): void {
    for (const [id, { usedAtMs }] of this.#cursors)
      if (nowMs - usedAtMs > IDLE_LIMIT_MS) this.#cursors.delete(id);
  }
}

function nextBatch(cursor: Cursor, count: number): RawDocument[] {
  const batch: RawDocument[] = [];
  let bytes = 0;
  while (batch.length < count && cursor.left > 0) {
    const next = cursor.waiting === undefined ? cursor.documents.next() : undefined;
    const document = next?.done === true ? undefined : (next?.value ?? cursor.waiting);
    if (document === undefined) {
      cursor.left = 0;
      break;
    }
    const isTooMuch = batch.length > 0 && bytes + document.length > MAX_BATCH_BYTES;
    cursor.waiting = isTooMuch ? document : undefined;
    if (isTooMuch) break;
    batch.push(new RawDocument(document));
    bytes += document.length;
    cursor.left -= 1;
  }
  return batch;
}
