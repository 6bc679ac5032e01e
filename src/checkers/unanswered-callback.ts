import { givenOf, wasGiven } from '../history/given.js';
import type { CallView, DeliveryView, HistoryView, UpdateView } from '../history/view.js';
import { type Attributions, attributionsOf } from './attribution.js';
import { CUT_GRACE_MS, endGraceMs, intentionsOf } from './conversation.js';
import { isOdd } from './extras.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { AT_ONCE_MS, restartsWithin, wasAwayOnPurpose } from './process-trouble.js';
import type { Explanation } from './repetition.js';
import { isCallbackAnswer, isReply, isTooLate } from './replies.js';
import { explainSilence } from './silence.js';

/** How long a callback query can be answered where the run says nothing else, as the fake server has it. */
const CALLBACK_ANSWERABLE_MS = 30_000;

/** A tap whose progress bar never stopped. */
export const unansweredCallback: Checker = {
  kinds: ['unanswered-callback'],
  explain: 'A tap was delivered and the bot never called answerCallbackQuery for it.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered(view.updates.flatMap((update) => draftOf(view, attributions, update) ?? []));
  },
};

const queryOf = (update: UpdateView): string | undefined =>
  update.queued?.callbackQueryId ?? update.action?.callbackQueryId;

function draftOf(view: HistoryView, attributions: Attributions, update: UpdateView): Draft | undefined {
  // A tap that lacks a part is answered by whoever can; nobody's spinner waits for it.
  if (queryOf(update) === undefined || isOdd(update)) return undefined;
  const given = givenOf(update);
  const last = given.at(-1);
  if (last === undefined) return undefined;
  const answers = answersTo(attributions, update);
  if (answers.some(({ ended }) => ended === undefined || ended.applied)) return undefined;
  if (!hadTime(view, attributions, update)) return undefined;
  // The process that took it is gone: that is a lost update, if anything.
  if (restartsWithin(view, last.started.at, last.started.at + CUT_GRACE_MS).length > 0) return undefined;
  if (answers.some(isTooLate) && cameTooOld(view, update, last)) return undefined;
  if (answers.some(isTooLateByFault) && hasGoneOn(attributions, update)) return undefined;
  const { cause, strength, evidence } = explain(view, attributions, update);
  const { step } = update;
  const button = update.action?.button?.text;
  return {
    kind: 'unanswered-callback',
    cause,
    strength,
    ...(step === undefined ? {} : { step }),
    message:
      step === undefined || button === undefined
        ? 'A tap was never answered with answerCallbackQuery.'
        : `Step ${step.step}: the tap on "${button}" was never answered with answerCallbackQuery.`,
    evidence: [update.action, update.queued, ...bothEnds(last), ...evidence],
  };
}

const answersTo = (attributions: Attributions, update: UpdateView) =>
  attributions
    .to(update)
    .map(({ call }) => call)
    .filter((call) => isCallbackAnswer(call) && call.started.callbackQueryId === queryOf(update));

/** The bot acted on it and stopped, or could have acted. */
function hadTime(view: HistoryView, attributions: Attributions, update: UpdateView): boolean {
  const calls = attributions.to(update).map(({ call }) => call.effectAt);
  const ends = update.deliveries.map(({ started, ended }) => ended?.at ?? started.at);
  const isUnderWay = update.deliveries.some(
    ({ ended }) => ended === undefined || ended.outcome === 'abandoned',
  );
  const graceMs = isUnderWay ? CUT_GRACE_MS : endGraceMs(view);
  return view.endAt - Math.max(...calls, ...ends) >= graceMs;
}

/** A fault said so, as Telegram may when it has forgotten the query: the bot did call. */
const isTooLateByFault = (call: CallView): boolean => isTooLate(call) && call.ended?.fault !== undefined;

/** The user has seen what the bot made of the tap. */
const hasGoneOn = (attributions: Attributions, update: UpdateView): boolean =>
  attributions.to(update).some(({ call }) => isReply(call) && call.ended?.applied === true);

/** No bot can answer it: it was away on purpose, and got the tap when Telegram knew the query no longer. */
function cameTooOld(view: HistoryView, { queued, deliveries }: UpdateView, last: DeliveryView): boolean {
  if (queued === undefined) return false;
  const answerableMs = view.run?.callbackAnswerableMs ?? CALLBACK_ANSWERABLE_MS;
  if (last.started.at - queued.at <= answerableMs || !wasAwayOnPurpose(view, queued.at, last.started.at))
    return false;
  // Whoever got it before that had no time for it either.
  return deliveries
    .filter((delivery) => delivery !== last && wasGiven(delivery))
    .every(({ started }) => restartsWithin(view, started.at, started.at + CUT_GRACE_MS).length > 0);
}

/** The process ended while it was at work on this tap; what it had claimed for it may stay claimed. */
const isCutShort = (view: HistoryView, { deliveries }: UpdateView): boolean =>
  deliveries.some(
    ({ started, ended }) =>
      ended?.outcome === 'unknown' && restartsWithin(view, started.at, ended.at + AT_ONCE_MS).length > 0,
  );

function explain(view: HistoryView, attributions: Attributions, update: UpdateView): Explanation {
  const failed = answersTo(attributions, update)[0];
  if (failed !== undefined) {
    return {
      cause: isTooLate(failed) ? 'expired-callback' : 'api-error-unhandled',
      strength: 'marker',
      evidence: bothEnds(failed),
    };
  }
  const intention =
    update.step === undefined
      ? undefined
      : intentionsOf(update.step).find((each) => each.updates.includes(update));
  const partner = intention?.updates.find(
    (other) =>
      other !== update && answersTo(attributions, other).some(({ ended }) => ended?.applied === true),
  );
  if (partner !== undefined && !isCutShort(view, update)) {
    return { cause: 'double-tap', strength: 'marker', evidence: [partner.action] };
  }
  const acted = attributions.to(update)[0];
  if (acted !== undefined) {
    return { cause: 'handler-omits-answer', strength: acted.updateStrength, evidence: bothEnds(acted.call) };
  }
  return explainSilence(view, update, view.endAt);
}
