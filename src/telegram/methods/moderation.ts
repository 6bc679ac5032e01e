import type { User } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { changeMember, departureFields } from '../chats/member-changes.js';
import { botMay, botStatus, requireRight } from '../chats/member-rights.js';
import {
  ADMIN_RIGHTS,
  type AdminRight,
  administrator,
  fixedUntil,
  hasRight,
  isMember,
  LEFT,
  type MemberStatus,
  type Permission,
  restricted,
  tagOf,
  withTag,
} from '../chats/member-status.js';
import { booleanParam, INT32_MAX, integerParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import type { World } from '../world.js';
import { leave, memberNamed } from './members.js';
import { DONE, type Handlers, type Outcome } from './outcome.js';
import { readPermissions } from './permissions.js';
import { announce } from './service-messages.js';

/** Titles and tags are short and without emoji. */
const LONGEST_TAG = 16;

const MODERATED = 'method is available for supergroup and channel chats only';
const SUPERGROUPS = 'method is available only for supergroups';
const GROUPS = 'method is available only for groups and supergroups';

/** Rights of an administrator that the bot gives to others, or takes from them. */
export const MODERATION_METHODS: Handlers = {
  banChatMember: ({ world, params }) => {
    const id = userIdParam(params);
    const untilS = untilDate(world, params);
    const chat = world.chats.findFor(params, 'write');
    const { type } = chat.chat;
    if (type === 'private') throw badRequest("can't ban members in private chats");
    const [user, status] = memberNamed(world, chat, id);
    if (type === 'group') return removeFromGroup(world, chat, user, status);
    checkRestrictable(world, chat, id, status);
    return ban(world, chat, user, status, untilS);
  },

  unbanChatMember: ({ world, params }) => {
    const id = userIdParam(params);
    const chat = moderatedChat(world, params);
    const [user, status] = memberNamed(world, chat, id);
    if (booleanParam(params, 'only_if_banned') && status.status !== 'kicked') return DONE;
    if (status.status === 'left') return DONE;
    if (id === world.user.id) {
      leave(world, chat);
      return DONE;
    }
    checkRestrictable(world, chat, id, status);
    // Nobody can be made to leave but by a ban, which is lifted then (DialogParticipantManager.cpp:3040).
    if (isMember(status)) ban(world, chat, user, status, world.clock.unixSeconds() + 60);
    changeMember(world, chat, { user, status: LEFT, by: world.user });
    return DONE;
  },

  restrictChatMember: ({ world, params }) => {
    const id = userIdParam(params);
    const untilS = untilDate(world, params);
    const given = readPermissions(params, true);
    const chat = world.chats.findFor(params, 'write');
    if (chat.chat.type !== 'supergroup') throw badRequest(SUPERGROUPS);
    const [user, before] = memberNamed(world, chat, id);
    const permissions = given.legacy ? withUntouched(given.permissions, before) : given.permissions;
    const after = restricted(permissions, isMember(before), untilS, tagOf(before));
    if (sameStatus(before, after)) return DONE;
    // With nothing forbidden an administrator is one no more.
    if (after.status === 'member') checkDemotable(world, chat, id, before);
    else checkRestrictable(world, chat, id, before);
    changeMember(world, chat, { user, status: after, by: world.user });
    return DONE;
  },

  promoteChatMember: ({ world, params }) => {
    const id = userIdParam(params);
    const chat = moderatedChat(world, params);
    const { type } = chat.chat;
    const [user, before] = memberNamed(world, chat, id);
    const after = administrator(type, rightsGiven(params, type), { editable: true, ...tagField(before) });
    if (sameStatus(before, after)) return DONE;
    if (before.status === 'creator') throw badRequest("can't remove chat owner");
    if (after.status === 'administrator') checkPromotable(world, chat, id, before, after.rights);
    else checkDemotable(world, chat, id, before);
    changeMember(world, chat, { user, status: after, by: world.user });
    return DONE;
  },

  setChatAdministratorCustomTitle: ({ world, params }) => {
    const id = userIdParam(params);
    const chat = world.chats.findFor(params, 'write');
    checkGroup(chat);
    const [user, status] = memberNamed(world, chat, id);
    if (status.status === 'creator') throw badRequest('only the owner can edit their custom title');
    if (status.status !== 'administrator') throw badRequest('user is not an administrator');
    if (!status.editable || id === world.user.id) {
      throw badRequest('not enough rights to change custom title of the user');
    }
    return tagMember(world, chat, user, status, params.get('custom_title') ?? '');
  },

  setChatMemberTag: ({ world, params }) => {
    const id = userIdParam(params);
    const chat = world.chats.findFor(params, 'write');
    checkGroup(chat);
    const [user, status] = memberNamed(world, chat, id);
    requireRight(world, chat, 'can_manage_tags');
    if (!isMember(status)) throw badRequest('USER_NOT_PARTICIPANT');
    if (status.status === 'creator') throw badRequest('CHAT_ADMIN_REQUIRED');
    return tagMember(world, chat, user, status, params.get('tag') ?? '');
  },
};

function moderatedChat(world: World, params: Params): ChatState {
  const chat = world.chats.findFor(params, 'write');
  const { type } = chat.chat;
  if (type !== 'supergroup' && type !== 'channel') throw badRequest(MODERATED);
  return chat;
}

function checkGroup({ chat }: ChatState): void {
  if (chat.type !== 'group' && chat.type !== 'supergroup') throw badRequest(GROUPS);
}

export function untilDate(world: World, params: Params): number {
  const given = integerParam(params, 'until_date', { fallback: 0, min: -INT32_MAX - 1, max: INT32_MAX });
  return given === 0 ? 0 : fixedUntil(given, world.clock.unixSeconds());
}

/** In a basic group nobody is banned: they are out, and can be let in again by anybody. */
function removeFromGroup(world: World, chat: ChatState, user: User, status: MemberStatus): Outcome {
  if (user.id === world.user.id) {
    leave(world, chat);
    return DONE;
  }
  if (!isMember(status)) throw badRequest('USER_NOT_PARTICIPANT');
  if (!botMay(world, chat, 'can_restrict_members') || status.status === 'creator') {
    throw badRequest('CHAT_ADMIN_REQUIRED');
  }
  // Only the owner removes administrators.
  if (status.status === 'administrator') throw badRequest('user is an administrator of the chat');
  changeMember(world, chat, { user, status: LEFT, by: world.user });
  announce(world, chat, departureFields(user));
  return DONE;
}

function ban(world: World, chat: ChatState, user: User, before: MemberStatus, untilS: number): Outcome {
  const after: MemberStatus = { status: 'kicked', untilS };
  if (sameStatus(before, after)) return DONE;
  const leaves = isMember(before);
  changeMember(world, chat, { user, status: after, by: world.user });
  if (leaves && chat.chat.type === 'supergroup') announce(world, chat, departureFields(user));
  return DONE;
}

/** The checks of DialogParticipantManager.cpp:2970, in their order. */
function checkRestrictable(world: World, chat: ChatState, id: number, before: MemberStatus): void {
  if (before.status === 'creator') throw badRequest("can't remove chat owner");
  if (id === world.user.id) throw badRequest("can't restrict self");
  requireRight(world, chat, 'can_restrict_members');
  if (before.status !== 'administrator') return;
  const may = before.editable && botMay(world, chat, 'can_promote_members');
  if (!may) throw badRequest('user is an administrator of the chat');
}

/** What the old way of restricting does not speak of stays as it is (Client.cpp:15318). */
function withUntouched(given: ReadonlySet<Permission>, before: MemberStatus): ReadonlySet<Permission> {
  if (before.status !== 'restricted') return given;
  const result = new Set(given);
  for (const name of UNTOUCHED) {
    if (before.permissions.has(name)) result.add(name);
    else result.delete(name);
  }
  return result;
}

const UNTOUCHED: readonly Permission[] = [
  'can_send_polls',
  'can_change_info',
  'can_invite_users',
  'can_pin_messages',
  'can_manage_topics',
];

/** A right to restrict comes with every promotion in a channel that does not speak of it (Client.cpp:15207). */
function rightsGiven(params: Params, type: ChatState['chat']['type']): AdminRight[] {
  const rights = ADMIN_RIGHTS.filter((right) => booleanParam(params, right));
  if (booleanParam(params, 'can_manage_voice_chats')) rights.push('can_manage_video_chats');
  if (type === 'channel' && rights.length > 0 && !params.has('can_restrict_members')) {
    rights.push('can_restrict_members');
  }
  return rights;
}

function checkPromotable(
  world: World,
  chat: ChatState,
  id: number,
  before: MemberStatus,
  rights: Iterable<AdminRight>,
): void {
  if (id === world.user.id) throw badRequest("can't promote self");
  requireRight(world, chat, 'can_promote_members');
  if (before.status === 'kicked') throw badRequest('USER_KICKED');
  // Bots cannot bring people in.
  if (!isMember(before)) throw badRequest('USER_NOT_PARTICIPANT');
  if (before.status === 'administrator' && !before.editable) throw badRequest('CHAT_ADMIN_REQUIRED');
  const own = botStatus(world, chat);
  for (const right of rights) {
    // Nobody gives what they do not have; to stay unseen is a matter of taste.
    if (right !== 'is_anonymous' && !hasRight(own, right)) throw badRequest('RIGHT_FORBIDDEN');
  }
}

function checkDemotable(world: World, chat: ChatState, id: number, before: MemberStatus): void {
  if (before.status === 'creator') throw badRequest("can't remove chat owner");
  if (id !== world.user.id && before.status === 'administrator') {
    requireRight(world, chat, 'can_promote_members');
    if (!before.editable) throw badRequest('CHAT_ADMIN_REQUIRED');
  }
  if (before.status === 'administrator') return;
  if (!isMember(before)) throw badRequest("bots can't add new chat members");
  if (id === world.user.id) throw badRequest("can't unrestrict self");
  requireRight(world, chat, 'can_restrict_members');
}

function tagField(status: MemberStatus): { readonly tag?: string } {
  const tag = tagOf(status);
  return tag === undefined ? {} : { tag };
}

/** @throws ApiError `ADMIN_RANK_INVALID`, `ADMIN_RANK_EMOJI_NOT_ALLOWED` */
function tagMember(world: World, chat: ChatState, user: User, before: MemberStatus, text: string): Outcome {
  const tag = text.trim();
  if ([...tag].length > LONGEST_TAG) throw badRequest('ADMIN_RANK_INVALID');
  if (/\p{Extended_Pictographic}/u.test(tag)) throw badRequest('ADMIN_RANK_EMOJI_NOT_ALLOWED');
  if ((tagOf(before) ?? '') === tag) return DONE;
  changeMember(world, chat, { user, status: withTag(before, tag), by: world.user });
  return DONE;
}

function sameStatus(a: MemberStatus, b: MemberStatus): boolean {
  return canonical(a) === canonical(b);
}

function canonical(status: MemberStatus): string {
  return JSON.stringify(status, (_, value: unknown) => (value instanceof Set ? [...value].sort() : value));
}
