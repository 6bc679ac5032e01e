import type { Chat, Message, User } from '@grammyjs/types';
import { type MessageId, messageId } from '../../base/ids.js';
import { contentOfMessage } from '../../history/message-content.js';
import { badRequest } from '../api-error.js';
import { type ChatState, checkPerson } from '../chats/chat-book.js';
import { isDirectMessages, isForum, isForumGroup } from '../chats/chat-flags.js';
import { botMay, requireSendable } from '../chats/member-rights.js';
import { type ApiMessage, asMessage, type StoredMessage, withoutReply } from '../chats/message-store.js';
import { GENERAL_TOPIC } from '../chats/topic-book.js';
import type { Seen } from '../contracts.js';
import type { JsonObject } from '../json-fields.js';
import { checkCallbackData, checkMarkup, type ReplyMarkup } from '../reply-markup.js';
import type { World } from '../world.js';
import { readReceiver, receiverOf, sendEphemeral } from './ephemeral.js';
import { endLiveLocation } from './live-ends.js';
import type { MethodContext, Outcome } from './outcome.js';
import { findReplied, type Replied, replyFields, topicOf } from './replies.js';
import type { SendOptions } from './send-options.js';
import { METHODS, type MethodName } from './table.generated.js';

/** The fields of a Message that say what it shows: `text` and `entities`, `photo`, … */
export type MessageFields = Readonly<Partial<Message>> & LegacyFields;

/** What Telegram still sends beside its successor. */
interface LegacyFields {
  readonly forward_from?: User;
  readonly forward_from_chat?: Chat;
  readonly forward_from_message_id?: number;
  readonly forward_signature?: string;
  readonly forward_sender_name?: string;
  readonly forward_date?: number;
}

/** Where a message goes, and what it carries beside its content. */
export interface Destination {
  readonly chat: ChatState;
  readonly options: SendOptions;
  /** The forum topic; none is the General one, or that there are none. */
  readonly threadId?: number;
  readonly replied?: Replied;
  readonly markup?: ReplyMarkup;
  /** Of an ephemeral message: who alone sees it. */
  readonly receiver?: User;
}

/**
 * Finds the chat and checks, in the official order, what can be checked before the content is: access,
 * topic, reply target, keyboard.
 * @throws ApiError
 */
export function findDestination(context: MethodContext, options: SendOptions): Destination {
  const { world, params } = context;
  const receiverId = canBeEphemeral(context) ? readReceiver(params) : undefined;
  const business = world.business.chatOf(params);
  if (business !== undefined) return businessDestination(world, business, options);
  const chat = world.chats.findFor(params, 'write');
  const asked = findTopic(world, chat, options.threadId);
  const replied = findReplied(world, chat, asked, options.reply);
  checkChatOptions(chat, options);
  const markup = options.markup === undefined ? undefined : checkMarkup(options.markup);
  // An answer goes where the question was (MessagesManager.cpp, create_message_to_send).
  const threadId = asked ?? (replied === undefined ? undefined : topicOfReply(replied));
  return {
    chat,
    options,
    ...(threadId === undefined ? {} : { threadId }),
    ...(replied === undefined ? {} : { replied }),
    ...(markup === undefined ? {} : { markup }),
    ...(receiverId === undefined ? {} : { receiver: receiverOf(world, receiverId) }),
  };
}

function canBeEphemeral({ method, params }: MethodContext): boolean {
  if (!params.has('ephemeral_message_parameters')) return false;
  const shape = METHODS[method as MethodName];
  return shape !== undefined && 'ephemeral_message_parameters?' in shape.params;
}

/** For a business account: a reply to what is not there is none (Client.cpp:16148). */
function businessDestination(world: World, chat: ChatState, options: SendOptions): Destination {
  if (world.business.ownerOf(chat)?.rights.can_reply !== true) throw badRequest('BOT_ACCESS_FORBIDDEN');
  const reply = options.reply?.chat === undefined ? options.reply : undefined;
  const stored = reply === undefined ? undefined : chat.messages.get(reply.messageId);
  const markup = options.markup === undefined ? undefined : checkMarkup(options.markup);
  return {
    chat,
    options,
    ...(stored === undefined || reply === undefined
      ? {}
      : { replied: { stored, isOutside: false, target: reply } }),
    ...(markup === undefined ? {} : { markup }),
  };
}

function topicOfReply({ stored, isOutside }: Replied): number | undefined {
  return isOutside ? undefined : topicOf(stored.message);
}

/**
 * Only forums have topics: elsewhere in groups the argument means nothing (Client.cpp:8256).
 * @throws ApiError `message thread not found`
 */
function findTopic(world: World, chat: ChatState, id: number | undefined): number | undefined {
  if (id === undefined) return undefined;
  const hasTopics = isForum(world, chat);
  if (!hasTopics && chat.chat.type !== 'private') return undefined;
  const exists = hasTopics && id !== GENERAL_TOPIC && world.topics.find(chat, id) !== undefined;
  if (!exists) throw badRequest('message thread not found');
  return id;
}

/** @throws ApiError for what other kinds of chat have (MessageSendOptions.cpp:160) */
function checkChatOptions({ chat }: ChatState, { effectId, suggestsPost }: SendOptions): void {
  if (effectId !== undefined && chat.type !== 'private') {
    throw badRequest("can't use message effects in the chat");
  }
  if (suggestsPost === true && !isDirectMessages(chat)) {
    throw badRequest('suggested posts can be sent only to channel direct messages');
  }
}

/** Sends one message and answers with it. */
export function sendContent(context: MethodContext, to: Destination, content: MessageFields): Outcome {
  if (to.receiver !== undefined) return sendToOne(context, to, to.receiver, content);
  const sent = addBotMessages(context.world, to, [content]);
  return { result: sent[0]?.message, ...sentOutcome(context, to.chat, sent) };
}

/**
 * Adds messages of the bot to the chat, all of them or none.
 * @throws ApiError for what only the backend checks: callback data, a person who cannot be written to, and
 * flood limits
 */
export function addBotMessages(
  world: World,
  to: Destination,
  contents: readonly MessageFields[],
): readonly StoredMessage[] {
  checkSend(world, to, contents);
  return contents.map((content) => addBotMessage(world, to, content));
}

function checkSend(world: World, to: Destination, contents: readonly MessageFields[]): void {
  const { chat, markup } = to;
  if (markup !== undefined) checkCallbackData(markup);
  for (const content of contents) requireSendable(world, chat, content as JsonObject);
  checkTopicIsOpen(world, to);
  checkPerson(chat);
  world.flood?.send(chat.id, isGroup(chat), contents.length);
}

/** An ephemeral message. */
function sendToOne(context: MethodContext, to: Destination, receiver: User, content: MessageFields): Outcome {
  checkSend(context.world, to, [content]);
  return sendEphemeral(context, to.chat, receiver, newBotMessage(context.world, to, content, 0));
}

export function isGroup({ chat }: ChatState): boolean {
  return chat.type === 'group' || chat.type === 'supergroup';
}

/** Whoever may manage topics, or opened this one, writes in it closed or not. */
function checkTopicIsOpen(world: World, { chat, threadId }: Destination): void {
  if (!isForumGroup(chat.chat)) return;
  const topic = threadId === undefined ? undefined : world.topics.find(chat, threadId);
  const isClosed = threadId === undefined ? world.topics.isGeneralClosed(chat) : topic?.isClosed === true;
  if (isClosed && topic?.byBot !== true && !botMay(world, chat, 'can_manage_topics')) {
    throw badRequest('TOPIC_CLOSED');
  }
}

/** The message in the official key order. */
function addBotMessage(world: World, to: Destination, content: MessageFields): StoredMessage {
  const { chat, threadId } = to;
  const stored = newBotMessage(world, to, content, chat.messages.nextId());
  const { message } = stored;
  chat.messages.put(stored);
  world.actions.end(chat.id, threadId);
  if (message.poll !== undefined) world.polls.addPlace(message, chat);
  if (message.location !== undefined) endLiveLocation(world, chat, message);
  return stored;
}

function newBotMessage(world: World, to: Destination, content: MessageFields, id: number): StoredMessage {
  const { chat, options, threadId, replied, markup } = to;
  const { media_group_id: group, ...rest } = content;
  const message: ApiMessage = {
    ...businessFields(world, chat),
    message_id: id,
    ...senderIn(world.business.ownerOf(chat)?.user ?? world.user, chat),
    chat: chat.chat,
    date: world.clock.unixSeconds(),
    ...(threadId === undefined ? {} : { message_thread_id: threadId }),
    ...forwardedFrom(content),
    ...(replied === undefined ? topicOpening(chat, threadId) : replyFields(world, replied)),
    ...(group === undefined ? {} : { media_group_id: group }),
    ...rest,
    ...(markup?.inline === true ? { reply_markup: markup.markup } : {}),
    ...(options.protect === true ? { has_protected_content: true } : {}),
    ...(threadId === undefined ? {} : { is_topic_message: true }),
    ...(options.effectId === undefined ? {} : { effect_id: options.effectId }),
  };
  return {
    message,
    byBot: true,
    ...(markup === undefined || markup.inline ? {} : { hiddenMarkup: markup.markup }),
  };
}

/** The account is the sender, and the bot its hand. */
function businessFields(
  world: World,
  chat: ChatState,
): { business_connection_id?: string; sender_business_bot?: User } {
  const owner = world.business.ownerOf(chat);
  return owner === undefined ? {} : { business_connection_id: owner.id, sender_business_bot: world.user };
}

/** In a supergroup, what is no reply replies to the opening of its topic (Client.cpp:18386). */
export function topicOpening(chat: ChatState, threadId: number | undefined): MessageFields {
  if (threadId === undefined || chat.chat.type !== 'supergroup') return {};
  const opening = chat.messages.get(threadId);
  return opening === undefined
    ? {}
    : { reply_to_message: withoutReply(opening.message) as unknown as Message['reply_to_message'] & object };
}

const NOTHING: MessageFields = {};

/** These come before a reply; the first place in an object counts. */
function forwardedFrom(content: MessageFields): MessageFields {
  if (content.forward_origin === undefined) return NOTHING;
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(content)) if (key.startsWith('forward_')) fields[key] = value;
  return fields;
}

/** What the history and the person get to know about messages that were sent. */
export function sentOutcome(
  { call }: MethodContext,
  chat: ChatState,
  sent: readonly StoredMessage[],
): Pick<Outcome, 'messageIds' | 'contents' | 'seen'> {
  return {
    messageIds: sent.map(idOf),
    contents: sent.map(({ message, hiddenMarkup }) => contentOfMessage(message, hiddenMarkup)),
    seen: sent.map(
      (stored): Seen => ({
        what: 'sent',
        call,
        chatId: chat.id,
        messageId: idOf(stored),
        message: asMessage(stored.message),
      }),
    ),
  };
}

export function idOf(stored: StoredMessage): MessageId {
  return messageId(stored.message.message_id);
}

/** Channels speak for themselves; elsewhere the bot is the sender. */
export function senderIn(bot: User, chat: ChatState): { from?: User; sender_chat?: ChatState['chat'] } {
  return chat.chat.type === 'channel' ? { sender_chat: chat.chat } : { from: bot };
}
