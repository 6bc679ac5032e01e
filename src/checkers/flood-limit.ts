import { formatDuration } from '../base/duration.js';
import { type CallView, chatKey, type HistoryView } from '../history/view.js';
import { attributionsOf } from './attribution.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';

/** Clocks and networks are not exact: who comes back a hair too early has waited. */
const TOLERANCE_MS = 100;

/** The bot was told how long to wait, did not, and was refused again. */
export const floodLimit: Checker = {
  kinds: ['flood-limit'],
  explain: 'After a 429 the bot called again before retry_after had passed, and was refused again.',
  check(view) {
    const drafts: Draft[] = [];
    const told = new Set<CallView>();
    for (const call of view.calls) {
      const waitMs = waitOf(call);
      if (waitMs === undefined || told.has(call)) continue;
      const again = hurriedAfter(view, call, waitMs);
      if (again.length === 0) continue;
      for (const each of again) told.add(each);
      drafts.push(draftOf(view, call, waitMs, again));
    }
    return numbered(drafts);
  },
};

/** How long a refused call told the bot to wait, in ms. */
export function waitOf({ ended }: CallView): number | undefined {
  if (ended?.errorCode !== 429 || !ended.answered) return undefined;
  const seconds = /retry after (\d+)/i.exec(ended.description ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Calls of the same kind in the same chat that came too early and were refused as well. */
function hurriedAfter(view: HistoryView, call: CallView, waitMs: number): CallView[] {
  const { bot, chatId, method } = call.started;
  if (chatId === undefined || call.ended === undefined) return [];
  const from = call.ended.at;
  const until = from + waitMs - TOLERANCE_MS;
  return (view.chats.get(chatKey(bot, chatId))?.calls ?? []).filter(
    (other) =>
      other !== call &&
      other.started.method === method &&
      other.started.at >= from &&
      other.started.at < until &&
      other.ended?.errorCode === 429,
  );
}

function draftOf(view: HistoryView, call: CallView, waitMs: number, again: readonly CallView[]): Draft {
  const [second] = again;
  const afterMs = (second?.started.at ?? 0) - (call.ended?.at ?? 0);
  const { step, action } = attributionsOf(view).of(call)?.update ?? {};
  const more = again.length === 1 ? '' : `, and ${again.length - 1} more times`;
  return {
    kind: 'flood-limit',
    cause: 'flood-limit-ignored',
    strength: 'exact',
    ...(step !== undefined && { step }),
    message: `${call.started.method} was told to wait ${formatDuration(waitMs)} and came back after ${formatDuration(Math.max(0, afterMs))}${more}.`,
    evidence: [action, ...bothEnds(call), ...bothEnds(second), ...bothEnds(again.at(-1))],
  };
}
