import type { CallView, HistoryView } from '../history/view.js';
import { bothEnds, type Draft } from './finding.js';
import { nameOf } from './replies.js';
import { type Asked, askedOf, isTheSame, notificationsOf } from './requests.js';

/** Requests to the bot's own server whose effect the user was shown once too often. */
export function requestEffects(view: HistoryView): Draft[] {
  return askedOf(view).flatMap((asked) => draftOf(asked) ?? []);
}

/** The messages of such requests, the right ones, too. */
export function toldOfRequests(view: HistoryView): CallView[] {
  return askedOf(view).flatMap((asked) => {
    if (draftOf(asked) === undefined) return [];
    const { shown, surplus } = notificationsOf(asked);
    return [...shown, ...surplus];
  });
}

function draftOf(asked: Asked): Draft | undefined {
  const { step, requests } = asked;
  const { shown, surplus } = notificationsOf(asked);
  const isRepeated = requests.length > 1;
  // One request may well bring two messages that are alike; two that are the same it should not.
  const extra = surplus.find((call) => isRepeated || shown.some((first) => isTheSame(first, call)));
  if (extra === undefined) return undefined;
  const times = isRepeated ? `was sent ${requests.length} times` : 'was sent once';
  return {
    kind: 'double-effect',
    cause: isRepeated ? 'request-repeated' : 'handler-sends-twice',
    strength: 'exclusive',
    step,
    message: `Step ${step.step}: the request ${times} and its user got the ${nameOf(extra)} as well.`,
    evidence: [
      ...requests.flatMap(({ started, ended }) => [started, ended]),
      ...shown.flatMap((call) => bothEnds(call)),
      ...bothEnds(extra),
    ],
  };
}
