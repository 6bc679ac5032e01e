import { ServerError } from '../errors.js';
import type { Collection } from './collection.js';
import type { Slot } from './slot.js';

/**
 * A transaction with snapshot isolation: it reads what was committed when it began and its own writes.
 * Its writes wait in the slots as pending versions, which nobody else sees.
 */
export class Transaction {
  readonly touched = new Map<Slot, Collection>();
  /** Collections that came into being by its writes. */
  readonly created = new Set<Collection>();

  constructor(
    /** Sequence number of the last commit that it sees. */
    readonly snapshotAt: number,
  ) {}
}

/** Two transactions want to write the same document: the later one has to begin anew. */
export function writeConflict(): ServerError {
  return new ServerError(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
    ['TransientTransactionError'],
  );
}

/** A write outside of transactions has to wait until the transaction that holds the document has ended. */
export class HeldByTransaction extends Error {
  override readonly name = 'HeldByTransaction';
}
