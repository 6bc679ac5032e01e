import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess } from '../chats/chat-book.js';
import { withoutReply } from '../chats/message-store.js';
import { userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import type { World } from '../world.js';
import type { Handlers } from './outcome.js';
import { pinnedMessage } from './pins.js';

export const CHAT_METHODS: Handlers = {
  getChat: ({ world, params }) => {
    const state = readableChat(world, params);
    const { chat } = state;
    const pinned = pinnedMessage(state);
    return {
      result: {
        ...chat,
        ...(chat.type === 'group' ? { permissions: GROUP_PERMISSIONS } : {}),
        accepted_gift_types: ACCEPTED_GIFTS,
        ...(pinned === undefined ? {} : { pinned_message: withoutReply(pinned.message) }),
        max_reaction_count: 11,
        accent_color_id: ((chat.id % 7) + 7) % 7,
      },
    };
  },

  getChatMember: ({ world, params }) => {
    const userId = userIdParam(params);
    const chat = readableChat(world, params);
    if (userId === world.user.id) return { result: { user: world.user, status: 'member' } };
    const user = world.chats.user(userId);
    if (user === undefined) throw badRequest('member not found');
    if (chat.chat.type === 'private' && chat.id !== userId) throw badRequest('member not found');
    const present = chat.chat.type === 'private' || chat.members.has(userId);
    return { result: { user, status: present ? 'member' : 'left' } };
  },
};

function readableChat(world: World, params: Params): ChatState {
  const chat = world.chats.find(params);
  checkAccess(chat, 'read');
  return chat;
}

const ACCEPTED_GIFTS = {
  unlimited_gifts: false,
  limited_gifts: false,
  unique_gifts: false,
  premium_subscription: false,
  gifts_from_channels: false,
} as const;

const GROUP_PERMISSIONS = {
  can_send_messages: true,
  can_send_media_messages: true,
  can_send_audios: true,
  can_send_documents: true,
  can_send_photos: true,
  can_send_videos: true,
  can_send_video_notes: true,
  can_send_voice_notes: true,
  can_send_polls: true,
  can_send_other_messages: true,
  can_add_web_page_previews: true,
  can_change_info: true,
  can_invite_users: true,
  can_pin_messages: true,
  can_manage_topics: true,
} as const;
