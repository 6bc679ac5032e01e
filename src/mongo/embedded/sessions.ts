import { Binary } from 'bson';
import type { Document, Value } from './bson/value.js';
import { ServerError } from './errors.js';
import type { Store } from './storage/store.js';
import type { Transaction } from './storage/transaction.js';

/** `logicalSessionTimeoutMinutes`, in milliseconds. */
export const SESSION_TIMEOUT_MS = 30 * 60 * 1000;

/** A transaction that is open this long is aborted. */
const TRANSACTION_LIMIT_MS = 60 * 1000;

/** Clients end their sessions; one that does not cannot make the server grow for ever. */
const MAX_SESSIONS = 100_000;

interface OpenTransaction {
  readonly transaction: Transaction;
  readonly startedAtMs: number;
}

/** One logical session: the retryable write or transaction with its newest number. */
export class Session {
  txnNumber = -1n;
  /** Statements of the retryable write that are done, with their results. */
  done = new Map<number, unknown>();
  state: 'none' | 'active' | 'committed' | 'aborted' = 'none';
  open: OpenTransaction | undefined;
  usedAtMs = Date.now();
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly lsid: Value) {}

  /** Runs the commands of a numbered write one after the other: a retry must find what the first try did. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** The sessions of all clients by the bytes of their `lsid`. */
export class SessionRegistry {
  readonly #sessions = new Map<string, Session>();

  constructor(readonly store: Store) {}

  get size(): number {
    return this.#sessions.size;
  }

  get(lsid: Value | undefined): Session | undefined {
    if (lsid === undefined) return undefined;
    const key = keyOf(lsid);
    const present = this.#sessions.get(key);
    if (present !== undefined) {
      present.usedAtMs = Date.now();
      return present;
    }
    if (this.#sessions.size >= MAX_SESSIONS)
      throw new ServerError(261, `There are ${MAX_SESSIONS} sessions already`);
    const session = new Session(lsid);
    this.#sessions.set(key, session);
    return session;
  }

  /** What `$listLocalSessions` shows. */
  list(): { readonly id: Value; readonly usedAt: Date }[] {
    return [...this.#sessions.values()].map(({ lsid, usedAtMs }) => ({
      id: lsid,
      usedAt: new Date(usedAtMs),
    }));
  }

  end(lsid: Value): void {
    const key = keyOf(lsid);
    const session = this.#sessions.get(key);
    if (session !== undefined) this.abort(session);
    this.#sessions.delete(key);
  }

  endAll(): void {
    for (const session of this.#sessions.values()) this.abort(session);
    this.#sessions.clear();
  }

  /**
   * The done statements of a retryable write; a number that is newer than the last begins anew.
   *
   * @throws ServerError 225 when the number is older than the last one.
   */
  retryableWrite(session: Session, txnNumber: bigint): Map<number, unknown> {
    this.#checkAge(session, txnNumber);
    if (txnNumber > session.txnNumber) this.#advance(session, txnNumber);
    else if (session.state !== 'none') {
      throw new ServerError(
        251,
        `Cannot run a retryable write with the number ${txnNumber} of a transaction`,
      );
    }
    return session.done;
  }

  /** The transaction that a command with `autocommit: false` is part of. */
  transaction(session: Session, txnNumber: bigint, starts: boolean): Transaction {
    this.#checkAge(session, txnNumber);
    if (starts) {
      if (txnNumber === session.txnNumber) {
        throw new ServerError(
          117,
          `Cannot start transaction with the number ${txnNumber} again on the same session`,
        );
      }
      this.#advance(session, txnNumber);
      session.state = 'active';
      const transaction = this.store.begin();
      session.open = { transaction, startedAtMs: Date.now() };
      return transaction;
    }
    if (txnNumber !== session.txnNumber || session.open === undefined) throw noSuchTransaction(txnNumber);
    return session.open.transaction;
  }

  commit(session: Session, txnNumber: bigint): void {
    if (txnNumber === session.txnNumber && session.state === 'committed') return;
    if (txnNumber !== session.txnNumber || session.open === undefined) throw noSuchTransaction(txnNumber);
    this.store.commit(session.open.transaction);
    session.open = undefined;
    session.state = 'committed';
  }

  abortNumber(session: Session, txnNumber: bigint): void {
    if (txnNumber === session.txnNumber && session.state === 'committed') {
      throw new ServerError(256, `Transaction ${txnNumber} has been committed.`);
    }
    if (txnNumber !== session.txnNumber || session.open === undefined) throw noSuchTransaction(txnNumber);
    this.abort(session);
  }

  /** Undoes the transaction of a session, if one is open. */
  abort(session: Session): void {
    if (session.open === undefined) return;
    this.store.rollBack(session.open.transaction);
    session.open = undefined;
    session.state = 'aborted';
  }

  #checkAge(session: Session, txnNumber: bigint): void {
    if (txnNumber < session.txnNumber) {
      throw new ServerError(
        225,
        `Retryable write with txnNumber ${txnNumber} is prohibited on session because a newer retryable write with txnNumber ${session.txnNumber} has already started on this session.`,
      );
    }
  }

  #advance(session: Session, txnNumber: bigint): void {
    this.abort(session);
    session.txnNumber = txnNumber;
    session.done = new Map();
    session.state = 'none';
  }

  /** Aborts transactions that are open too long and forgets sessions that nobody uses. */
  closeIdle(nowMs: number): void {
    for (const [key, session] of this.#sessions) {
      if (session.open !== undefined && nowMs - session.open.startedAtMs > TRANSACTION_LIMIT_MS)
        this.abort(session);
      if (nowMs - session.usedAtMs > SESSION_TIMEOUT_MS) this.#sessions.delete(key);
    }
  }
}

function noSuchTransaction(txnNumber: bigint): ServerError {
  return new ServerError(
    251,
    `Given transaction number ${txnNumber} does not match any in-progress transactions.`,
    ['TransientTransactionError'],
  );
}

function keyOf(lsid: Value): string {
  const id = lsid instanceof Map ? (lsid as Document).get('id') : undefined;
  if (!(id instanceof Binary))
    throw new ServerError(40414, "BSON field 'lsid.id' is missing but a required field");
  return Buffer.from(id.buffer.subarray(0, id.position)).toString('hex');
}
