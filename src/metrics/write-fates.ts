import type { CommandView, HistoryView } from '../history/view.js';

/** What became of writes whose first answer was no success. */
export interface WriteFates {
  /** Sent again by the driver itself, under the same lsid and txnNumber, after they had failed or had no answer. */
  readonly retriedWrites: number;
  /** Applied by the server, and the acknowledgement never arrived. */
  readonly unacknowledgedWrites: number;
  /** Those of the unacknowledged that the driver sent again and that were acknowledged then: applied once. */
  readonly recoveredWrites: number;
}

const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'findAndModify', 'bulkWrite']);
const ENDS_OF_TRANSACTIONS: ReadonlySet<string> = new Set(['commitTransaction', 'abortTransaction']);

/**
 * Follows each write by its number. What stands in a transaction is no write of its own: its commands share a
 * number, and only the commit is ever sent again.
 */
export function writeFatesOf(view: HistoryView): WriteFates {
  const transactions = new Set<string>();
  const failed: CommandView[] = [];
  for (const command of view.commands) {
    const { name } = command.started;
    if (ENDS_OF_TRANSACTIONS.has(name)) transactions.add(numberOf(command) ?? '');
    if ((WRITES.has(name) || name === 'commitTransaction') && hasFailed(command)) failed.push(command);
  }
  // Most runs end here; else only the attempts of what has failed are looked for among a million commands.
  const attempts = new Map<string, CommandView[]>();
  const alone: CommandView[] = [];
  for (const command of failed) {
    const number = numberOf(command);
    if (number === undefined) alone.push(command);
    else if (command.started.name === 'commitTransaction' || !transactions.has(number))
      attempts.set(writeOf(command), []);
  }
  if (attempts.size > 0) {
    for (const command of view.commands) attempts.get(writeOf(command))?.push(command);
  }
  const writes = [...attempts.values()];
  const lost = [...writes, ...alone.map((command) => [command])].filter((all) => all.some(isUnacknowledged));
  return {
    retriedWrites: writes.filter(wasRetried).length,
    unacknowledgedWrites: lost.length,
    recoveredWrites: lost.filter((all) => wasRetried(all) && all.at(-1)?.ended?.outcome === 'ok').length,
  };
}

const hasFailed = ({ ended }: CommandView): boolean => ended !== undefined && ended.outcome !== 'ok';

const isUnacknowledged = ({ ended }: CommandView): boolean =>
  ended?.outcome === 'unknown' && ended.appliedUpstream === true;

/** By start: something came after an attempt that had failed. */
const wasRetried = (attempts: readonly CommandView[]): boolean => attempts.slice(0, -1).some(hasFailed);

function numberOf({ started: { lsid, txnNumber } }: CommandView): string | undefined {
  return lsid === undefined || txnNumber === undefined ? undefined : `${lsid}/${txnNumber}`;
}

function writeOf(command: CommandView): string {
  const { name, database, collection } = command.started;
  return JSON.stringify([numberOf(command), name, database, collection]);
}
