import { isObject, type JsonObject, type RecordedUpdate } from './format.js';

/** What a person did, as the update told it. */
export interface Act {
  /** `message`, `callback_query`, `edited_message`, … */
  readonly kind: string;
  readonly payload: JsonObject;
  /** The chat it happened in; for an inline query and the like, the person's private chat. */
  readonly chatId: number;
  /** Absent: nobody signs for it (a post in a channel). */
  readonly userId?: number;
  /** The message that was written, edited or tapped. */
  readonly messageId?: number;
  readonly callbackQueryId?: string;
}

/** The act behind an update. Nothing when no person can be seen in it: a poll, or something the bot caused. */
export function actOf(update: RecordedUpdate['update'], recordedBot?: number): Act | undefined {
  for (const kind in update) {
    const payload = update[kind];
    if (kind !== 'update_id' && isObject(payload)) return actIn(kind, payload, recordedBot);
  }
  return undefined;
}

function actIn(kind: string, payload: JsonObject, recordedBot: number | undefined): Act | undefined {
  const message = kind === 'callback_query' && isObject(payload.message) ? payload.message : payload;
  const userId = idOf(payload.from) ?? idOf(payload.user);
  const chatId = idOf(message.chat) ?? userId;
  if (chatId === undefined || (userId !== undefined && userId === recordedBot)) return undefined;
  return {
    kind,
    payload,
    chatId,
    ...(userId !== undefined && { userId }),
    ...(typeof message.message_id === 'number' && { messageId: message.message_id }),
    ...(kind === 'callback_query' && typeof payload.id === 'string' && { callbackQueryId: payload.id }),
  };
}

export function isEdit(act: Act): boolean {
  return act.kind.startsWith('edited_');
}

function idOf(value: unknown): number | undefined {
  return isObject(value) && typeof value.id === 'number' ? value.id : undefined;
}
