import type { HistoryView } from '../history/view.js';
import { deadBot } from './dead-bot.js';
import { duplicates } from './duplicates.js';
import type { Checker, Finding, FindingKind } from './finding.js';
import { lostState } from './lost-state.js';
import { lostUpdate } from './lost-update.js';
import { resendNeeded } from './resend-needed.js';
import { unansweredCallback } from './unanswered-callback.js';

export const CHECKERS: readonly Checker[] = [
  deadBot,
  lostState,
  lostUpdate,
  duplicates,
  resendNeeded,
  unansweredCallback,
];

/** What a dead bot explains by itself. */
const FOLDED_INTO_DEAD: ReadonlySet<FindingKind> = new Set(['lost-update', 'unanswered-callback']);

/** Runs all checkers. Findings come in the order in which the user could notice them. */
export function findingsOf(view: HistoryView): Finding[] {
  const findings = CHECKERS.flatMap((checker) => checker.check(view));
  const isDead = findings.some(({ kind }) => kind === 'dead-bot');
  const kept = isDead ? findings.filter(({ kind }) => !FOLDED_INTO_DEAD.has(kind)) : findings;
  const events = view.eventsBySeq(kept.flatMap(({ evidence }) => evidence.at(-1) ?? []));
  const shownAt = ({ evidence }: Finding): number => events.get(evidence.at(-1) ?? 0)?.at ?? 0;
  return kept.sort((a, b) => shownAt(a) - shownAt(b));
}
