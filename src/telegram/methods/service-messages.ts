import type { ChatState } from '../chats/chat-book.js';
import { newKind } from '../chats/message-kinds.js';
import type { ApiMessage } from '../chats/message-store.js';
import type { JsonObject } from '../json-fields.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { senderIn, topicOpening } from './send.js';

/**
 * Telegram says in the chat what the bot did; these kinds of messages are told to the bot as well.
 * `threadId`: the topic it belongs to; `own`: it opens one.
 */
export function announce(
  world: World,
  chat: ChatState,
  content: JsonObject,
  threadId?: number | 'own',
): ApiMessage {
  const id = chat.messages.nextId();
  const thread = threadId === 'own' ? id : threadId;
  const message: ApiMessage = {
    message_id: id,
    ...senderIn(world.user, chat),
    chat: chat.chat,
    date: world.clock.unixSeconds(),
    ...(thread === undefined ? {} : { message_thread_id: thread }),
    ...(threadId === 'own' ? {} : topicOpening(chat, thread)),
    ...content,
    ...(thread === undefined ? {} : { is_topic_message: true }),
  };
  chat.messages.put({ message, byBot: true });
  const kind = newKind(chat.chat);
  world.updates.push(kind, message, { chatId: chat.id, messageId: id });
  for (const other of world.groups.othersIn(world, chat.id)) {
    receive(other, { kind, payload: message, messageId: id });
  }
  return message;
}
