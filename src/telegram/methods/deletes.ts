import { messageId } from '../../base/ids.js';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { botMay } from '../chats/member-rights.js';
import { isServiceMessage } from '../chats/message-kinds.js';
import type { StoredMessage } from '../chats/message-store.js';
import { messageIdParam } from '../coercion.js';
import type { Params, Seen } from '../contracts.js';
import { parseJsonParam } from '../json-fields.js';
import type { World } from '../world.js';
import { DONE, type Handlers, type MethodContext, type Outcome } from './outcome.js';
import { forgetPoll } from './poll-ends.js';

/** Bots cannot delete what is older. */
const DELETABLE_SECONDS = 48 * 3600;
const DICE_STAYS_SECONDS = 24 * 3600;
const MOST_IDS = 100;

export const DELETE_METHODS: Handlers = {
  deleteMessage: (context) => {
    const { world, params } = context;
    if ((params.get('chat_id') ?? '') === '') throw badRequest('chat identifier is not specified');
    const id = messageIdParam(params);
    if (id === 0) throw badRequest('message identifier is not specified');
    const chat = world.chats.findFor(params, 'write');
    const stored = chat.messages.get(id);
    if (stored === undefined) throw badRequest('message to delete not found');
    checkDeletable(world, chat, stored);
    return deleteMessagesOf(context, chat, [id]);
  },

  deleteMessages: (context) => {
    const { world, params } = context;
    const ids = readIds(params);
    const chat = world.chats.findFor(params, 'write');
    const found = new Set<number>();
    for (const id of ids) {
      const stored = chat.messages.get(id);
      if (stored === undefined) continue;
      checkDeletable(world, chat, stored);
      found.add(id);
    }
    return deleteMessagesOf(context, chat, [...found]);
  },
};

export function readIds(params: Params): number[] {
  const text = params.get('message_ids');
  if (text === undefined || text === '') throw badRequest('message identifiers are not specified');
  const list = parseJsonParam(text, 'message_ids');
  if (!Array.isArray(list)) throw badRequest('expected an Array of message identifiers');
  if (list.length > MOST_IDS) throw badRequest('too many message identifiers specified');
  const ids = list.map((item: unknown) => {
    const id = typeof item === 'number' ? item : Number(typeof item === 'string' ? item : Number.NaN);
    if (!Number.isSafeInteger(id) || id <= 0) throw badRequest('invalid message identifier specified');
    return id;
  });
  if (ids.length === 0) throw badRequest('message identifiers are not specified');
  return ids;
}

/** The rules of MessagesManager.cpp:8331, with its two texts. */
function checkDeletable(world: World, chat: ChatState, stored: StoredMessage): void {
  const { type } = chat.chat;
  const ageS = world.clock.unixSeconds() - stored.message.date;
  const isOwn = stored.byBot && !isServiceMessage(stored.message);
  if (type === 'supergroup' || type === 'channel') {
    if (!isDeletableInSupergroup(world, chat, stored, ageS)) throw badRequest("message can't be deleted");
    return;
  }
  const tooOld = ageS > DELETABLE_SECONDS;
  const isFreshDice = stored.message.dice !== undefined && ageS < DICE_STAYS_SECONDS;
  const isOthers = !isOwn && !botMay(world, chat, 'can_delete_messages');
  if (tooOld || (type === 'private' && isFreshDice) || (type === 'group' && isOthers)) {
    throw badRequest("message can't be deleted for everyone");
  }
}

function isDeletableInSupergroup(
  world: World,
  chat: ChatState,
  { message, byBot }: StoredMessage,
  ageS: number,
): boolean {
  if (ageS >= DELETABLE_SECONDS || message.message_id === 1) return false;
  if (message.supergroup_chat_created !== undefined || message.channel_chat_created !== undefined)
    return false;
  if (message.migrate_from_chat_id !== undefined || message.forum_topic_created !== undefined) return false;
  if (botMay(world, chat, 'can_delete_messages')) return true;
  if (!byBot) return false;
  const needsPosting = chat.chat.type === 'channel' || isServiceMessage(message);
  return !needsPosting || botMay(world, chat, 'can_post_messages');
}

/** They are gone, with all that hangs on them. */
export function deleteMessagesOf(
  { world, call }: MethodContext,
  chat: ChatState,
  ids: readonly number[],
): Outcome {
  const seen = ids.map((id): Seen => {
    forgetPoll(world, chat, id);
    chat.messages.delete(id);
    world.reactions.forget(chat.id, id);
    return { what: 'deleted', call, chatId: chat.id, messageId: messageId(id) };
  });
  return { ...DONE, messageIds: ids.map(messageId), seen };
}
