import { randomUUID } from 'node:crypto';
import { inspectValue } from '../bson/inspect.js';
import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { leafValues, splitPath } from '../query/path.js';
import { Index, type IndexOptions } from './collection-index.js';
import { type Slot, versions, visible } from './slot.js';
import type { Store } from './store.js';
import type { StoredDocument } from './stored-document.js';
import { HeldByTransaction, type Transaction, writeConflict } from './transaction.js';
import type { Validator } from './validator.js';

/** The most indexes of a collection, as in the official server. */
const MAX_INDEXES = 64;

/** The documents of one collection and its indexes. */
export class Collection {
  readonly uuid = randomUUID();
  /** False while only transactions that are open know of it. */
  isListed = true;
  validator: Validator | undefined;
  readonly #slots = new Map<string, Slot>();
  readonly #indexes = new Map<string, Index>();
  #lastOrder = 0;

  constructor(
    readonly store: Store,
    /** `database.collection`; another after a rename. */
    public namespace: string,
  ) {
    const key = new Map<string, Value>([['_id', 1]]);
    const spec = new Map<string, Value>([
      ['v', 2],
      ['key', key],
      ['name', '_id_'],
    ]);
    const options = {
      name: '_id_',
      key,
      unique: true,
      sparse: false,
      partial: undefined,
      expireAfterSeconds: undefined,
      spec,
    };
    this.#idIndex = options;
  }

  /** The `_id` index needs no entries: the slots are it. */
  readonly #idIndex: IndexOptions;

  /** What `listIndexes` shows, `_id` first. */
  get indexes(): IndexOptions[] {
    return [this.#idIndex, ...[...this.#indexes.values()].map(({ options }) => options)];
  }

  /** All documents in natural order, as `reader` sees them. */
  *documents(reader?: Transaction): Generator<StoredDocument> {
    for (const slot of this.#slots.values()) {
      const stored = visible(slot, reader);
      if (stored !== undefined) yield stored;
    }
  }

  /** Documents that may have one of the values in this field; `undefined` when no index knows. */
  lookUp(field: string, keys: readonly string[], reader?: Transaction): Iterable<StoredDocument> | undefined {
    const slots = field === '_id' ? this.#slotsById(keys) : this.#slotsByIndex(field, keys);
    return slots === undefined ? undefined : inOrder(slots, reader);
  }

  #slotsById(keys: readonly string[]): Set<Slot> {
    const slots = new Set<Slot>();
    for (const key of keys) {
      const slot = this.#slots.get(key);
      if (slot !== undefined) slots.add(slot);
    }
    return slots;
  }

  #slotsByIndex(field: string, keys: readonly string[]): Set<Slot> | undefined {
    for (const index of this.#indexes.values()) {
      if (index.lookupField === field) return new Set(keys.flatMap((key) => [...index.find(key)]));
    }
    return undefined;
  }

  /** @throws ServerError 11000 when an `_id` or a unique key is taken. */
  insert(stored: StoredDocument, writer?: Transaction): void {
    const slot = this.#slots.get(stored.idKey) ?? this.#newSlot(stored.idKey);
    this.checkWritable(slot.idKey, writer);
    if (visible(slot, writer) !== undefined)
      throw this.#duplicate(this.#idIndex, [stored.document.get('_id') ?? null]);
    this.#checkUnique(slot, stored, writer);
    if (!this.#slots.has(slot.idKey) || versions(slot).length === 0) slot.order = ++this.#lastOrder;
    this.#slots.set(slot.idKey, slot);
    this.#write(slot, stored, writer);
  }

  /** Puts a new version in place of the document with the same `_id`. */
  replace(stored: StoredDocument, writer?: Transaction): void {
    const slot = this.#existing(stored.idKey);
    this.checkWritable(stored.idKey, writer);
    this.#checkUnique(slot, stored, writer);
    this.#write(slot, stored, writer);
  }

  remove(idKey: string, writer?: Transaction): void {
    const slot = this.#existing(idKey);
    this.checkWritable(idKey, writer);
    this.#write(slot, undefined, writer);
  }

  /**
   * @throws ServerError 112 for a transaction that would overwrite what another has written.
   * @throws HeldByTransaction for a write outside of transactions.
   */
  checkWritable(idKey: string, writer: Transaction | undefined): void {
    const slot = this.#slots.get(idKey);
    if (slot === undefined) return;
    if (slot.pending !== undefined && slot.pending.owner !== writer) {
      throw writer === undefined ? new HeldByTransaction() : writeConflict();
    }
    if (writer !== undefined && slot.committed.since > writer.snapshotAt) throw writeConflict();
  }

  #newSlot(idKey: string): Slot {
    return { idKey, order: 0, committed: { since: 0, stored: undefined }, older: [], pending: undefined };
  }

  #existing(idKey: string): Slot {
    const slot = this.#slots.get(idKey);
    if (slot === undefined) throw new Error(`There is no document ${idKey} in ${this.namespace}`);
    return slot;
  }

  #write(slot: Slot, stored: StoredDocument | undefined, writer: Transaction | undefined): void {
    if (stored !== undefined) this.store.reserve(stored.bytes.length);
    if (writer === undefined) {
      this.#commitVersion(slot, stored);
    } else {
      const replaced = slot.pending?.stored;
      slot.pending = { owner: writer, stored };
      writer.touched.set(slot, this);
      if (replaced !== undefined) this.#drop(slot, replaced);
    }
    if (stored !== undefined) for (const index of this.#indexes.values()) index.add(slot, stored);
    this.#forgetIfEmpty(slot);
  }

  #commitVersion(slot: Slot, stored: StoredDocument | undefined): void {
    const replaced = slot.committed;
    slot.committed = { since: this.store.nextSequence(), stored };
    if (this.store.hasTransactions) {
      slot.older = [replaced, ...slot.older];
      this.store.rememberOlder(slot, this);
    } else if (replaced.stored !== undefined) this.#drop(slot, replaced.stored);
  }

  /** The pending version becomes the newest one. */
  commit(slot: Slot): void {
    const { pending } = slot;
    if (pending === undefined) return;
    slot.pending = undefined;
    this.#commitVersion(slot, pending.stored);
    this.#forgetIfEmpty(slot);
  }

  /** The pending version is forgotten. */
  rollBack(slot: Slot): void {
    const stored = slot.pending?.stored;
    slot.pending = undefined;
    if (stored !== undefined) this.#drop(slot, stored);
    this.#forgetIfEmpty(slot);
  }

  /** No transaction is left that could see older versions. */
  dropOlder(slot: Slot): void {
    const { older } = slot;
    slot.older = [];
    for (const { stored } of older) if (stored !== undefined) this.#drop(slot, stored);
    this.#forgetIfEmpty(slot);
  }

  #drop(slot: Slot, stored: StoredDocument): void {
    for (const index of this.#indexes.values()) index.remove(slot, stored);
    stored.forget();
    this.store.release(stored.bytes.length);
  }

  #forgetIfEmpty(slot: Slot): void {
    if (slot.pending === undefined && slot.older.length === 0 && slot.committed.stored === undefined) {
      this.#slots.delete(slot.idKey);
    }
  }

  #checkUnique(slot: Slot, stored: StoredDocument, writer: Transaction | undefined): void {
    for (const index of this.#indexes.values()) {
      const keys = index.keysOf(stored.document);
      if (!index.options.unique) continue;
      for (const { text, values } of keys) {
        for (const other of index.find(text)) {
          if (other !== slot && this.#isTaken(index, other, text, writer))
            throw this.#duplicate(index.options, values);
        }
      }
    }
  }

  #isTaken(index: Index, other: Slot, text: string, writer: Transaction | undefined): boolean {
    const { pending, committed } = other;
    if (pending !== undefined && pending.owner === writer) return index.has(pending.stored, text);
    const isCommitted = index.has(committed.stored, text);
    if (pending !== undefined && (isCommitted || index.has(pending.stored, text))) {
      throw writer === undefined ? new HeldByTransaction() : writeConflict();
    }
    if (isCommitted && writer !== undefined && committed.since > writer.snapshotAt) throw writeConflict();
    return isCommitted;
  }

  #duplicate({ name, key }: IndexOptions, values: readonly Value[]): ServerError {
    const keyValue = new Map(
      [...key.keys()].map((field, at): [string, Value] => [field, values[at] ?? null]),
    );
    const message = `E11000 duplicate key error collection: ${this.namespace} index: ${name} dup key: ${inspectValue(keyValue)}`;
    return new ServerError(
      11000,
      message,
      [],
      new Map<string, Value>([
        ['keyPattern', key],
        ['keyValue', keyValue],
      ]),
    );
  }

  /** @throws ServerError 11000 when the documents that are there break a unique index. */
  addIndex(options: IndexOptions): void {
    if (this.#indexes.size + 1 >= MAX_INDEXES) {
      throw new ServerError(67, `add index fails, too many indexes for ${this.namespace}`);
    }
    const index = new Index(options);
    const seen = new Set<string>();
    for (const { document } of this.documents()) {
      for (const { text, values } of index.keysOf(document)) {
        if (options.unique && seen.has(text)) throw this.#duplicate(options, values);
      }
      for (const { text } of index.keysOf(document)) seen.add(text);
    }
    for (const slot of this.#slots.values()) for (const stored of versions(slot)) index.add(slot, stored);
    this.#indexes.set(options.name, index);
  }

  /** Gives an index another time after which its documents are over. */
  changeExpiry(name: string, expireAfterSeconds: number): void {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`There is no index ${name} on ${this.namespace}`);
    const spec = new Map(index.options.spec).set('expireAfterSeconds', expireAfterSeconds);
    index.options = { ...index.options, expireAfterSeconds, spec };
  }

  dropIndex(name: string): void {
    this.#indexes.delete(name);
  }

  /** True while a transaction has written here and has not ended. */
  get isHeld(): boolean {
    for (const slot of this.#slots.values()) if (slot.pending !== undefined) return true;
    return false;
  }

  /** Gives back everything that the documents take. */
  clear(): void {
    for (const slot of this.#slots.values()) {
      for (const stored of versions(slot)) {
        stored.forget();
        this.store.release(stored.bytes.length);
      }
      // A transaction that ends later must not give the same bytes back again.
      slot.older = [];
      slot.committed = { since: slot.committed.since, stored: undefined };
    }
    this.#slots.clear();
  }

  statistics(): { readonly count: number; readonly bytes: number } {
    let count = 0;
    let bytes = 0;
    for (const stored of this.documents()) {
      count += 1;
      bytes += stored.bytes.length;
    }
    return { count, bytes };
  }

  /** Removes what a TTL index says is over; returns how many documents that were. */
  removeExpired(nowMs: number): number {
    const indexes = this.indexes.filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined);
    let removed = 0;
    for (const { key, partial, expireAfterSeconds = 0 } of indexes) {
      const [field = ''] = key.keys();
      const limitMs = nowMs - expireAfterSeconds * 1000;
      for (const stored of [...this.documents()]) {
        if (partial?.(stored.document) === false || !isOver(stored.document, field, limitMs)) continue;
        if (this.#slots.get(stored.idKey)?.pending !== undefined) continue;
        this.remove(stored.idKey);
        removed += 1;
      }
    }
    return removed;
  }
}

function* inOrder(slots: Iterable<Slot>, reader: Transaction | undefined): Generator<StoredDocument> {
  for (const slot of [...slots].sort((a, b) => a.order - b.order)) {
    const stored = visible(slot, reader);
    if (stored !== undefined) yield stored;
  }
}

/** Only dates count; of an array the earliest one. */
function isOver(document: Document, field: string, limitMs: number): boolean {
  return leafValues(document, splitPath(field)).some(
    (value) => value instanceof Date && value.getTime() <= limitMs,
  );
}
