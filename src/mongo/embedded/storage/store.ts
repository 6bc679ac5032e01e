import { ServerError } from '../errors.js';
import { Collection } from './collection.js';
import type { Slot } from './slot.js';
import { Transaction } from './transaction.js';
import type { View } from './view.js';

/** How much all documents together may take, as BSON. */
export const MAX_DATA_BYTES = 1024 * 1024 * 1024;

/** All databases, and the transactions that are open on them. */
export class Store {
  readonly #databases = new Map<string, Map<string, Collection>>();
  /** By database and name. */
  readonly #views = new Map<string, Map<string, View>>();
  readonly #transactions = new Set<Transaction>();
  /** Slots with versions that only transactions need. */
  readonly #withOlder = new Map<Slot, Collection>();
  readonly #maxDataBytes: number;
  #sequence = 0;
  #dataBytes = 0;
  /** Whoever waits for the next transaction to end. */
  #waiting: (() => void)[] = [];

  constructor(maxDataBytes = MAX_DATA_BYTES) {
    this.#maxDataBytes = maxDataBytes;
  }

  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** @throws ServerError 14031 when the data would outgrow the limit. */
  reserve(bytes: number): void {
    if (this.#dataBytes + bytes > this.#maxDataBytes) {
      throw new ServerError(
        14031,
        `The embedded server of sendtwice holds at most ${this.#maxDataBytes} bytes of documents`,
      );
    }
    this.#dataBytes += bytes;
  }

  release(bytes: number): void {
    this.#dataBytes -= bytes;
  }

  databaseNames(): string[] {
    const names = new Set([...this.#databases.keys(), ...this.#views.keys()]);
    const hasAny = (name: string): boolean =>
      this.views(name).size > 0 || [...this.collections(name).values()].some(({ isListed }) => isListed);
    return [...names].filter(hasAny);
  }

  collections(database: string): ReadonlyMap<string, Collection> {
    return this.#databases.get(database) ?? new Map();
  }

  /** @throws ServerError 166 for a view, so that nobody takes it for a collection without documents. */
  collection(database: string, name: string): Collection | undefined {
    if (this.view(database, name) !== undefined) {
      throw new ServerError(166, `Namespace ${database}.${name} is a view, not a collection`);
    }
    return this.#databases.get(database)?.get(name);
  }

  view(database: string, name: string): View | undefined {
    return this.#views.get(database)?.get(name);
  }

  views(database: string): ReadonlyMap<string, View> {
    return this.#views.get(database) ?? new Map();
  }

  addView(database: string, name: string, view: View): void {
    const views = this.#views.get(database) ?? new Map<string, View>();
    this.#views.set(database, views.set(name, view));
  }

  dropView(database: string, name: string): void {
    this.#views.get(database)?.delete(name);
  }

  /** The collection; it is made when it is not there. */
  ensureCollection(database: string, name: string, writer?: Transaction): Collection {
    const present = this.collection(database, name);
    if (present !== undefined) {
      if (writer === undefined) present.isListed = true;
      return present;
    }
    const collections = this.#databases.get(database) ?? new Map<string, Collection>();
    this.#databases.set(database, collections);
    const created = new Collection(this, `${database}.${name}`);
    collections.set(name, created);
    if (writer !== undefined) {
      created.isListed = false;
      writer.created.add(created);
    }
    return created;
  }

  dropCollection(database: string, name: string): void {
    this.collection(database, name)?.clear();
    this.#databases.get(database)?.delete(name);
  }

  renameCollection(collection: Collection, database: string, name: string): void {
    const [oldDatabase, oldName] = splitNamespace(collection.namespace);
    this.#databases.get(oldDatabase)?.delete(oldName);
    this.dropCollection(database, name);
    const collections = this.#databases.get(database) ?? new Map<string, Collection>();
    this.#databases.set(database, collections.set(name, collection));
    collection.namespace = `${database}.${name}`;
  }

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  get hasTransactions(): boolean {
    return this.#transactions.size > 0;
  }

  rememberOlder(slot: Slot, collection: Collection): void {
    this.#withOlder.set(slot, collection);
  }

  begin(): Transaction {
    const transaction = new Transaction(this.#sequence);
    this.#transactions.add(transaction);
    return transaction;
  }

  commit(transaction: Transaction): void {
    for (const [slot, collection] of transaction.touched) {
      collection.commit(slot);
      collection.isListed = true;
    }
    for (const collection of transaction.created) collection.isListed = true;
    this.#end(transaction);
  }

  rollBack(transaction: Transaction): void {
    for (const [slot, collection] of transaction.touched) collection.rollBack(slot);
    for (const collection of transaction.created) {
      if (!collection.isListed) this.#dropIfEmpty(collection.namespace);
    }
    this.#end(transaction);
  }

  /** Resolves when some transaction ends. */
  transactionEnded(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #dropIfEmpty(namespace: string): void {
    const [database, name] = splitNamespace(namespace);
    const collection = this.collection(database, name);
    if (collection !== undefined && collection.statistics().count === 0 && !collection.isHeld) {
      this.dropCollection(database, name);
    }
  }

  #end(transaction: Transaction): void {
    this.#transactions.delete(transaction);
    if (!this.hasTransactions) {
      for (const [slot, collection] of this.#withOlder) collection.dropOlder(slot);
      this.#withOlder.clear();
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  /** Removes what TTL indexes say is over. */
  removeExpired(nowMs: number): number {
    let removed = 0;
    for (const collections of this.#databases.values()) {
      for (const collection of collections.values()) removed += collection.removeExpired(nowMs);
    }
    return removed;
  }
}

/** The database and the collection of `database.collection`. */
export function splitNamespace(namespace: string): [database: string, name: string] {
  const dot = namespace.indexOf('.');
  return [namespace.slice(0, Math.max(dot, 0)), namespace.slice(dot + 1)];
}
