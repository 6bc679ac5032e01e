import type { User } from '@grammyjs/types';
import { bookOf, type ChatState, privateChatOf } from '../chats/chat-book.js';
import type { InviteLink } from '../chats/invite-book.js';
import { admit, comesIn } from '../chats/member-admission.js';
import { arrivalFields, changeMember, departureFields } from '../chats/member-changes.js';
import { botMay, statusOf } from '../chats/member-rights.js';
import {
  type AdminRight,
  administrator,
  everyRight,
  GROUP_ADMIN_RIGHTS,
  isMember,
  LEFT,
  MEMBER,
  type MemberStatus,
} from '../chats/member-status.js';
import type { Received } from '../contracts.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { announceFrom } from './announce.js';
import { impossible } from './impossible.js';
import { checkMay, groupNamed } from './powers.js';
import { nameOf } from './sender.js';

/**
 * What people do about who is in a chat. Each function changes what the server knows, queues the updates that
 * Telegram would (order: who is what, then the message that says so), and answers for the last of them.
 */

/** Presses Start: a `/start` with what the link had. Lifts a block first, as Telegram's button does. */
export function startBot(world: World, person: User, payload = ''): Received {
  const chat = privateChat(world, person);
  if (chat.access === 'deactivated')
    throw impossible(`the account of ${nameOf(person)} was deleted`, 'Deleted accounts do nothing.');
  if (chat.access === 'blocked') unblockBot(world, person);
  const text = payload === '' ? '/start' : `/start ${payload}`;
  return receive(world, { kind: 'message', payload: { from: person, chat: chat.chat, text } });
}

/** From now on the bot cannot write to this person. */
export function blockBot(world: World, person: User): Received {
  return changeBot(world, privateChat(world, person), person, { status: 'kicked', untilS: 0 });
}

export function unblockBot(world: World, person: User): Received {
  return changeBot(world, privateChat(world, person), person, MEMBER);
}

/** The account is deleted. Bots are not told; they notice when they write. */
export function deactivate(world: World, person: User): void {
  privateChat(world, person).access = 'deactivated';
}

/** Adds the bot to a group or channel, as an administrator when it is given rights. */
export function addBot(world: World, person: User, chat: number, rights?: readonly AdminRight[]): Received {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_invite_users', 'can_invite_users');
  const { type } = state.chat;
  const isAdmin = rights !== undefined || type === 'channel';
  const status = isAdmin ? administratorIn(state, rights) : MEMBER;
  bookOf(state).set(world.user.id, LEFT);
  const change = changeBot(world, state, person, status);
  if (type === 'channel') return change;
  return announceFrom(world, { user: person, chat: state.chat }, arrivalFields([world.user]));
}

/** Throws the bot out. It can be added again. */
export function removeBot(world: World, person: User, chat: number): Received {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_restrict_members');
  const { type } = state.chat;
  const status: MemberStatus = type === 'group' ? LEFT : { status: 'kicked', untilS: 0 };
  const change = changeBot(world, state, person, status);
  return type === 'channel'
    ? change
    : announceFrom(world, { user: person, chat: state.chat }, departureFields(world.user));
}

/** Makes the bot an administrator with these rights; all of the chat's when left out. */
export function promoteBot(
  world: World,
  person: User,
  chat: number,
  rights?: readonly AdminRight[],
): Received {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_promote_members');
  return changeBot(world, state, person, administratorIn(state, rights));
}

/** The bot is a plain member again. In a channel it is out: bots are there as administrators only. */
export function demoteBot(world: World, person: User, chat: number): Received {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_promote_members');
  return changeBot(world, state, person, state.chat.type === 'channel' ? LEFT : MEMBER);
}

/** Any status for the bot: restricted, banned for a time, … */
export function setBotStatus(world: World, person: User, chat: number, status: MemberStatus): Received {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_restrict_members');
  return changeBot(world, state, person, status);
}

/** Joins, by a link when one is given. @throws SendtwiceError when the link does not let this person in */
export function join(world: World, person: User, chat: number, link?: string): Received {
  const state = groupNamed(world, chat);
  checkOutside(world, state, person);
  world.chats.addUser(person);
  const used = link === undefined ? undefined : usable(world, state, link);
  if (used?.asks === true) {
    throw impossible(`the link ${used.url} asks an administrator first`, 'Use requestToJoin.');
  }
  const invites = used === undefined ? undefined : bookOf(state).invites;
  const counted = used === undefined ? undefined : invites?.put({ ...used, joined: used.joined + 1 });
  const subscription = used?.subscription;
  const change = changeMember(world, state, {
    user: person,
    status:
      subscription === undefined
        ? MEMBER
        : { status: 'member', untilS: world.clock.unixSeconds() + subscription.periodS },
    by: person,
    ...(counted === undefined ? {} : { link: counted }),
  });
  return state.chat.type === 'channel' ? change : comesIn(world, state, person);
}

/** Asks to be let in. The bot hears of it when it may invite people. */
export function requestToJoin(
  world: World,
  person: User,
  chat: number,
  about: { readonly link?: string; readonly bio?: string } = {},
): Received {
  const state = groupNamed(world, chat);
  checkOutside(world, state, person);
  world.chats.addUser(person);
  const link = about.link === undefined ? undefined : usable(world, state, about.link);
  const { invites } = bookOf(state);
  invites.ask({ user: person, ...(link === undefined ? {} : { url: link.url }) });
  if (!botMay(world, state, 'can_invite_users')) return { chatId: state.id };
  return receive(world, {
    kind: 'chat_join_request',
    payload: {
      chat: state.chat,
      from: person,
      user_chat_id: person.id,
      date: world.clock.unixSeconds(),
      ...(about.bio === undefined ? {} : { bio: about.bio }),
      ...(link === undefined ? {} : { invite_link: invites.json(link) }),
    },
  });
}

/** An administrator, not the bot, lets somebody in who asked, or not. */
export function settleJoinRequest(
  world: World,
  person: User,
  chat: number,
  asker: number,
  approve: boolean,
): Received {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_invite_users');
  const request = bookOf(state).invites.settle(asker);
  if (request === undefined) {
    throw impossible(`user ${asker} has not asked to be let into ${chat}`, 'Use requestToJoin first.');
  }
  return approve ? admit(world, state, request, person) : { chatId: state.id };
}

/** Goes, without being thrown out. */
export function leave(world: World, person: User, chat: number): Received {
  const state = groupNamed(world, chat);
  const status = statusOf(world, state, person.id);
  if (status === undefined || !isMember(status)) {
    throw impossible(`${nameOf(person)} is not in ${chat}`, 'Let them join or write first.');
  }
  const change = changeMember(world, state, { user: person, status: LEFT, by: person });
  return state.chat.type === 'channel'
    ? change
    : announceFrom(world, { user: person, chat: state.chat }, departureFields(person));
}

/** Adds people to a group. */
export function addMembers(world: World, person: User, chat: number, users: readonly User[]): Received {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_invite_users', 'can_invite_users');
  for (const user of users) changeMember(world, state, { user, status: MEMBER, by: person });
  if (state.chat.type === 'channel' || users.length === 0) return { chatId: state.id };
  return announceFrom(world, { user: person, chat: state.chat }, arrivalFields(users));
}

/** An administrator makes somebody something else: restricts, bans, promotes … */
export function setMember(
  world: World,
  person: User,
  chat: number,
  user: User,
  status: MemberStatus,
): Received {
  const state = groupNamed(world, chat);
  const right = status.status === 'administrator' ? 'can_promote_members' : 'can_restrict_members';
  checkMay(world, state, person, right);
  const before = statusOf(world, state, user.id) ?? LEFT;
  const change = changeMember(world, state, { user, status, by: person });
  const isOut = isMember(before) && !isMember(status) && state.chat.type !== 'channel';
  return isOut ? announceFrom(world, { user: person, chat: state.chat }, departureFields(user)) : change;
}

/** Promotes a person. The bot cannot take these rights away. */
export function promoteMember(
  world: World,
  person: User,
  chat: number,
  user: User,
  rights?: readonly AdminRight[],
): Received {
  const state = groupNamed(world, chat);
  return setMember(world, person, chat, user, administratorIn(state, rights));
}

function changeBot(world: World, state: ChatState, by: User, status: MemberStatus): Received {
  return changeMember(world, state, { user: world.user, status, by });
}

function administratorIn(
  { chat: { type } }: ChatState,
  rights: readonly AdminRight[] | undefined,
): MemberStatus {
  // Who is an administrator in a basic group can do what all of them can.
  const given = type === 'group' ? GROUP_ADMIN_RIGHTS : (rights ?? everyRight(type));
  return administrator(type, ['can_manage_chat', ...given], { editable: false });
}

function privateChat(world: World, person: User): ChatState {
  world.chats.addUser(person);
  return world.chats.chat(person.id) ?? world.chats.addChat(privateChatOf(person));
}

function checkOutside(world: World, state: ChatState, person: User): void {
  const status = statusOf(world, state, person.id);
  if (status === undefined) return;
  if (status.status === 'kicked') {
    throw impossible(`${nameOf(person)} is banned from ${state.id}`, 'Unban them first.');
  }
  if (isMember(status))
    throw impossible(`${nameOf(person)} is in ${state.id} already`, 'Let them leave first.');
}

/** @throws SendtwiceError for a link that is not there, was revoked, is too old or used up */
function usable(world: World, state: ChatState, url: string): InviteLink {
  const link = bookOf(state).invites.link(url);
  if (link === undefined || link.revoked) {
    throw impossible(`${url} is no link to ${state.id}, or was revoked`, 'Use one that the bot has made.');
  }
  const { expiresS, memberLimit, joined } = link;
  if (expiresS !== 0 && expiresS <= world.clock.unixSeconds()) {
    throw impossible(`the link ${url} has expired`, 'Use it earlier, or edit it.');
  }
  if (memberLimit !== 0 && joined >= memberLimit) {
    throw impossible(`the link ${url} has let ${joined} people in, as many as it may`, 'Edit its limit.');
  }
  return link;
}
