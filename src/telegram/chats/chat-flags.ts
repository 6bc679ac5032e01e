import type { Chat } from '@grammyjs/types';
import type { World } from '../world.js';

/** Is this group divided into topics? */
export function isForumGroup(chat: Chat): boolean {
  return chat.type === 'supergroup' && chat.is_forum === true;
}

/** Has this chat topics? All private chats of a bot have some, or none has: BotFather was told so. */
export function isForum(world: World, { chat }: { readonly chat: Chat }): boolean {
  if (chat.type !== 'private') return isForumGroup(chat);
  return (world.user as { readonly has_topics_enabled?: boolean }).has_topics_enabled === true;
}

/** Is this where people write to a channel? */
export function isDirectMessages(chat: Chat): boolean {
  return chat.type === 'supergroup' && chat.is_direct_messages === true;
}
