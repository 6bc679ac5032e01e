import { printable } from '../base/untrusted.js';
import { type Content, contentKey } from '../history/content.js';
import type { CallView } from '../history/view.js';

/** Methods that put a new message into the chat. */
const SENDS = /^(?:send(?!ChatAction|MessageDraft)|copyMessage|forwardMessage)/;
/** Methods that change a message that stands there. */
const EDITS = /^editMessage/;

export const isSend = (call: CallView): boolean => kindOf(call.started.method) === 'send';
export const isEdit = (call: CallView): boolean => kindOf(call.started.method) === 'edit';
export const isCallbackAnswer = (call: CallView): boolean => call.started.method === 'answerCallbackQuery';

/** Would the user see something of this call, if it took effect? */
export const isMeantToShow = (call: CallView): boolean => kindOf(call.started.method) !== 'other';

/** Each checker asks that of each call, and there are few methods. */
const kinds = new Map<string, 'send' | 'edit' | 'other'>();
/** More than Telegram has: a bot may call what is none. */
const MOST_METHODS = 1_000;

function kindOf(method: string): 'send' | 'edit' | 'other' {
  const known = kinds.get(method);
  if (known !== undefined) return known;
  const kind = SENDS.test(method) ? 'send' : EDITS.test(method) ? 'edit' : 'other';
  if (kinds.size < MOST_METHODS) kinds.set(method, kind);
  return kind;
}

/** What the user saw of it; nothing for a call that took no effect or has not ended. */
export function shownBy(call: CallView): readonly Content[] {
  const { ended } = call;
  if (ended?.applied !== true) return NOTHING;
  return isMeantToShow(call) || isCallbackAnswer(call) ? (ended.contents ?? NOTHING) : NOTHING;
}

const NOTHING: readonly Content[] = [];

/**
 * Did the user see something? Also true for a successful send whose content the harness does not know
 * (a method that it answers without modelling it).
 */
export function isReply(call: CallView): boolean {
  if (shownBy(call).length > 0) return true;
  return isMeantToShow(call) && call.ended?.ok === true;
}

/** An edit that was refused because the message showed that already: a second handling did what the first had done. */
export const isUnchanged = ({ started, ended }: CallView): boolean =>
  kindOf(started.method) === 'edit' && /message is not modified/i.test(ended?.description ?? '');

/** Meant to show something, and nobody saw it. That a message shows already what it should is no failure. */
export const isFailed = (call: CallView): boolean =>
  isMeantToShow(call) && call.ended?.applied === false && !isUnchanged(call);

/** Equal for two calls that show the same; an album is one thing. */
export const shownKey = (call: CallView): string => shownBy(call).map(contentKey).join('\n');

/** What a reply is called in the message of a finding: `message "Welcome"`, `photo "Our cat"`, `album of 3`. */
export function nameOf(call: CallView): string {
  const contents = shownBy(call);
  const [first] = contents;
  if (contents.length > 1) return `album of ${contents.length}`;
  const kind = first === undefined || first.kind === 'text' ? 'message' : first.kind;
  return first?.text === undefined ? kind : `${kind} "${printable(first.text, 60)}"`;
}

/** Did the bot learn that the call took effect? False as well while it is unfinished. */
export const isKnownToBot = (call: CallView): boolean => call.ended?.ok === true && call.ended.answered;

/** Was it refused because Telegram no longer knew the callback query? */
export const isTooLate = ({ ended }: CallView): boolean =>
  ended?.applied === false && /query is too old|query_id_invalid/i.test(ended.description ?? '');
