import type { User } from '@grammyjs/types';
import { chatId } from '../../base/ids.js';
import { isObject, type JsonObject } from '../json-fields.js';
import type { World } from '../world.js';
import { bookOf, type ChatState } from './chat-book.js';
import { LEFT, MEMBER, statusFromJson, userOfMember } from './member-status.js';

/** What an update says about who is in a group: who acts, who came and who went. */
export function noteMembers(
  world: World,
  chat: ChatState,
  payload: JsonObject,
  from: User | undefined,
): void {
  const { type } = chat.chat;
  if (type !== 'group' && type !== 'supergroup') return;
  const nowS = world.clock.unixSeconds();
  // Somebody who asks to be let in is not in yet, and who writes for a chat shows another name. What the bot is
  // does not follow from its own service messages.
  const acts = payload.user_chat_id === undefined && payload.sender_chat === undefined;
  if (from !== undefined && acts && from.id !== world.user.id) bookOf(chat).seen(from.id, nowS);
  if (
    from !== undefined &&
    (payload.group_chat_created === true || payload.supergroup_chat_created === true)
  ) {
    bookOf(chat).set(from.id, { status: 'creator', anonymous: false });
  }
  if (Array.isArray(payload.new_chat_members)) {
    for (const user of payload.new_chat_members.filter(isUser)) noteArrival(world, chat, user, nowS);
  }
  const left = payload.left_chat_member;
  if (isUser(left)) noteDeparture(world, chat, left, from);
  if (typeof payload.migrate_to_chat_id === 'number') {
    chat.access = { upgradedTo: chatId(payload.migrate_to_chat_id) };
  }
}

function noteArrival(world: World, chat: ChatState, user: User, nowS: number): void {
  if (user.id === world.user.id) {
    chat.access = 'open';
    const status = chat.book?.get(user.id, nowS);
    if (status?.status === 'left' || status?.status === 'kicked') bookOf(chat).set(user.id, MEMBER);
    return;
  }
  world.chats.addUser(user);
  bookOf(chat).seen(user.id, nowS);
}

function noteDeparture(world: World, chat: ChatState, user: User, by: User | undefined): void {
  if (user.id === world.user.id) {
    if (chat.access === 'open' || chat.access === 'left') {
      chat.access = by?.id === user.id ? 'left' : 'kicked';
    }
    return;
  }
  // A ban has been told of before.
  if (chat.book?.get(user.id, world.clock.unixSeconds())?.status !== 'kicked')
    bookOf(chat).set(user.id, LEFT);
}

/** `my_chat_member`, `chat_member`: somebody is something else from now on. */
export function noteMembership(world: World, chat: ChatState, payload: JsonObject): void {
  const member = payload.new_chat_member;
  const user = userOfMember(member);
  if (!isObject(member)) return;
  const { type } = chat.chat;
  const isBot = user === undefined || user.id === world.user.id;
  if (user !== undefined && !isBot) world.chats.addUser(user);
  if (type !== 'private') bookOf(chat).set(user?.id ?? world.user.id, statusFromJson(member, type));
  if (!isBot) return;
  const { status } = member;
  if (status === 'kicked') chat.access = type === 'private' ? 'blocked' : 'kicked';
  else if (status === 'left') chat.access = 'left';
  else if (typeof status === 'string') chat.access = 'open';
}

function isUser(value: unknown): value is User {
  return isObject(value) && typeof value.id === 'number';
}
