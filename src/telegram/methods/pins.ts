import { messageId } from '../../base/ids.js';
import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess } from '../chats/chat-book.js';
import { type ApiMessage, type StoredMessage, withoutReply } from '../chats/message-store.js';
import { messageIdParam } from '../coercion.js';
import { messageNamed } from './edits.js';
import { DONE, type Handlers, type MethodContext } from './outcome.js';
import { idOf, senderIn } from './send.js';

/** Rights of the bot in groups are not modelled: it may pin everywhere. */
export const PIN_METHODS: Handlers = {
  pinChatMessage: (context) => {
    const [chat, stored] = messageNamed(context, 'message to pin');
    if (stored.message.pinned_message !== undefined) throw badRequest("service messages can't be pinned");
    const id = idOf(stored);
    if (chat.pinned.includes(id)) return DONE;
    chat.pinned = [...stillThere(chat), id];
    announce(context, chat, stored);
    return DONE;
  },

  unpinChatMessage: (context) => {
    const { world, params } = context;
    if (messageIdParam(params) !== 0) {
      const [chat, stored] = messageNamed(context, 'message to unpin');
      unpin(chat, idOf(stored));
      return DONE;
    }
    const chat = world.chats.find(params);
    checkAccess(chat, 'write');
    const newest = pinnedMessage(chat);
    if (newest === undefined) throw badRequest('message to unpin not found');
    unpin(chat, idOf(newest));
    return DONE;
  },

  unpinAllChatMessages: ({ world, params }) => {
    const chat = world.chats.find(params);
    checkAccess(chat, 'write');
    chat.pinned = [];
    return DONE;
  },
};

/** The newest pinned message that still exists. */
export function pinnedMessage(chat: ChatState): StoredMessage | undefined {
  const ids = stillThere(chat);
  return ids.length === 0 ? undefined : chat.messages.get(Math.max(...ids));
}

/** No more than the messages that a chat keeps. */
function stillThere(chat: ChatState): readonly number[] {
  return chat.pinned.filter((id) => chat.messages.get(id) !== undefined);
}

function unpin(chat: ChatState, id: number): void {
  chat.pinned = chat.pinned.filter((pinned) => pinned !== id);
}

/** A pin is one of the few things that a bot does and hears of (Client.cpp:17411). */
function announce({ world }: MethodContext, chat: ChatState, { message: pinned }: StoredMessage): void {
  const message: ApiMessage = {
    message_id: chat.messages.nextId(),
    ...senderIn(world.user, chat),
    chat: chat.chat,
    date: world.clock.unixSeconds(),
    pinned_message: withoutReply(pinned),
  };
  chat.messages.put({ message, byBot: true });
  world.updates.push(chat.chat.type === 'channel' ? 'channel_post' : 'message', message, {
    chatId: chat.id,
    messageId: messageId(message.message_id),
  });
}
