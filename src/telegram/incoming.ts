import { isDeepStrictEqual } from 'node:util';
import type { Chat, User } from '@grammyjs/types';
import { type ChatId, chatId, type MessageId, messageId, type UserId, userId } from '../base/ids.js';
import { type ChatState, privateChatOf, retitle } from './chats/chat-book.js';
import { noteMembers, noteMembership } from './chats/member-notes.js';
import { envelopeOf, inOfficialOrder } from './chats/message-order.js';
import { type ApiMessage, withoutReply } from './chats/message-store.js';
import type { PaymentQueryKind } from './chats/payment-book.js';
import type { Incoming } from './contracts.js';
import { adoptFiles } from './files/adopt-files.js';
import { isObject, type JsonObject } from './json-fields.js';
import { makeQueryId } from './random-ids.js';
import { withAutoEntities } from './text/auto-entities.js';
import type { World } from './world.js';

/** An update's content with everything that only the server can know. */
export interface Completed {
  readonly payload: JsonObject;
  readonly chatId?: ChatId;
  readonly userId?: UserId;
  readonly messageId?: MessageId;
  readonly callbackQueryId?: string;
  /** An edit after which everything is as before: no update follows. */
  readonly unchanged?: boolean;
}

const NEW_MESSAGES = new Set(['message', 'channel_post', 'business_message', 'guest_message']);
const EDITED_MESSAGES = new Set(['edited_message', 'edited_channel_post', 'edited_business_message']);
/** These have a 64-bit id that the server makes up. */
const QUERIES = new Set(['inline_query', 'shipping_query', 'pre_checkout_query']);
const MEMBERSHIPS = new Set(['my_chat_member', 'chat_member']);
const DATED = new Set([
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'message_reaction',
  'message_reaction_count',
]);

/** Registers people and chats, numbers what is new, and stores messages. */
export function completeIncoming(world: World, incoming: Incoming): Completed {
  const { kind, payload } = incoming;
  const from = asUser(payload.from) ?? asUser(payload.user);
  if (from !== undefined) world.chats.addUser(from);
  if (kind === 'callback_query') return completeCallback(world, payload, from);
  const chat = chatOfPayload(world, payload, from);
  const about = {
    ...(chat === undefined ? {} : { chatId: chat.id }),
    ...(from === undefined ? {} : { userId: userId(from.id) }),
  };
  if (chat !== undefined && NEW_MESSAGES.has(kind)) {
    const message = newMessage(world, chat, payload, from, incoming.messageId);
    return { ...about, payload: message, messageId: messageId(message.message_id) };
  }
  if (chat !== undefined && EDITED_MESSAGES.has(kind)) {
    const { message, unchanged } = editedMessage(world, chat, payload);
    return { ...about, payload: message, messageId: messageId(message.message_id), unchanged };
  }
  if (MEMBERSHIPS.has(kind) && chat !== undefined) noteMembership(world, chat, payload);
  if (QUERIES.has(kind)) {
    const id = payload.id ?? newQueryId(world, from);
    if (kind === 'inline_query') world.inlineQueries.open(String(id));
    else if (!world.payments.isOpen(String(id)))
      world.payments.openQuery(String(id), kind as PaymentQueryKind);
    return { ...about, payload: { id, ...payload } };
  }
  if (DATED.has(kind) && payload.date === undefined) {
    return { ...about, payload: { ...payload, date: world.clock.unixSeconds() } };
  }
  return { ...about, payload };
}

/** The chat of the payload; for a private chat without one, the sender's. */
function chatOfPayload(world: World, payload: JsonObject, from: User | undefined): ChatState | undefined {
  const { chat } = payload;
  if (!isObject(chat) || typeof chat.id !== 'number') return undefined;
  const known = world.chats.chat(chat.id);
  if (known !== undefined && typeof payload.new_chat_title === 'string')
    retitle(known, payload.new_chat_title);
  let state = known;
  if (typeof chat.type === 'string') state = world.chats.addChat(chat as unknown as Chat);
  else if (known === undefined && from?.id === chat.id) state = world.chats.addChat(privateChatOf(from));
  if (state === undefined) return undefined;
  noteMembers(world, state, payload, from);
  // Who writes has started the bot, and has not blocked it any more.
  const isToBot = payload.new_chat_member === undefined && payload.business_connection_id === undefined;
  if (state.chat.type === 'private' && isToBot) state.access = 'open';
  return state;
}

/** The message in the official key order. Entities are found, unless the payload brings its own. */
function newMessage(
  world: World,
  chat: ChatState,
  payload: JsonObject,
  from: User | undefined,
  id: MessageId | undefined,
): ApiMessage {
  const { from: _, reply_to_message: reply, ...rest } = payload;
  const message: ApiMessage = inOfficialOrder({
    ...withEntities(rest),
    message_id: id ?? chat.messages.nextId(),
    ...(from === undefined ? {} : { from }),
    chat: chat.chat,
    date: world.clock.unixSeconds(),
    ...(reply === undefined ? {} : { reply_to_message: repliedMessage(chat, reply) }),
  });
  if (id !== undefined) chat.messages.usedId(id);
  chat.messages.put({ message, byBot: false });
  adoptFiles(world.files, message);
  return message;
}

/** The stored message, if the payload only says which one it is. */
function repliedMessage(chat: ChatState, reply: unknown): unknown {
  const stored = isObject(reply) ? chat.messages.get(Number(reply.message_id)) : undefined;
  return stored === undefined ? reply : withoutReply(stored.message);
}

function withEntities(content: JsonObject): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(content)) {
    result[key] = value;
    const field = key === 'text' ? 'entities' : key === 'caption' ? 'caption_entities' : undefined;
    if (field === undefined || typeof value !== 'string' || content[field] !== undefined) continue;
    const entities = withAutoEntities(value, []);
    if (entities.length > 0) result[field] = entities;
  }
  return result;
}

/** What the message says is new; all else about it stays as it was, unless the payload says it anew. */
function editedMessage(
  world: World,
  chat: ChatState,
  payload: JsonObject,
): { readonly message: ApiMessage; readonly unchanged: boolean } {
  const { message_id: id, from, chat: _, date, edit_date: __, reply_to_message: reply, ...content } = payload;
  const before = chat.messages.get(Number(id))?.message;
  const now = world.clock.unixSeconds();
  const sender = before?.from ?? from;
  const { reply_markup: ___, ...kept } = before === undefined ? {} : envelopeOf(before);
  const message: ApiMessage = inOfficialOrder({
    ...kept,
    ...withEntities(content),
    message_id: before?.message_id ?? Number(id),
    ...(sender === undefined ? {} : { from: sender as User }),
    chat: chat.chat,
    date: before?.date ?? (typeof date === 'number' ? date : now),
    edit_date: now,
    ...(reply === undefined ? {} : { reply_to_message: repliedMessage(chat, reply) }),
  });
  if (before !== undefined && isDeepStrictEqual(contentOf(before), contentOf(message))) {
    return { message: before, unchanged: true };
  }
  chat.messages.put({ message, byBot: false });
  return { message, unchanged: false };
}

/** What an edit can change. */
function contentOf(message: ApiMessage): JsonObject {
  const { message_id: _, from: __, sender_chat: ___, chat: ____, date: _____, ...content } = message;
  const { edit_date: ______, reply_to_message: _______, ...shown } = content;
  return shown;
}

/** A tap: the message is what it is now, or its inaccessible form. */
function completeCallback(world: World, payload: JsonObject, from: User | undefined): Completed {
  const { id: _, from: __, message, chat_instance: ___, ...rest } = payload;
  const user = from?.id ?? 0;
  const about = from === undefined ? {} : { userId: userId(user) };
  if (!isObject(message) || !isObject(message.chat)) {
    const id = world.callbacks.open(user, {});
    return {
      ...about,
      callbackQueryId: id,
      payload: { id, from, ...inlinePlace(world, rest.inline_message_id), ...rest },
    };
  }
  const chat = chatOfPayload(world, { chat: message.chat }, from);
  const number = Number(message.message_id);
  const where = { chatId: chat?.id ?? chatId(Number(message.chat.id)), messageId: messageId(number) };
  const id = world.callbacks.open(user, where);
  const now = chat?.messages.get(number)?.message ?? {
    message_id: number,
    chat: chat?.chat ?? message.chat,
    date: 0,
  };
  return {
    ...about,
    ...where,
    callbackQueryId: id,
    payload: { id, from, message: now, chat_instance: chat?.instance ?? inlineInstance(world), ...rest },
  };
}

/** Taps on one inline message come from one chat, whichever that is. */
function inlinePlace(world: World, inlineId: unknown): JsonObject {
  const known = typeof inlineId === 'string' ? world.inlineQueries.message(inlineId) : undefined;
  return {
    ...(inlineId === undefined ? {} : { inline_message_id: inlineId }),
    chat_instance: known?.instance ?? inlineInstance(world),
  };
}

function inlineInstance(world: World): string {
  return newQueryId(world, undefined);
}

function newQueryId(world: World, from: User | undefined): string {
  return makeQueryId(world.random, from?.id ?? 1);
}

function asUser(value: unknown): User | undefined {
  return isObject(value) && typeof value.id === 'number' ? (value as unknown as User) : undefined;
}
