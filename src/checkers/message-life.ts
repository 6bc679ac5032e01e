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

/** The message says what it said before, and its buttons are gone. */
export function losesOnlyButtons(view: HistoryView, edit: CallView): boolean {
  const { bot, chatId, messageId } = edit.started;
  const [now] = shownBy(edit);
  if (!isEdit(edit) || chatId === undefined || messageId === undefined || now === undefined) return false;
  if (keyboardKey(now) !== '') return false;
  const last = view
    .callsOn(bot, chatId, messageId)
    .findLast((call) => call !== edit && call.effectAt <= edit.started.at && shownBy(call).length > 0);
  const before = last === undefined ? undefined : contentOn(last, messageId);
  if (before === undefined || keyboardKey(before) === '') return false;
  return before.kind === now.kind && visibleText(before.text ?? '') === visibleText(now.text ?? '');
}

/** What a call shows in one message; an album has several. */
const contentOn = (call: CallView, id: MessageId): Content | undefined =>
  shownBy(call)[Math.max(0, call.ended?.messageIds?.indexOf(id) ?? 0)];
