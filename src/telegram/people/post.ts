import type { User } from '@grammyjs/types';
import type { ChatState } from '../chats/chat-book.js';
import type { Incoming, Received } from '../contracts.js';
import type { JsonObject } from '../json-fields.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { hearsOf } from './privacy-mode.js';
import type { Sender } from './sender.js';

/**
 * Something is said in a chat: each bot that is there and may hear of it does, in its own words, but a
 * message has one number for all of them. Answers for the first bot.
 */
export function post(world: World, sender: Sender, incomingFor: (world: World) => Incoming): Received {
  const received = receive(world, incomingFor(world), isHeard);
  const { messageId } = received;
  for (const other of world.groups.othersIn(world, sender.chat.id)) {
    const incoming = incomingFor(other);
    receive(other, messageId === undefined ? incoming : { ...incoming, messageId }, isHeard);
  }
  return received;
}

/** A bot that is out hears nothing but that it went (Client.cpp:17458). */
function isHeard(world: World, chat: ChatState, message: JsonObject): boolean {
  const { access } = chat;
  if (access === 'kicked' || access === 'left') {
    return (message.left_chat_member as User | undefined)?.id === world.user.id;
  }
  return hearsOf(world, chat, message);
}
