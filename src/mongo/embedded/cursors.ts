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
  readonly documents: readonly Buffer[];
  next: number;
  usedAtMs: number;
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
   */
  open(
    namespace: string,
    documents: readonly Buffer[],
    batchSize: number | undefined,
    singleBatch = false,
  ): Map<string, Encodable> {
    const cursor: Cursor = { namespace, documents, next: 0, usedAtMs: Date.now() };
    const firstBatch = nextBatch(cursor, batchSize ?? FIRST_BATCH);
    const isDone = singleBatch || cursor.next >= documents.length;
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
    const batch = nextBatch(cursor, wanted);
    cursor.usedAtMs = Date.now();
    const isDone = cursor.next >= cursor.documents.length;
    if (isDone) this.#cursors.delete(id);
    return new Map<string, Encodable>([
      ['nextBatch', batch],
      ['id', isDone ? 0n : id],
      ['ns', namespace],
    ]);
  }

  kill(id: bigint): boolean {
    return this.#cursors.delete(id);
  }

  closeIdle(nowMs: number): void {
    for (const [id, { usedAtMs }] of this.#cursors)
      if (nowMs - usedAtMs > IDLE_LIMIT_MS) this.#cursors.delete(id);
  }
}

function nextBatch(cursor: Cursor, count: number): RawDocument[] {
  const batch: RawDocument[] = [];
  let bytes = 0;
  while (batch.length < count) {
    const document = cursor.documents[cursor.next];
    if (document === undefined || (batch.length > 0 && bytes + document.length > MAX_BATCH_BYTES)) break;
    batch.push(new RawDocument(document));
    bytes += document.length;
    cursor.next += 1;
  }
  return batch;
}
