import type { MessageId } from '../base/ids.js';
import type { Content } from '../history/content.js';
import type { CallView, HistoryView } from '../history/view.js';

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
