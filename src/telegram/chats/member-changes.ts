import type { User } from '@grammyjs/types';
import type { Received } from '../contracts.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { bookOf, type ChatState } from './chat-book.js';
import type { InviteLink } from './invite-book.js';
import { memberJson } from './member-json.js';
import { botStatus, statusOf } from './member-rights.js';
import { isAdministrator, LEFT, type MemberStatus } from './member-status.js';

/** Somebody becomes something else in a chat. */
export interface MemberChange {
  readonly user: User;
  readonly status: MemberStatus;
  /** Who did it: themselves, an administrator, or the bot. */
  readonly by: User;
  /** The link that they came by. */
  readonly link?: InviteLink;
  /** An administrator let them in. */
  readonly viaRequest?: boolean;
}

/**
 * Changes what somebody is, and tells the bot: always about itself (`my_chat_member`), about others
 * (`chat_member`) where it is an administrator. Other bots of the chat are told in the same way.
 */
export function changeMember(world: World, chat: ChatState, change: MemberChange): Received {
  const received = changeFor(world, chat, change);
  for (const other of world.groups.othersIn(world, chat.id)) {
    const state = other.chats.chat(chat.id);
    if (state !== undefined) changeFor(other, state, { ...change, status: asSeenByOthers(change.status) });
  }
  return received;
}

/** Whom one bot has promoted, another cannot demote. */
function asSeenByOthers(status: MemberStatus): MemberStatus {
  return status.status === 'administrator' ? { ...status, editable: false } : status;
}

function changeFor(world: World, chat: ChatState, change: MemberChange): Received {
  const { user, status, by, link } = change;
  const { type } = chat.chat;
  const isBot = user.id === world.user.id;
  const before = statusOf(world, chat, user.id) ?? LEFT;
  if (!isBot && !isAdministrator(botStatus(world, chat))) {
    world.chats.addUser(user);
    bookOf(chat).set(user.id, status);
    return { chatId: chat.id };
  }
  return receive(world, {
    kind: isBot ? 'my_chat_member' : 'chat_member',
    payload: {
      chat: chat.chat,
      from: by,
      date: world.clock.unixSeconds(),
      old_chat_member: memberJson(user, before, type),
      new_chat_member: memberJson(user, status, type),
      ...(link === undefined ? {} : { invite_link: bookOf(chat).invites.json(link) }),
      ...(change.viaRequest === true ? { via_join_request: true } : {}),
    },
  });
}

/** Telegram names those who came in two older ways too (Client.cpp:4322). */
export function arrivalFields(users: readonly User[]): Readonly<Record<string, unknown>> {
  const [first] = users;
  return { new_chat_participant: first, new_chat_member: first, new_chat_members: users };
}

export function departureFields(user: User): Readonly<Record<string, unknown>> {
  return { left_chat_participant: user, left_chat_member: user };
}
