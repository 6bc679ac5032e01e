import { printable } from '../base/untrusted.js';
import type { CommandView, HistoryView } from '../history/view.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';

/** Fewer writes may all have lost a race. */
const FEWEST = 3;
/** From this share on that matches nothing, it is no claim that somebody else was quicker to make. */
const NEARLY_ALL = 0.8;

interface Writes {
  readonly name: string;
  total: number;
  first?: CommandView;
  last?: CommandView;
  silent: number;
}

/**
 * Updates of a collection that change nothing, again and again: what the bot wants to keep is never stored.
 * An upsert counts what it inserts, so it is never silent. A delete that finds nothing is nobody's loss.
 */
export const silentWrite: Checker = {
  kinds: ['silent-write'],
  explain: 'Nearly all updates of a collection matched no document.',
  check(view) {
    return numbered([...writesOf(view).values()].filter(isSilent).map(draftOf));
  },
};

function writesOf(view: HistoryView): Map<string, Writes> {
  const groups = new Map<string, Writes>();
  for (const command of view.commands) {
    const { started, ended } = command;
    if (started.name !== 'update' || ended?.outcome !== 'ok' || ended.n === undefined) continue;
    const name = `${started.database ?? '?'}.${started.collection ?? '?'}`;
    const writes = groups.get(name) ?? { name, total: 0, silent: 0 };
    groups.set(name, writes);
    writes.total += 1;
    if (ended.n > 0) continue;
    writes.silent += 1;
    writes.first ??= command;
    writes.last = command;
  }
  return groups;
}

const isSilent = ({ total, silent }: Writes): boolean => silent >= FEWEST && silent / total >= NEARLY_ALL;

function draftOf({ name, total, silent, first, last }: Writes): Draft {
  return {
    kind: 'silent-write',
    cause: 'write-matches-nothing',
    strength: 'exact',
    message: `${silent} of ${total} updates of ${printable(name, 80)} matched no document.`,
    evidence: [...bothEnds(first), ...bothEnds(last)],
  };
}
