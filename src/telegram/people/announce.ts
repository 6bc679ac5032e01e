import { newKind } from '../chats/message-kinds.js';
import type { Received } from '../contracts.js';
import type { JsonObject } from '../json-fields.js';
import type { World } from '../world.js';
import { post } from './post.js';
import { envelope, type Sender } from './sender.js';

/** Telegram says in the chat what a person did there. */
export function announceFrom(world: World, sender: Sender, content: JsonObject, threadId?: number): Received {
  const topic = threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true };
  return post(world, sender, () => ({
    kind: newKind(sender.chat),
    payload: { ...envelope(sender), ...topic, ...content },
  }));
}
