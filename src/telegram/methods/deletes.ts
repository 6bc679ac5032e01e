import { messageId } from '../../base/ids.js';
import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess } from '../chats/chat-book.js';
import type { StoredMessage } from '../chats/message-store.js';
import { messageIdParam } from '../coercion.js';
import type { Params, Seen } from '../contracts.js';
import { parseJsonParam } from '../json-fields.js';
import { DONE, type Handlers, type MethodContext, type Outcome } from './outcome.js';

/** In private chats and basic groups a message can be deleted for everyone this long. */
const DELETABLE_SECONDS = 48 * 3600;
const MOST_IDS = 100;

export const DELETE_METHODS: Handlers = {
  deleteMessage: (context) => {
    const { world, params } = context;
    if ((params.get('chat_id') ?? '') === '') throw badRequest('chat identifier is not specified');
    const id = messageIdParam(params);
    if (id === 0) throw badRequest('message identifier is not specified');
    const chat = world.chats.find(params);
    checkAccess(chat, 'write');
    const stored = chat.messages.get(id);
    if (stored === undefined) throw badRequest('message to delete not found');
    checkDeletable(context, chat, stored);
    return deleteAll(context, chat, [id]);
  },

  deleteMessages: (context) => {
    const { world, params } = context;
    const ids = readIds(params);
    const chat = world.chats.find(params);
    checkAccess(chat, 'write');
    const found: number[] = [];
    for (const id of ids) {
      const stored = chat.messages.get(id);
      if (stored === undefined) continue;
      checkDeletable(context, chat, stored);
      found.push(id);
    }
    return deleteAll(context, chat, found);
  },
};

export function readIds(params: Params): number[] {
  const text = params.get('message_ids');
  if (text === undefined || text === '') throw badRequest('message identifiers are not specified');
  const list = parseJsonParam(text, 'message_ids');
  if (!Array.isArray(list)) throw badRequest('expected an Array of message identifiers');
  if (list.length > MOST_IDS) throw badRequest('too many message identifiers specified');
  return list.map((item: unknown) => {
    const id = typeof item === 'number' ? item : Number(typeof item === 'string' ? item : Number.NaN);
    if (!Number.isSafeInteger(id) || id <= 0) throw badRequest('invalid message identifier specified');
    return id;
  });
}

function checkDeletable({ world }: MethodContext, chat: ChatState, stored: StoredMessage): void {
  const { type } = chat.chat;
  if (type !== 'private' && type !== 'group') return;
  if (world.clock.unixSeconds() - stored.message.date > DELETABLE_SECONDS) {
    throw badRequest("message can't be deleted for everyone");
  }
}

function deleteAll({ call }: MethodContext, chat: ChatState, ids: readonly number[]): Outcome {
  const seen = ids.map((id): Seen => {
    chat.messages.delete(id);
    return { what: 'deleted', call, chatId: chat.id, messageId: messageId(id) };
  });
  return { ...DONE, messageIds: ids.map(messageId), seen };
}
