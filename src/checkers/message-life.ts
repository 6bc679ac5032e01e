import type { MessageId } from '../base/ids.js';
import { type Content, keyboardKey, visibleText } from '../history/content.js';
import type { CallView, HistoryView } from '../history/view.js';
import { isEdit, shownBy } from './replies.js';

/** What became of a message that a call sent. */

/** Calls on the message that took effect until a time (ms), in order of time. */
function callsOn(view: HistoryView, sent: CallView, id: MessageId, until: number): CallView[] {
  const { bot, chatId } = sent.started;
  if (chatId === undefined) return [];
  const calls = view.callsOn(bot, chatId, id);
  return calls.filter((call) => call !== sent && call.ended?.applied === true && call.effectAt <= until);
}

export const isDeleted = (view: HistoryView, sent: CallView, id: MessageId, until: number): boolean =>
  callsOn(view, sent, id, until).some((call) => call.started.method.startsWith('deleteMessage'));

/** What the message shows at a time. */
export function contentAt(view: HistoryView, sent: CallView, id: MessageId, at: number): Content | undefined {
  let content = sent.ended?.contents?.[sent.ended.messageIds?.indexOf(id) ?? 0];
  for (const call of callsOn(view, sent, id, at)) {
    if (call.started.method.startsWith('edit')) content = call.ended?.contents?.[0] ?? content;
  }
  return content;
}

/** What stood in the message that a call is about, before the call. */
export function contentBefore(view: HistoryView, call: CallView): Content | undefined {
  const { bot, chatId, messageId, at } = call.started;
  if (chatId === undefined || messageId === undefined) return undefined;
  const last = view
    .callsOn(bot, chatId, messageId)
    .findLast((other) => other !== call && other.effectAt <= at && shownBy(other).length > 0);
  // An album has several messages.
  return last === undefined ? undefined : shownBy(last)[last.ended?.messageIds?.indexOf(messageId) ?? 0];
}

/** The message says what it said before, and its buttons are gone. */
export function losesOnlyButtons(view: HistoryView, edit: CallView): boolean {
  const [now] = shownBy(edit);
  if (!isEdit(edit) || now === undefined || keyboardKey(now) !== '') return false;
  const before = contentBefore(view, edit);
  if (before === undefined || keyboardKey(before) === '') return false;
  return before.kind === now.kind && visibleText(before.text ?? '') === visibleText(now.text ?? '');
}
