import type { HistoryView } from '../history/view.js';
import { apiError } from './api-error.js';
import type { Cause } from './causes.js';
import { crossTalk } from './cross-talk.js';
import { deadBot } from './dead-bot.js';
import { doubleEffect } from './double-effect.js';
import { droppedUpdates } from './dropped-updates.js';
import { duplicates } from './duplicates.js';
import type { Checker, Finding, FindingKind } from './finding.js';
import { floodLimit } from './flood-limit.js';
import { forbiddenReply } from './forbidden-reply.js';
import { forgedUpdate } from './forged-update.js';
import { lostState } from './lost-state.js';
import { lostUpdate } from './lost-update.js';
import { missingNotification } from './missing-notification.js';
import { outOfOrderReply } from './out-of-order-reply.js';
import { pollingConflict } from './polling-conflict.js';
import { resendNeeded } from './resend-needed.js';
import { silentWrite } from './silent-write.js';
import { stuckConversation } from './stuck-conversation.js';
import { unansweredCallback } from './unanswered-callback.js';
import { unexplainedExit } from './unexplained-exit.js';
import { webhookError } from './webhook-error.js';
import { wrongSlot } from './wrong-slot.js';

export const CHECKERS: readonly Checker[] = [
  deadBot,
  unexplainedExit,
  lostState,
  wrongSlot,
  crossTalk,
  stuckConversation,
  lostUpdate,
  missingNotification,
  outOfOrderReply,
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
  forbiddenReply,
  forgedUpdate,
];

/** What a dead bot explains by itself. */
const FOLDED_INTO_DEAD: ReadonlySet<FindingKind> = new Set([
  'lost-update',
  'stuck-conversation',
  'unanswered-callback',
]);
/** Who was started wrongly and stayed up may answer with errors, too: that is the same thing. */
const FOLDED_INTO_WRONGLY_STARTED: ReadonlySet<FindingKind> = new Set([
  ...FOLDED_INTO_DEAD,
  'webhook-error',
  'resend-needed',
]);

/** A bot whose process ended was alive until then: what went wrong before is not explained by it. */
const ENDED: ReadonlySet<Cause> = new Set<Cause>([
  'update-not-understood',
  'crashed-on-update',
  'crashed-on-request',
]);

/** Runs all checkers. Findings come in the order in which the user could notice them. */
export function findingsOf(view: HistoryView): Finding[] {
  const findings = withoutSecondName(
    view,
    CHECKERS.flatMap((checker) => checker.check(view)),
  );
  const dead = findings.find(({ kind, cause }) => kind === 'dead-bot' && !ENDED.has(cause));
  const folded = dead?.cause === 'glued-environment' ? FOLDED_INTO_WRONGLY_STARTED : FOLDED_INTO_DEAD;
  const kept = dead === undefined ? findings : findings.filter(({ kind }) => !folded.has(kind));
  const events = view.eventsBySeq(kept.flatMap(({ evidence }) => evidence.at(-1) ?? []));
  const shownAt = ({ evidence }: Finding): number => events.get(evidence.at(-1) ?? 0)?.at ?? 0;
  return kept.sort((a, b) => shownAt(a) - shownAt(b));
}

/** Kinds that name better what is a lost state, too. */
const NAMED_BETTER: ReadonlySet<FindingKind> = new Set(['wrong-slot', 'cross-talk']);

/**
 * A reply with an input in the wrong slot, or with what belongs to somebody else, is a lost state with a better
 * name; the inputs of a stuck conversation were each lost for one reason.
 */
function withoutSecondName(view: HistoryView, findings: readonly Finding[]): Finding[] {
  const told = new Set(
    findings.filter(({ kind }) => NAMED_BETTER.has(kind)).map(({ evidence }) => evidence.at(-1)),
  );
  const crossed = new Set(findings.filter(({ kind }) => kind === 'cross-talk').map(placeOf));
  const stuck = stuckInputs(view, findings);
  return findings.filter((finding) => {
    const { kind, evidence } = finding;
    if (kind !== 'lost-state' && kind !== 'lost-update') return true;
    if (kind === 'lost-state' && told.has(evidence.at(-1))) return false;
    // Its answer came to another chat.
    if (kind === 'lost-update' && crossed.has(placeOf(finding))) return false;
    return !evidence.some((seq) => stuck.has(seq));
  });
}

const placeOf = ({ user, step }: Finding): string => `${step} ${user}`;

/** Numbers of the actions that a stuck conversation is about. */
function stuckInputs(view: HistoryView, findings: readonly Finding[]): ReadonlySet<number> {
  const proofs = new Set(
    findings.flatMap(({ kind, evidence }) => (kind === 'stuck-conversation' ? evidence : [])),
  );
  if (proofs.size === 0) return proofs;
  return new Set(
    view.steps.flatMap(({ actions }) => actions.flatMap(({ seq }) => (proofs.has(seq) ? seq : []))),
  );
}
