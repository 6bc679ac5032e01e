import { givenOf } from '../history/given.js';
import type { CallView, HistoryView } from '../history/view.js';
import type { Attribution, Attributions } from './attribution.js';
import { isSend, shownBy, shownKey } from './replies.js';

/** Copies of a broadcast follow each other at most this fast; Telegram lets a bot send about 30 messages a second. */
const BETWEEN_COPIES_MS = 50;
/** So many people must get the same, … */
const LEAST_CHATS = 3;
/** … and so many of them without having asked for anything; one is enough beside somebody who did ask for it. */
const LEAST_UNASKED = 2;

/**
 * Messages that went to several people at once because of one of them, or of none: news, not answers. What
 * proves it is that people whose only delivery had been answered in full got it too. Then it is an answer
 * to those only who lacked it.
 */
export function broadcastCopies(view: HistoryView, attributionOf: Attributions['of']): ReadonlySet<CallView> {
  const copies = new Set<CallView>();
  for (const burst of burstsOf(view)) {
    const chats = new Set(burst.map(({ started }) => started.chatId));
    if (chats.size < LEAST_CHATS) continue;
    const owners = new Set(
      burst.filter((call) => attributionOf(call)?.wasLacked).map((c) => c.started.chatId),
    );
    const strangers = burst.filter((call) => !owners.has(call.started.chatId));
    const unasked = strangers.filter((call) => isUnasked(attributionOf(call)));
    const least = owners.size > 0 ? 1 : LEAST_UNASKED;
    if (new Set(unasked.map(({ started }) => started.chatId)).size < least) continue;
    for (const call of strangers) copies.add(call);
  }
  return copies;
}

function isUnasked(attribution: Attribution | undefined): boolean {
  if (attribution === undefined) return true;
  const given = givenOf(attribution.update);
  return given.length === 1 && attribution.wasAnswered;
}

/** Sends that look the same and follow each other closely. */
function burstsOf(view: HistoryView): CallView[][] {
  const latest = new Map<string, CallView[]>();
  const bursts: CallView[][] = [];
  for (const call of view.calls) {
    if (!isSend(call) || shownBy(call).length === 0) continue;
    const key = `${call.started.bot}/${call.started.method}/${shownKey(call)}`;
    const burst = latest.get(key);
    const before = burst?.at(-1);
    if (burst !== undefined && before !== undefined && isClose(before, call)) {
      burst.push(call);
      continue;
    }
    const fresh = [call];
    latest.set(key, fresh);
    bursts.push(fresh);
  }
  return bursts;
}

const isClose = (before: CallView, call: CallView): boolean =>
  call.started.at - before.started.at <= BETWEEN_COPIES_MS;
