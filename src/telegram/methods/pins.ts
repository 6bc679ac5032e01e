import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { requireRight } from '../chats/member-rights.js';
import { isServiceMessage } from '../chats/message-kinds.js';
import { type StoredMessage, withoutReply } from '../chats/message-store.js';
import { messageIdParam } from '../coercion.js';
import type { World } from '../world.js';
import { messageNamed } from './edits.js';
import { DONE, type Handlers } from './outcome.js';
import { idOf } from './send.js';
import { announce } from './service-messages.js';

export const PIN_METHODS: Handlers = {
  pinChatMessage: (context) => {
    const [chat, stored] = messageNamed(context, 'message to pin');
    checkMayPin(context.world, chat);
    if (isServiceMessage(stored.message)) throw badRequest("service messages can't be pinned");
    const id = idOf(stored);
    if (chat.pinned.includes(id)) return DONE;
    chat.pinned = [...stillThere(chat), id];
    announce(context.world, chat, { pinned_message: withoutReply(stored.message) });
    return DONE;
  },

  unpinChatMessage: (context) => {
    const { world, params } = context;
    if (messageIdParam(params) !== 0) {
      const [chat, stored] = messageNamed(context, 'message to unpin');
      checkMayPin(world, chat);
      unpin(chat, idOf(stored));
      return DONE;
    }
    const chat = world.chats.findFor(params, 'write');
    const newest = pinnedMessage(chat);
    if (newest === undefined) throw badRequest('message to unpin not found');
    checkMayPin(world, chat);
    unpin(chat, idOf(newest));
    return DONE;
  },

  unpinAllChatMessages: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'write');
    checkMayPin(world, chat);
    chat.pinned = [];
    return DONE;
  },
};

/** In a channel, who may edit may pin (DialogManager.cpp:2902). */
function checkMayPin(world: World, chat: ChatState): void {
  const right = chat.chat.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages';
  requireRight(world, chat, right, 'not enough rights to manage pinned messages in the chat');
}

/** The newest pinned message that still exists. */
export function pinnedMessage(chat: ChatState): StoredMessage | undefined {
  const ids = stillThere(chat);
  return ids.length === 0 ? undefined : chat.messages.get(Math.max(...ids));
}

/** No more than the messages that a chat keeps. */
export function stillThere(chat: ChatState): readonly number[] {
  return chat.pinned.filter((id) => chat.messages.get(id) !== undefined);
}

function unpin(chat: ChatState, id: number): void {
  chat.pinned = chat.pinned.filter((pinned) => pinned !== id);
}
