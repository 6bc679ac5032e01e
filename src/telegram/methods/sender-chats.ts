import { badRequest } from '../api-error.js';
import { dropOldest } from '../bounded.js';
import { bookOf, type ChatState } from '../chats/chat-book.js';
import { requireRight } from '../chats/member-rights.js';
import type { Params } from '../contracts.js';
import type { World } from '../world.js';
import { untilDate } from './moderation.js';
import { DONE, type Handlers } from './outcome.js';

/** Banned sender chats of one chat that are remembered; of more, the oldest may write again. */
const KEPT_BANNED_SENDERS = 1_000;

/** Who writes under the name of a channel or group is banned by that name. */
export const SENDER_CHAT_METHODS: Handlers = {
  banChatSenderChat: ({ world, params }) => {
    const untilS = untilDate(world, params);
    const chat = world.chats.findFor(params, 'write');
    const sender = senderChat(world, params, 'sender_chat_id', 'PARTICIPANT_ID_INVALID');
    const { type } = chat.chat;
    if (type === 'private') throw badRequest("can't ban members in private chats");
    if (type === 'group') throw badRequest("can't ban chats in basic groups");
    checkSender(world, chat, sender);
    const book = bookOf(chat);
    book.bannedSenders ??= new Map();
    book.bannedSenders.set(sender.id, untilS);
    dropOldest(book.bannedSenders, KEPT_BANNED_SENDERS);
    return DONE;
  },

  unbanChatSenderChat: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'write');
    const sender = senderChat(world, params, 'sender_chat_id', 'PARTICIPANT_ID_INVALID');
    const { type } = chat.chat;
    if (type === 'private') throw badRequest("chat member status can't be changed in private chats");
    if (type === 'group') return DONE;
    checkSender(world, chat, sender);
    chat.book?.bannedSenders?.delete(sender.id);
    return DONE;
  },
};

/**
 * The chat that an argument names as a sender. The texts name `sender_chat_id` whatever its name is.
 * @throws ApiError as Client.cpp:8230; `unknown` for a chat that the bot does not know
 */
export function senderChat(world: World, params: Params, name: string, unknown: string): ChatState {
  const text = params.get(name) ?? '';
  if (text === '') throw badRequest('sender_chat_id is empty');
  if (!/^-?\d+$/.test(text)) throw badRequest('sender_chat_id is not a valid Integer');
  const chat = world.chats.lookUp(text);
  if (chat === undefined) throw badRequest(unknown);
  return chat;
}

function checkSender(world: World, chat: ChatState, sender: ChatState): void {
  const { type } = sender.chat;
  if (type !== 'supergroup' && type !== 'channel') throw badRequest("can't restrict the chat");
  requireRight(world, chat, 'can_restrict_members');
}
