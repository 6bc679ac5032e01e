import type { HistoryView } from '../history/view.js';
import { apiError } from './api-error.js';
import { deadBot } from './dead-bot.js';
import { doubleEffect } from './double-effect.js';
import { droppedUpdates } from './dropped-updates.js';
import { duplicates } from './duplicates.js';
import type { Checker, Finding, FindingKind } from './finding.js';
import { floodLimit } from './flood-limit.js';
import { lostState } from './lost-state.js';
import { lostUpdate } from './lost-update.js';
import { missingNotification } from './missing-notification.js';
import { pollingConflict } from './polling-conflict.js';
import { resendNeeded } from './resend-needed.js';
import { silentWrite } from './silent-write.js';
import { unansweredCallback } from './unanswered-callback.js';
import { unexplainedExit } from './unexplained-exit.js';
import { webhookError } from './webhook-error.js';
import { wrongSlot } from './wrong-slot.js';

export const CHECKERS: readonly Checker[] = [
  deadBot,
  unexplainedExit,
  lostState,
  wrongSlot,
  lostUpdate,
  missingNotification,
  duplicates,
  doubleEffect,
  resendNeeded,
  unansweredCallback,
  pollingConflict,
  droppedUpdates,
  webhookError,
  apiError,
  floodLimit,
  silentWrite,
];

/** What a dead bot explains by itself. */
const FOLDED_INTO_DEAD: ReadonlySet<FindingKind> = new Set(['lost-update', 'unanswered-callback']);
/** Who was started wrongly and stayed up may answer with errors, too: that is the same thing. */
const FOLDED_INTO_WRONGLY_STARTED: ReadonlySet<FindingKind> = new Set([
  ...FOLDED_INTO_DEAD,
  'webhook-error',
  'resend-needed',
]);

/** Runs all checkers. Findings come in the order in which the user could notice them. */
export function findingsOf(view: HistoryView): Finding[] {
  const findings = withoutSecondName(CHECKERS.flatMap((checker) => checker.check(view)));
  const dead = findings.find(({ kind }) => kind === 'dead-bot');
  const folded = dead?.cause === 'glued-environment' ? FOLDED_INTO_WRONGLY_STARTED : FOLDED_INTO_DEAD;
  const kept = dead === undefined ? findings : findings.filter(({ kind }) => !folded.has(kind));
  const events = view.eventsBySeq(kept.flatMap(({ evidence }) => evidence.at(-1) ?? []));
  const shownAt = ({ evidence }: Finding): number => events.get(evidence.at(-1) ?? 0)?.at ?? 0;
  return kept.sort((a, b) => shownAt(a) - shownAt(b));
}

/** A reply with an input in the wrong slot is a lost state with a better name. */
function withoutSecondName(findings: readonly Finding[]): Finding[] {
  const told = new Set(
    findings.filter(({ kind }) => kind === 'wrong-slot').map(({ evidence }) => evidence.at(-1)),
  );
  return findings.filter(({ kind, evidence }) => kind !== 'lost-state' || !told.has(evidence.at(-1)));
}
