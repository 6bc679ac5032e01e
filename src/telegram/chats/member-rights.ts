import { badRequest } from '../api-error.js';
import type { World } from '../world.js';
import type { ChatState } from './chat-book.js';
import {
  type AdminRight,
  administrator,
  EVERYTHING,
  everyRight,
  GROUP_ADMIN_RIGHTS,
  hasRight,
  LEFT,
  MEMBER,
  type MemberStatus,
  type Permission,
} from './member-status.js';

/** What the bot is in this chat. Where nobody has said so, it is what its account says (NewBot.inGroups). */
export function botStatus(world: World, chat: ChatState): MemberStatus {
  const { access } = chat;
  if (access === 'left') return LEFT;
  if (access === 'blocked') return { status: 'kicked', untilS: 0 };
  // Basic groups have no list of people who may not come back.
  if (access === 'kicked') return chat.chat.type === 'group' ? LEFT : { status: 'kicked', untilS: 0 };
  return chat.book?.get(world.user.id, world.clock.unixSeconds()) ?? undeclared(world, chat);
}

/** Bots are in channels as administrators only. */
function undeclared(world: World, { chat }: ChatState): MemberStatus {
  const { type } = chat;
  if (type === 'private') return MEMBER;
  if (type !== 'channel' && world.settings.inGroups !== 'administrator') return MEMBER;
  const rights = type === 'group' ? GROUP_ADMIN_RIGHTS : everyRight(type);
  return administrator(type, rights, { editable: false });
}

/** What anybody is in this chat; nothing for who was never heard of in it. */
export function statusOf(world: World, chat: ChatState, user: number): MemberStatus | undefined {
  if (user === world.user.id) return botStatus(world, chat);
  return chat.book?.get(user, world.clock.unixSeconds());
}

/** Has the bot this right of an administrator here? In private chats there are none to have: true. */
export function botMay(world: World, chat: ChatState, right: AdminRight): boolean {
  return chat.chat.type === 'private' || hasRight(botStatus(world, chat), right);
}

/**
 * A bot needs every right explicitly, also where members may do the same (DialogParticipant.cpp:551).
 * @throws ApiError `not enough rights to <what>`; with `text` these words alone
 */
export function requireRight(world: World, chat: ChatState, right: AdminRight, text = WORDS[right]): void {
  if (!botMay(world, chat, right)) throw badRequest(text ?? 'CHAT_ADMIN_REQUIRED');
}

const WORDS: Readonly<Partial<Record<AdminRight, string>>> = {
  can_delete_messages: "message can't be deleted",
  can_pin_messages: 'not enough rights to manage pinned messages in the chat',
  can_restrict_members: 'not enough rights to restrict/unrestrict chat member',
  can_invite_users: 'not enough rights to manage chat invite link',
  can_promote_members: 'not enough rights',
  can_post_messages: 'need administrator rights in the channel chat',
};

/** What a message shows, the permission that it needs, and its name in the error (MessageContent.cpp:6183). */
const NEEDS: Readonly<Record<string, readonly [Permission, string]>> = {
  // Before `document`, which an animation has too.
  animation: ['can_send_other_messages', 'animations'],
  text: ['can_send_messages', 'text messages'],
  rich_message: ['can_send_messages', 'the rich message'],
  photo: ['can_send_photos', 'photos'],
  live_photo: ['can_send_videos', 'videos'],
  video: ['can_send_videos', 'videos'],
  audio: ['can_send_audios', 'music'],
  document: ['can_send_documents', 'documents'],
  voice: ['can_send_voice_notes', 'voice notes'],
  video_note: ['can_send_video_notes', 'video notes'],
  sticker: ['can_send_other_messages', 'stickers'],
  dice: ['can_send_other_messages', 'dice'],
  game: ['can_send_other_messages', 'games'],
  poll: ['can_send_polls', 'polls'],
  contact: ['can_send_messages', 'contacts'],
  venue: ['can_send_messages', 'venues'],
  location: ['can_send_messages', 'locations'],
  invoice: ['can_send_messages', 'invoice messages'],
  checklist: ['can_send_messages', 'checklists'],
};

/**
 * May the bot send this here? Its fields are those of a Message.
 * @throws ApiError `need administrator rights in the channel chat`, `not enough rights to send photos to the chat`, …
 */
export function requireSendable(
  world: World,
  chat: ChatState,
  content: Readonly<Record<string, unknown>>,
): void {
  const { type } = chat.chat;
  if (type === 'private') return;
  if (type === 'channel') {
    requireRight(world, chat, 'can_post_messages');
    return;
  }
  // Most groups let everybody send everything: nothing to look up.
  if (chat.book === undefined) return;
  const status = botStatus(world, chat);
  if (status.status === 'creator' || status.status === 'administrator') return;
  const everybody = chat.book.permissions;
  if (status.status === 'member' && everybody === EVERYTHING) return;
  for (const [field, [permission, name]] of Object.entries(NEEDS)) {
    if (content[field] === undefined) continue;
    const own = status.status !== 'restricted' || status.permissions.has(permission);
    if (own && everybody.has(permission)) return;
    throw badRequest(`not enough rights to send ${name} to the chat`);
  }
}
