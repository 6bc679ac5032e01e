import type { Chat, User } from '@grammyjs/types';
import type { ChatState } from '../chats/chat-book.js';
import { statusOf } from '../chats/member-rights.js';
import { isAdministrator, type MemberStatus } from '../chats/member-status.js';
import type { JsonObject } from '../json-fields.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';

/** Who acts in which chat, and under whose name. */
export interface Sender {
  readonly user: User;
  readonly chat: Chat;
  /**
   * `anonymous`: an administrator who hides behind the group. A channel: the person writes as this channel
   * of theirs. Left out: under their own name.
   */
  readonly as?: 'anonymous' | Chat.ChannelChat;
  /** Shown beside a post of a channel that signs its posts, or beside an anonymous administrator. */
  readonly signature?: string;
}

/** Accounts of Telegram's own that stand in for senders who are no users (Client.cpp:18139). */
const GROUP_ANONYMOUS_BOT: User = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
};
export const CHANNEL_BOT: User = {
  id: 136_817_688,
  is_bot: true,
  first_name: 'Channel',
  username: 'Channel_Bot',
};
export const SERVICE_ACCOUNT: User = { id: 777_000, is_bot: false, first_name: 'Telegram' };

/** The chat under whose name the sender acts; nothing for their own name. */
export function standIn({ chat, as }: Sender): Chat | undefined {
  return as === 'anonymous' ? chat : as;
}

/** The fields of a message that say who wrote it, and where. */
export function envelope({ user, chat, as, signature }: Sender): JsonObject {
  const signed = signature === undefined ? {} : { author_signature: signature };
  if (chat.type === 'channel') return { ...signed, sender_chat: chat, chat };
  if (as === undefined) return { from: user, chat };
  if (as === 'anonymous') return { from: GROUP_ANONYMOUS_BOT, ...signed, sender_chat: chat, chat };
  return { from: CHANNEL_BOT, sender_chat: as, chat };
}

/** Did this sender write the message? */
export function wrote(sender: Sender, message: JsonObject): boolean {
  const { from, sender_chat: senderChat } = message as { from?: User; sender_chat?: Chat };
  const as = sender.chat.type === 'channel' ? sender.chat : standIn(sender);
  if (as === undefined) return senderChat === undefined && from?.id === sender.user.id;
  return senderChat?.id === as.id;
}

/** The chat as the bot knows it; nothing before anybody did anything in it. */
export function stateOf(world: World, { chat }: Sender): ChatState | undefined {
  return world.chats.chat(chat.id);
}

/** Better an error than a message that could not be. @throws SendtwiceError `people/impossible` */
export function checkCanWrite(world: World, sender: Sender): void {
  const state = stateOf(world, sender);
  if (state === undefined) return;
  const { user, chat } = sender;
  const { access } = state;
  if (access === 'deleted' || typeof access === 'object') {
    throw impossible(
      `the group ${chat.id} ${access === 'deleted' ? 'was deleted' : `is the supergroup ${access.upgradedTo} now`}`,
      'Write to a group that exists.',
    );
  }
  if (chat.type === 'private') {
    if (access === 'blocked') {
      throw impossible(`${nameOf(user)} has blocked the bot and cannot write to it`, 'Use `unblock` first.');
    }
    if (access === 'deactivated') {
      throw impossible(`the account of ${nameOf(user)} was deleted`, 'Deleted accounts do nothing.');
    }
    return;
  }
  checkMember(sender, statusOf(world, state, user.id));
  if (
    typeof sender.as === 'object' &&
    state.book?.isBannedSender(sender.as.id, world.clock.unixSeconds()) === true
  ) {
    throw impossible(
      `${sender.as.title} is banned from ${chat.id}`,
      'Unban it with unbanChatSenderChat first.',
    );
  }
}

/** Who was never heard of in the chat is taken for somebody who may write there. */
function checkMember({ user, chat, as }: Sender, status: MemberStatus | undefined): void {
  if (status === undefined || typeof as === 'object') return;
  if (status.status === 'kicked') {
    throw impossible(`${nameOf(user)} is banned from ${chat.id}`, 'Unban them first.');
  }
  if (status.status === 'restricted' && !status.permissions.has('can_send_messages')) {
    throw impossible(`${nameOf(user)} may not write in ${chat.id}`, 'Lift the restriction first.');
  }
  if (chat.type === 'channel' && !isAdministrator(status)) {
    throw impossible(
      `${nameOf(user)} cannot post in the channel ${chat.id}`,
      'Make them an administrator first.',
    );
  }
}

/** `Anna (1001)` */
export function nameOf({ first_name: name, id }: User): string {
  return `${name} (${id})`;
}
