import type { CallView } from '../history/view.js';
import type { CallsInTime } from './calls-in-time.js';
import type { Handling, Workings } from './handlings.js';
import type { Strength } from './strength.js';
import { isComplete, looksLike, repeatsUnanswered, type Work } from './work.js';

/**
 * Which of an update's attempts made a call: one that has not yet made it, the oldest first. `calls` are
 * all replies of the chat.
 */
export function attemptOf(
  call: CallView,
  work: Work,
  calls: CallsInTime,
  workings: Workings,
): { readonly handling: Handling; readonly strength: Strength } | undefined {
  const at = call.started.at;
  const started = work.handlings.filter((h) => h.startedAt <= at && h.isDelivered);
  const alive = started.filter((h) => workings.isAlive(h, at));
  const possible = alive.length > 0 ? alive : started.slice(-1);
  const atWork = possible.filter((h) => !workings.hasReturned(h, at));
  const candidates = atWork.length > 0 ? atWork : possible.slice(-1);
  const first = candidates[0];
  if (first === undefined) return undefined;
  if (candidates.length === 1) {
    const strength = alive.length === 0 && started.length > 1 ? 'overlap' : 'exclusive';
    return { handling: first, strength };
  }
  const repeating = candidates.find((h) => repeatsUnanswered(h, call));
  // One that has said all that was expected of it may return late and say no more.
  const unfinishedOnes = candidates.filter((h) => !isComplete(work, h));
  const returning = workings.acknowledgesLast
    ? (unfinishedOnes.length > 0 ? unfinishedOnes : candidates).find((h) => isAboutToReturn(h, call, calls))
    : undefined;
  const fresh = candidates.filter((h) => !h.calls.some((earlier) => looksLike(earlier, call)));
  const unfinished = fresh.find((h) => !isComplete(work, h));
  return {
    handling: repeating ?? returning ?? unfinished ?? fresh.at(-1) ?? candidates.at(-1) ?? first,
    strength: 'overlap',
  };
}

/**
 * A bot that acknowledges when it is done has replied before that. So what is said last before an
 * acknowledgement was said by the handling that then acknowledged.
 */
function isAboutToReturn(handling: Handling, call: CallView, calls: CallsInTime): boolean {
  const { ended } = handling.delivery;
  if (ended?.outcome !== 'acknowledged' || ended.at < call.effectAt) return false;
  if (handling.calls.some((earlier) => looksLike(earlier, call))) return false;
  const { at } = call.started;
  for (const later of calls.begunWithin(at, ended.at + 1)) {
    if (later.started.at > at && later.effectAt <= ended.at) return false;
  }
  return true;
}
