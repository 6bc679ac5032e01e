import type { User } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess } from '../chats/chat-book.js';
import { changeMember, departureFields } from '../chats/member-changes.js';
import { memberJson } from '../chats/member-json.js';
import { botStatus, statusOf } from '../chats/member-rights.js';
import { isMember, LEFT, MEMBER, type MemberStatus } from '../chats/member-status.js';
import { booleanParam, userIdParam } from '../coercion.js';
import type { World } from '../world.js';
import { DONE, type Handlers } from './outcome.js';
import { announce } from './service-messages.js';

/** Who is in a chat, and the bot's own leaving. */
export const MEMBER_METHODS: Handlers = {
  getChatMember: ({ world, params }) => {
    const user = userIdParam(params);
    const chat = world.chats.find(params);
    checkAccess(chat, user === world.user.id ? 'read' : 'members');
    const [found, status] = memberNamed(world, chat, user);
    return { result: memberJson(found, status, chat.chat.type) };
  },

  getChatAdministrators: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'members');
    if (chat.chat.type === 'private') throw badRequest('there are no administrators in the private chat');
    const withBots = booleanParam(params, 'return_bots');
    const result = administratorsOf(world, chat)
      .filter(([user]) => withBots || !user.is_bot || user.id === world.user.id)
      .map(([user, status]) => memberJson(user, status, chat.chat.type));
    return { result };
  },

  getChatMemberCount: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'members');
    return { result: memberCount(world, chat) };
  },

  leaveChat: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'read');
    if (chat.chat.type === 'private') throw badRequest("can't leave private chats");
    if (!isMember(botStatus(world, chat))) return DONE;
    leave(world, chat);
    return DONE;
  },
};

/** The bot goes. In a channel nobody is told who comes and goes. */
export function leave(world: World, chat: ChatState): void {
  changeMember(world, chat, { user: world.user, status: LEFT, by: world.user });
  if (chat.chat.type !== 'channel') announce(world, chat, departureFields(world.user));
}

/** @throws ApiError `member not found` for somebody who is not known at all */
export function memberNamed(world: World, chat: ChatState, id: number): [User, MemberStatus] {
  const isPrivate = chat.chat.type === 'private';
  const user = id === world.user.id ? world.user : world.chats.user(id);
  if (user === undefined) throw badRequest('member not found');
  if (isPrivate && user !== world.user && chat.id !== id) throw badRequest('member not found');
  // A block is not told here.
  if (isPrivate) return [user, MEMBER];
  return [user, statusOf(world, chat, id) ?? LEFT];
}

/** The owner first; the bot too, also when nobody has said that it is one. */
function administratorsOf(world: World, chat: ChatState): [User, MemberStatus][] {
  const found: [User, MemberStatus][] = [];
  for (const [id, status] of chat.book?.administrators() ?? []) {
    const user = world.chats.user(id);
    if (user !== undefined && id !== world.user.id) found.push([user, status]);
  }
  const own = botStatus(world, chat);
  if (own.status === 'creator' || own.status === 'administrator') found.push([world.user, own]);
  return found;
}

/** The bot counts too. */
export function memberCount(world: World, chat: ChatState): number {
  if (chat.chat.type === 'private') return chat.id === world.user.id ? 1 : 2;
  const nowS = world.clock.unixSeconds();
  const known = chat.book?.count(nowS) ?? 0;
  const counted = chat.book?.get(world.user.id, nowS);
  const own = isMember(botStatus(world, chat)) ? 1 : 0;
  return known + own - (counted !== undefined && isMember(counted) ? 1 : 0);
}
