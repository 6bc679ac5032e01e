import type { Content } from '../history/content.js';
import type { CallView, HistoryView, UpdateView } from '../history/view.js';
import type { Attribution, Attributions } from './attribution.js';
import { repliesTo } from './conversation.js';
import { bothEnds } from './finding.js';
import { restartsWithin } from './process-trouble.js';
import type { Explanation } from './repetition.js';
import { isFailed, isSend, shownBy } from './replies.js';

export interface LostPart extends Explanation {
  /** What became of the rest, in words. */
  readonly how: string;
}

/**
 * Why the user was shown something, but less than is wanted: a message failed and was not sent again, or the process
 * ended in between. A bot that chooses its words anew each time shows as much as ever, and that it passes over a
 * progress edit harms nobody.
 */
export function lostPart(
  view: HistoryView,
  updates: readonly UpdateView[],
  expects: readonly Content[],
  attributions: Attributions,
): LostPart | undefined {
  const replies = repliesTo(updates, attributions);
  const shown = replies.map(({ call }) => shownBy(call).length);
  const inAll = shown.reduce((sum, count) => sum + count, 0);
  if (inAll === 0 || shown.includes(0) || inAll >= expects.length) return undefined;
  return failedPart(view, updates, attributions) ?? cutPart(view, replies.at(-1), attributions);
}

function failedPart(
  view: HistoryView,
  updates: readonly UpdateView[],
  attributions: Attributions,
): LostPart | undefined {
  const failed = updates
    .flatMap((update) => attributions.to(update))
    .find((reply) => isSend(reply.call) && isFailed(reply.call) && !isMadeAgain(reply, attributions));
  if (failed === undefined) return undefined;
  const { call, update, updateStrength } = failed;
  const { method } = call.started;
  const tries = attributions
    .to(update)
    .filter((other) => isFailed(other.call) && other.call.started.method === method).length;
  return {
    cause: 'api-error-unhandled',
    strength: updateStrength,
    evidence: [update.action, ...bothEnds(call), ...(view.hitsByTarget.get(call.started.call) ?? [])],
    how: tries > 1 ? `${method} failed ${tries} times` : `${method} failed and was not made again`,
  };
}

/** Clients wait before they make a call again; what a handler has to say besides follows at once; ms. */
const BEFORE_AGAIN_MS = 250;

const isMadeAgain = ({ call, update }: Attribution, attributions: Attributions): boolean => {
  const from = (call.ended?.at ?? call.started.at) + BEFORE_AGAIN_MS;
  const isAgain = ({ started, ended }: CallView): boolean =>
    started.at >= from && started.method === call.started.method && ended?.applied === true;
  return attributions.to(update).some((other) => isAgain(other.call));
};

/** Who has more to say does not wait longer; ms. */
const IN_BETWEEN_MS = 1_000;

function cutPart(
  view: HistoryView,
  last: Attribution | undefined,
  { acknowledgesLast }: Attributions,
): LostPart | undefined {
  if (last === undefined) return undefined;
  const { call, delivery, update } = last;
  const exit = restartsWithin(view, call.effectAt, call.effectAt + IN_BETWEEN_MS).find(
    ({ type }) => type === 'bot.exited',
  );
  if (exit === undefined) return undefined;
  // Its handler was done.
  const { ended } = delivery;
  if (acknowledgesLast && ended?.outcome === 'acknowledged' && ended.at <= exit.at) return undefined;
  return {
    cause: 'restart',
    strength: 'overlap',
    evidence: [update.action, ...bothEnds(delivery), ...bothEnds(call), exit],
    how: 'the process ended in the middle of it',
  };
}
