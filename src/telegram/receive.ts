import type { ChatState } from './chats/chat-book.js';
import type { Incoming, Received } from './contracts.js';
import { completeIncoming } from './incoming.js';
import type { JsonObject } from './json-fields.js';
import type { World } from './world.js';

/** Does the bot hear of this message, which is complete by now? */
export type Hears = (world: World, chat: ChatState, message: JsonObject) => boolean;

/**
 * Something happens that the bot may hear of: the update is completed and queued.
 * @param hears left out: what happens is heard, as in a recording
 */
export function receive(world: World, incoming: Incoming, hears?: Hears): Received {
  const { payload, unchanged, ...about } = completeIncoming(world, incoming);
  const { userId: _, ...received } = about;
  // An edit that changes nothing is no event for the bot.
  if (unchanged === true) return received;
  const chat = hears === undefined || about.chatId === undefined ? undefined : world.chats.chat(about.chatId);
  if (chat !== undefined && hears?.(world, chat, payload) === false) return received;
  const updateId = world.updates.push(incoming.kind, payload, {
    ...about,
    ...(incoming.step === undefined ? {} : { step: incoming.step }),
    ...(incoming.action === undefined ? {} : { action: incoming.action }),
  });
  return updateId === undefined ? received : { updateId, ...received };
}
