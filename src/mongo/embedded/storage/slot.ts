import type { StoredDocument } from './stored-document.js';
import type { Transaction } from './transaction.js';

interface CommittedVersion {
  /** Sequence number of the commit that made it. */
  readonly since: number;
  /** `undefined`: there was no document. */
  readonly stored: StoredDocument | undefined;
}

/** The place of one `_id` in a collection with the versions that somebody may still see. */
export interface Slot {
  readonly idKey: string;
  /** Natural order. */
  order: number;
  committed: CommittedVersion;
  /** Older versions, newest first, kept for the transactions that began before. */
  older: readonly CommittedVersion[];
  /** What a transaction has written and not yet committed. */
  pending: { readonly owner: Transaction; readonly stored: StoredDocument | undefined } | undefined;
}

/** The version that a reader sees: the newest, or the one of its transaction's snapshot. */
export function visible(slot: Slot, reader: Transaction | undefined): StoredDocument | undefined {
  if (reader === undefined) return slot.committed.stored;
  if (slot.pending?.owner === reader) return slot.pending.stored;
  if (slot.committed.since <= reader.snapshotAt) return slot.committed.stored;
  return slot.older.find((version) => version.since <= reader.snapshotAt)?.stored;
}

/** Every version that an index must know. */
export function versions(slot: Slot): StoredDocument[] {
  return [slot.committed, ...slot.older, slot.pending].flatMap((version) =>
    version?.stored === undefined ? [] : [version.stored],
  );
}
