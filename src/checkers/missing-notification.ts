import { printable, withoutPersonal } from '../base/untrusted.js';
import type { HistoryEvent } from '../history/events.js';
import type { CallView, HistoryView, RequestView } from '../history/view.js';
import type { Cause } from './causes.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { causeOfFailure, failedCommandWithin, requestsCutBy, restartsWithin } from './process-trouble.js';
import { type Asked, askedOf, notificationsOf } from './requests.js';
import type { Strength } from './strength.js';

/** A request to the bot's own server failed, or the user was never shown what it should have brought. */
export const missingNotification: Checker = {
  kinds: ['missing-notification'],
  explain: 'A request to the bot’s own server failed, or brought no message to its user.',
  check(view) {
    return numbered(askedOf(view).flatMap((asked) => draftOf(view, asked) ?? []));
  },
};

function draftOf(view: HistoryView, asked: Asked): Draft | undefined {
  const { step, requests } = asked;
  // Of several at once one may lose; that it is told so is as good as 200.
  const refused = requests.every(({ ended }) => ended?.ok === false) ? requests[0] : undefined;
  const isMissing =
    notificationsOf(asked).missing.length > 0 &&
    step.ended !== undefined &&
    step.ended.outcome !== 'answered' &&
    step.ended.outcome !== 'cut';
  if (refused === undefined && !isMissing) return undefined;
  const { cause, strength, evidence } = explain(view, asked, refused);
  const name = nameOf(requests);
  const what =
    refused === undefined
      ? `${name} was accepted, and its user was not shown what it should bring`
      : `${name} ${answerOf(refused)}`;
  return {
    kind: 'missing-notification',
    cause,
    strength,
    step,
    message: `Step ${step.step}: ${what}.`,
    evidence: [...requests.flatMap(({ started, ended }) => [started, ended]), ...evidence],
  };
}

const nameOf = ([first]: readonly RequestView[]): string =>
  `${first?.started.method ?? '?'} ${printable(withoutPersonal(first?.started.path ?? '?'), 80)}`;

function answerOf({ ended }: RequestView): string {
  if (ended?.outcome === 'answered') return `was answered ${ended.status ?? '?'}`;
  return ended?.outcome === 'undelivered' ? 'found nobody who listens' : 'was never answered';
}

interface Explained {
  readonly cause: Cause;
  readonly strength: Strength;
  readonly evidence: readonly (HistoryEvent | undefined)[];
}

function explain(view: HistoryView, asked: Asked, refused: RequestView | undefined): Explained {
  const { from, until, calls } = asked;
  const restarts = restartsWithin(view, from, until);
  const crash = restarts.find(
    (event) =>
      event.type === 'bot.exited' && requestsCutBy(view, event).some((cut) => asked.requests.includes(cut)),
  );
  if (crash !== undefined) return { cause: 'crashed-on-request', strength: 'overlap', evidence: [crash] };
  if (restarts.length > 0) return { cause: 'restart', strength: 'overlap', evidence: restarts };
  const failed = calls.find(({ ended }) => ended?.applied === false);
  if (failed !== undefined) {
    return { cause: causeOfCall(failed), strength: 'overlap', evidence: bothEnds(failed) };
  }
  const broken = failedCommandWithin(view, from, until);
  if (broken !== undefined) {
    return { cause: causeOfFailure(broken), strength: 'overlap', evidence: bothEnds(broken) };
  }
  if (refused === undefined) return { cause: 'request-without-effect', strength: 'exclusive', evidence: [] };
  const cause = refused.ended?.outcome === 'answered' ? 'request-refused' : 'server-unreachable';
  return { cause, strength: 'exact', evidence: [] };
}

/** What the Bot API does not accept is the bot's own mistake; a 429, a 5xx or a broken connection is not. */
const causeOfCall = ({ ended }: CallView): Cause => {
  const code = ended?.errorCode ?? 0;
  return code >= 400 && code < 500 && code !== 429 ? 'call-refused' : 'api-error-unhandled';
};
