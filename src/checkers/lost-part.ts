import type { Content } from '../history/content.js';
import type { CallView, UpdateView } from '../history/view.js';
import type { Attribution, Attributions } from './attribution.js';
import { repliesTo } from './conversation.js';
import { isFailed, isSend, shownBy } from './replies.js';

/** Clients wait before they make a call again; what a handler has to say besides follows at once; ms. */
const BEFORE_AGAIN_MS = 250;

const isMadeAgain = ({ call, update }: Attribution, attributions: Attributions): boolean => {
  const from = (call.ended?.at ?? call.started.at) + BEFORE_AGAIN_MS;
  const isAgain = ({ started, ended }: CallView): boolean =>
    started.at >= from && started.method === call.started.method && ended?.applied === true;
  return attributions.to(update).some((other) => isAgain(other.call));
};

/**
 * The message that failed and was not sent again, where the user was shown something, but less than is wanted. A bot
 * that chooses its words anew each time shows as much as ever, and that it passes over a progress edit harms nobody.
 */
export function lostPart(
  updates: readonly UpdateView[],
  expects: readonly Content[],
  attributions: Attributions,
): Attribution | undefined {
  const replies = repliesTo(updates, attributions);
  const shown = replies.map(({ call }) => shownBy(call).length);
  const inAll = shown.reduce((sum, count) => sum + count, 0);
  if (inAll === 0 || shown.includes(0) || inAll >= expects.length) return undefined;
  return updates
    .flatMap((update) => attributions.to(update))
    .find((reply) => isSend(reply.call) && isFailed(reply.call) && !isMadeAgain(reply, attributions));
}
