import type { ChatMember, User } from '@grammyjs/types';
import { type ChatType, type MemberStatus, permissionsJson, rightsJson } from './member-status.js';

/** A ChatMember, keys in the official order (Client.cpp:5141). */
export function memberJson(user: User, status: MemberStatus, type: ChatType): ChatMember {
  switch (status.status) {
    case 'creator': {
      const title = status.tag === undefined ? {} : { custom_title: status.tag };
      return { user, status: 'creator', ...title, is_anonymous: status.anonymous };
    }
    case 'administrator':
      return {
        user,
        status: 'administrator',
        can_be_edited: status.editable,
        ...(rightsJson(status.rights, type) as AdministratorFlags),
        // The name from before a renaming.
        ...{ can_manage_voice_chats: status.rights.has('can_manage_video_chats') },
        ...(status.tag === undefined ? {} : { custom_title: status.tag }),
      };
    case 'member':
      return {
        user,
        status: 'member',
        ...(status.tag === undefined ? {} : { tag: status.tag }),
        ...(status.untilS === undefined ? {} : { until_date: status.untilS }),
      };
    case 'restricted':
      return {
        user,
        status: 'restricted',
        ...(status.tag === undefined ? {} : { tag: status.tag }),
        until_date: status.untilS,
        ...permissionsJson(status.permissions),
        is_member: status.isMember,
      };
    case 'left':
      return { user, status: 'left' };
    case 'kicked':
      return { user, status: 'kicked', until_date: status.untilS };
  }
}

type AdministratorFlags = Omit<
  Extract<ChatMember, { status: 'administrator' }>,
  'user' | 'status' | 'can_be_edited' | 'custom_title'
>;
