import type { AcceptedGiftTypes, Chat, User } from '@grammyjs/types';
import { isObject, type JsonObject } from '../json-fields.js';

export type ChatType = Chat['type'];

/** Administrator rights in the order of the official server (Client.cpp:16726). */
export const ADMIN_RIGHTS = [
  'can_manage_chat',
  'can_change_info',
  'can_post_messages',
  'can_edit_messages',
  'can_delete_messages',
  'can_invite_users',
  'can_restrict_members',
  'can_pin_messages',
  'can_manage_topics',
  'can_promote_members',
  'can_manage_video_chats',
  'can_post_stories',
  'can_edit_stories',
  'can_delete_stories',
  'can_manage_direct_messages',
  'can_manage_tags',
  'can_send_welcome_messages',
  'is_anonymous',
] as const;
export type AdminRight = (typeof ADMIN_RIGHTS)[number];
/** The rights that are there. */
export type AdminRights = ReadonlySet<AdminRight>;

/** What stands together under the older `can_send_media_messages`. */
export const MEDIA_PERMISSIONS = [
  'can_send_audios',
  'can_send_documents',
  'can_send_photos',
  'can_send_videos',
  'can_send_video_notes',
  'can_send_voice_notes',
] as const;

/** What members may do, in the order of the official server (Client.cpp:16757). */
export const PERMISSIONS = [
  'can_send_messages',
  ...MEDIA_PERMISSIONS,
  'can_send_polls',
  'can_send_other_messages',
  'can_add_web_page_previews',
  'can_react_to_messages',
  'can_edit_tag',
  'can_change_info',
  'can_invite_users',
  'can_pin_messages',
  'can_manage_topics',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
/** The permissions that are there. */
export type Permissions = ReadonlySet<Permission>;

export const EVERYTHING: Permissions = new Set(PERMISSIONS);

/** What somebody is in a chat; one of the six shapes of ChatMember. Replaced, never changed. */
export type MemberStatus =
  | { readonly status: 'creator'; readonly anonymous: boolean; readonly tag?: string }
  | {
      readonly status: 'administrator';
      readonly rights: AdminRights;
      /** The bot may change what they may do. */
      readonly editable: boolean;
      readonly tag?: string;
    }
  | { readonly status: 'member'; readonly tag?: string; readonly untilS?: number }
  | {
      readonly status: 'restricted';
      readonly permissions: Permissions;
      readonly isMember: boolean;
      /** Unix time in seconds; 0: for ever. */
      readonly untilS: number;
      readonly tag?: string;
    }
  | { readonly status: 'left' }
  | { readonly status: 'kicked'; readonly untilS: number };

export const MEMBER: MemberStatus = { status: 'member' };
export const LEFT: MemberStatus = { status: 'left' };

/** Rights that a chat of this type does not know (DialogParticipant.cpp:68). */
const NOT_IN: Readonly<Record<ChatType, readonly AdminRight[]>> = {
  private: [],
  group: ['can_post_messages', 'can_edit_messages', 'can_manage_topics', 'can_manage_direct_messages'],
  supergroup: ['can_post_messages', 'can_edit_messages', 'can_manage_direct_messages'],
  channel: ['can_pin_messages', 'can_manage_topics', 'can_manage_tags', 'is_anonymous'],
};

/** An administrator with these rights; without any right it is a member (DialogParticipant.cpp:401). */
export function administrator(
  type: ChatType,
  given: Iterable<AdminRight>,
  about: { readonly editable: boolean; readonly tag?: string },
): MemberStatus {
  const rights = new Set(given);
  for (const right of NOT_IN[type]) rights.delete(right);
  const tag = about.tag === undefined ? {} : { tag: about.tag };
  if (rights.size === 0) return { status: 'member', ...tag };
  rights.add('can_manage_chat');
  return { status: 'administrator', rights, editable: about.editable, ...tag };
}

/** All rights of a chat but to stay unseen. */
export function everyRight(type: ChatType): AdminRight[] {
  return ADMIN_RIGHTS.filter((right) => right !== 'is_anonymous' && !NOT_IN[type].includes(right));
}

/** In a basic group all administrators can do the same (DialogParticipant.cpp:438). */
export const GROUP_ADMIN_RIGHTS: readonly AdminRight[] = [
  'can_manage_chat',
  'can_change_info',
  'can_delete_messages',
  'can_invite_users',
  'can_restrict_members',
  'can_pin_messages',
  'can_manage_video_chats',
  'can_manage_tags',
];

export function restricted(
  permissions: Permissions,
  isMember: boolean,
  untilS: number,
  tag?: string,
): MemberStatus {
  const tagged = tag === undefined ? {} : { tag };
  if (permissions.size === PERMISSIONS.length) return isMember ? { status: 'member', ...tagged } : LEFT;
  return { status: 'restricted', permissions, isMember, untilS, ...tagged };
}

/** Less than 30 s or more than 366 days from now are for ever (DialogParticipant.cpp:672). */
export function fixedUntil(untilS: number, nowS: number): number {
  return untilS < nowS + 30 || untilS > nowS + 366 * 86_400 ? 0 : untilS;
}

/** What is left of a status whose time is up (DialogParticipant.cpp:584). */
export function withoutExpired(status: MemberStatus, nowS: number): MemberStatus {
  if (!('untilS' in status) || status.untilS === undefined || status.untilS === 0) return status;
  if (nowS <= status.untilS) return status;
  if (status.status !== 'restricted' || !status.isMember) return LEFT;
  return { status: 'member', ...(status.tag === undefined ? {} : { tag: status.tag }) };
}

export function isMember(status: MemberStatus): boolean {
  if (status.status === 'restricted') return status.isMember;
  return status.status !== 'left' && status.status !== 'kicked';
}

export function isAdministrator(status: MemberStatus): boolean {
  return status.status === 'creator' || status.status === 'administrator';
}

/** The owner may do everything. */
export function hasRight(status: MemberStatus, right: AdminRight): boolean {
  if (status.status === 'creator') return right !== 'is_anonymous' || status.anonymous;
  return status.status === 'administrator' && status.rights.has(right);
}

export function tagOf(status: MemberStatus): string | undefined {
  return 'tag' in status ? status.tag : undefined;
}

/** With another tag, or with none when it is empty. */
export function withTag(status: MemberStatus, tag: string): MemberStatus {
  if (status.status === 'left' || status.status === 'kicked') return status;
  const { tag: _, ...rest } = status;
  return tag === '' ? rest : { ...rest, tag };
}

/** Permissions as booleans, with the older name that stands for all media. */
export function permissionsJson(permissions: Permissions): Readonly<Record<Permission, boolean>> {
  const media = MEDIA_PERMISSIONS.some((name) => permissions.has(name));
  const json: Record<string, boolean> = {};
  for (const name of PERMISSIONS) {
    json[name] = permissions.has(name);
    if (name === 'can_send_messages') json.can_send_media_messages = media;
  }
  return json as Record<Permission, boolean>;
}

/** What basic groups show of themselves in messages too, beside their name (Client.cpp:1258). */
export function basicGroupFields(permissions: Permissions): {
  readonly all_members_are_administrators: boolean;
  readonly accepted_gift_types: AcceptedGiftTypes;
} {
  const asked = PERMISSIONS.filter((name) => name !== 'can_manage_topics');
  return {
    all_members_are_administrators: asked.every((name) => permissions.has(name)),
    accepted_gift_types: NO_GIFTS,
  };
}

/** Nobody gives to a chat of which nothing is known. */
export const NO_GIFTS: AcceptedGiftTypes = {
  unlimited_gifts: false,
  limited_gifts: false,
  unique_gifts: false,
  premium_subscription: false,
  gifts_from_channels: false,
};

/** The rights that this type of chat knows, as booleans. */
export function rightsJson(rights: AdminRights, type: ChatType): Readonly<Record<string, boolean>> {
  const json: Record<string, boolean> = {};
  for (const right of ADMIN_RIGHTS) {
    if (right === 'is_anonymous' || !NOT_IN[type].includes(right)) json[right] = rights.has(right);
  }
  return json;
}

/** Reads a ChatMember, as it comes in recordings. Unknown things are a plain member. */
export function statusFromJson(member: JsonObject, type: ChatType): MemberStatus {
  const text = member.custom_title ?? member.tag;
  const tag = typeof text === 'string' && text !== '' ? { tag: text } : {};
  const untilS = typeof member.until_date === 'number' ? member.until_date : 0;
  switch (member.status) {
    case 'creator':
      return { status: 'creator', anonymous: member.is_anonymous === true, ...tag };
    case 'administrator': {
      const rights = ADMIN_RIGHTS.filter((right) => member[right] === true);
      return administrator(type, ['can_manage_chat', ...rights], {
        editable: member.can_be_edited === true,
        ...tag,
      });
    }
    case 'restricted': {
      const given = new Set(PERMISSIONS.filter((name) => member[name] === true));
      return {
        status: 'restricted',
        permissions: given,
        isMember: member.is_member !== false,
        untilS,
        ...tag,
      };
    }
    case 'left':
      return LEFT;
    case 'kicked':
      return { status: 'kicked', untilS };
    default:
      return { status: 'member', ...tag, ...(untilS === 0 ? {} : { untilS }) };
  }
}

/** The user that a ChatMember is about. */
export function userOfMember(member: unknown): User | undefined {
  return isObject(member) && isObject(member.user) && typeof member.user.id === 'number'
    ? (member.user as unknown as User)
    : undefined;
}
