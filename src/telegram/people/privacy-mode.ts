import type { ChatState } from '../chats/chat-book.js';
import { botStatus } from '../chats/member-rights.js';
import { isAdministrator } from '../chats/member-status.js';
import { isServiceMessage } from '../chats/message-kinds.js';
import { isObject, type JsonObject } from '../json-fields.js';
import type { World } from '../world.js';

/**
 * Does the bot hear of this message of a person? As core.telegram.org/bots/faq says: everything in private
 * chats and channels, everything in groups where it is an administrator or privacy mode is off (but nothing
 * of other bots); else service messages, commands that are for it, replies to it, what was sent through it,
 * and (seen in practice, not in the FAQ) what names it. `message` is complete: it has its entities.
 *
 * This is for what people do here. What a recording says was heard is heard.
 */
export function hearsOf(world: World, chat: ChatState, message: JsonObject): boolean {
  const { type } = chat.chat;
  if (type !== 'group' && type !== 'supergroup') return true;
  if (isServiceMessage(message)) return true;
  if (isOtherBot(world, message)) return false;
  if (world.settings.readsAllGroupMessages || isAdministrator(botStatus(world, chat))) return true;
  if (isObject(message.via_bot) && message.via_bot.id === world.user.id) return true;
  return repliesToBot(world, message) ?? (isCommandFor(world, chat, message) || names(world, message));
}

/** Telegram's own stand-ins for anonymous administrators and channels are people. */
function isOtherBot(world: World, { from, sender_chat: senderChat }: JsonObject): boolean {
  return isObject(from) && from.is_bot === true && from.id !== world.user.id && senderChat === undefined;
}

/** Nothing when it replies to nobody. A reply to another bot is for that one alone. */
function repliesToBot(world: World, { reply_to_message: reply }: JsonObject): boolean | undefined {
  if (!isObject(reply) || !isObject(reply.from) || reply.from.is_bot !== true) return undefined;
  return reply.from.id === world.user.id;
}

interface Found {
  readonly type: string;
  readonly text: string;
  readonly user?: unknown;
}

function* entitiesOf(message: JsonObject): Iterable<Found> {
  for (const [field, list] of [
    ['text', message.entities],
    ['caption', message.caption_entities],
  ] as const) {
    const text = message[field];
    if (typeof text !== 'string' || !Array.isArray(list)) continue;
    for (const entity of list as readonly unknown[]) {
      if (!isObject(entity)) continue;
      const offset = Number(entity.offset);
      const part = text.slice(offset, offset + Number(entity.length));
      yield { type: String(entity.type), text: part, user: entity.user };
    }
  }
}

/** `/help@my_bot`; `/help` alone is for the bot that wrote last. */
function isCommandFor(world: World, chat: ChatState, message: JsonObject): boolean {
  for (const { type, text } of entitiesOf(message)) {
    if (type !== 'bot_command') continue;
    const [, addressed] = text.split('@');
    if (addressed === undefined ? wroteLast(world, chat) : isName(world, addressed)) return true;
  }
  return false;
}

function names(world: World, message: JsonObject): boolean {
  for (const { type, text, user } of entitiesOf(message)) {
    if (type === 'mention' && isName(world, text.slice(1))) return true;
    if (type === 'text_mention' && isObject(user) && user.id === world.user.id) return true;
  }
  return false;
}

function isName({ user }: World, name: string): boolean {
  return user.username?.toLowerCase() === name.toLowerCase();
}

/** No other bot has written since this one did, as far as the kept messages tell. */
function wroteLast(world: World, chat: ChatState): boolean {
  let last: unknown;
  for (const { message } of chat.messages.all()) {
    // Telegram's stand-ins for administrators and channels are bots by name only.
    if (message.from?.is_bot === true && message.sender_chat === undefined) last = message.from.id;
  }
  return last === undefined || last === world.user.id;
}
