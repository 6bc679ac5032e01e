import type { Chat, ChatFullInfo } from '@grammyjs/types';
import type { ChatState } from '../chats/chat-book.js';
import { botMay } from '../chats/member-rights.js';
import { basicGroupFields, EVERYTHING, NO_GIFTS, permissionsJson } from '../chats/member-status.js';
import { asMessage, withoutReply } from '../chats/message-store.js';
import type { World } from '../world.js';
import type { Handlers } from './outcome.js';
import { pinnedMessage } from './pins.js';

const MOST_REACTIONS = 11;
const ACCENT_COLORS = 7;

export const CHAT_METHODS: Handlers = {
  getChat: ({ world, params }) => {
    const state = world.chats.findFor(params, 'read');
    return { result: fullInfo(world, state) };
  },
};

/** A ChatFullInfo, keys in the official order (Client.cpp:1188). What nobody has said of a chat is left out. */
export function fullInfo(world: World, state: ChatState): ChatFullInfo {
  const { chat, book } = state;
  const pinned = pinnedMessage(state);
  return {
    ...aboutChat(world, state),
    ...(book?.photo === undefined ? {} : { photo: book.photo }),
    ...(pinned === undefined ? {} : { pinned_message: asMessage(withoutReply(pinned.message)) }),
    ...keptOf(chat, SHARED_EXTRAS),
    max_reaction_count: MOST_REACTIONS,
    accent_color_id: ((chat.id % ACCENT_COLORS) + ACCENT_COLORS) % ACCENT_COLORS,
  };
}

function aboutChat(
  world: World,
  state: ChatState,
): DistributiveOmit<ChatFullInfo, 'max_reaction_count' | 'accent_color_id'> {
  const { chat, book } = state;
  const description = book === undefined || book.description === '' ? {} : { description: book.description };
  // Each administrator has a link of their own; others are told none.
  const link = botMay(world, state, 'can_invite_users') ? book?.invites.primary(world.user.id) : undefined;
  const invite = link === undefined ? {} : { invite_link: link.url };
  const permissions = permissionsJson(book?.permissions ?? EVERYTHING);
  if (chat.type === 'private') {
    const { id, first_name, last_name, username, type } = chat;
    return {
      id,
      first_name,
      ...(last_name === undefined ? {} : { last_name }),
      ...(username === undefined ? {} : { username }),
      type,
      ...(world.chats.user(id)?.is_bot === true ? {} : { can_send_gift: true }),
      ...(username === undefined ? {} : { active_usernames: [username] }),
      ...keptOf(chat, PRIVATE_EXTRAS),
      accepted_gift_types: NO_GIFTS,
    };
  }
  const { id, title, type } = chat;
  if (type === 'group') {
    return {
      id,
      title,
      type,
      ...description,
      ...invite,
      permissions,
      ...basicGroupFields(book?.permissions ?? EVERYTHING),
    };
  }
  const { username } = chat;
  const named = {
    id,
    title,
    ...(username === undefined ? {} : { username }),
    ...keptOf(chat, ['is_forum', 'is_direct_messages']),
  };
  const about = {
    ...(username === undefined ? {} : { active_usernames: [username] }),
    ...description,
    ...invite,
  };
  if (type === 'channel') {
    return { ...named, type, ...about, accepted_gift_types: NO_GIFTS };
  }
  return {
    ...named,
    type,
    ...about,
    ...(book?.stickerSet === undefined ? {} : { sticker_set_name: book.stickerSet }),
    can_set_sticker_set: true,
    // What has a name is open to everybody from its first message on.
    ...(username === undefined ? {} : { has_visible_history: true }),
    permissions,
    ...keptOf(chat, SUPERGROUP_EXTRAS),
    accepted_gift_types: NO_GIFTS,
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What a test said of a chat beyond what a Message tells, in the official order. */
const PRIVATE_EXTRAS = [
  'bio',
  'has_private_forwards',
  'has_restricted_voice_and_video_messages',
  'birthdate',
];
const SUPERGROUP_EXTRAS = [
  'join_to_send_messages',
  'join_by_request',
  'has_hidden_members',
  'slow_mode_delay',
  'linked_chat_id',
];
const SHARED_EXTRAS = ['message_auto_delete_time', 'emoji_status_custom_emoji_id', 'available_reactions'];

function keptOf(chat: Chat, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(chat).filter(([name]) => names.includes(name)));
}
