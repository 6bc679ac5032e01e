import type { Chat, Message, User } from '@grammyjs/types';
import { type MessageId, messageId } from '../../base/ids.js';
import { contentOfMessage } from '../../history/message-content.js';
import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess, checkPerson } from '../chats/chat-book.js';
import { type ApiMessage, asMessage, type StoredMessage, withoutReply } from '../chats/message-store.js';
import type { Seen } from '../contracts.js';
import { checkCallbackData, checkMarkup, type ReplyMarkup } from '../reply-markup.js';
import type { World } from '../world.js';
import type { MethodContext, Outcome } from './outcome.js';
import type { SendOptions } from './send-options.js';

/** The fields of a Message that say what it shows: `text` and `entities`, `photo`, … */
export type MessageFields = Readonly<Partial<Message>> & LegacyFields;

/** What Telegram still sends beside its successor. */
interface LegacyFields {
  readonly forward_from?: User;
  readonly forward_from_chat?: Chat;
  readonly forward_from_message_id?: number;
  readonly forward_date?: number;
}

/** Where a message goes, and what it carries beside its content. */
export interface Destination {
  readonly chat: ChatState;
  readonly options: SendOptions;
  readonly replied?: StoredMessage;
  readonly markup?: ReplyMarkup;
}

/**
 * Finds the chat and checks, in the official order, what can be checked before the content is: access,
 * topic, reply target, keyboard.
 * @throws ApiError
 */
export function findDestination({ world, params }: MethodContext, options: SendOptions): Destination {
  const chat = world.chats.find(params);
  checkAccess(chat, 'write');
  const isForum = (chat.chat as { readonly is_forum?: boolean }).is_forum === true;
  if (options.threadId !== undefined && !isForum) throw badRequest('message thread not found');
  const replied = findReplied(world, chat, options);
  const markup = options.markup === undefined ? undefined : checkMarkup(options.markup);
  return {
    chat,
    options,
    ...(replied === undefined ? {} : { replied }),
    ...(markup === undefined ? {} : { markup }),
  };
}

/** A message of another chat can be replied to, but is not shown in full. */
function findReplied(world: World, chat: ChatState, { reply }: SendOptions): StoredMessage | undefined {
  if (reply === undefined) return undefined;
  const where = reply.chat === undefined ? chat : world.chats.lookUp(reply.chat);
  const target = where?.messages.get(reply.messageId);
  if (target === undefined && !reply.optional) throw badRequest('message to be replied not found');
  return where === chat ? target : undefined;
}

/** Sends one message and answers with it. */
export function sendContent(context: MethodContext, to: Destination, content: MessageFields): Outcome {
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
  const { chat, markup } = to;
  if (markup !== undefined) checkCallbackData(markup);
  checkPerson(chat);
  world.flood?.send(chat.id, isGroup(chat), contents.length);
  return contents.map((content) => addBotMessage(world, to, content));
}

export function isGroup({ chat }: ChatState): boolean {
  return chat.type === 'group' || chat.type === 'supergroup';
}

/** The message in the official key order. */
function addBotMessage(world: World, to: Destination, content: MessageFields): StoredMessage {
  const { chat, options, replied, markup } = to;
  const message: ApiMessage = {
    message_id: chat.messages.nextId(),
    ...senderIn(world.user, chat),
    chat: chat.chat,
    date: world.clock.unixSeconds(),
    ...(options.threadId === undefined ? {} : { message_thread_id: options.threadId }),
    ...(replied === undefined ? {} : { reply_to_message: withoutReply(replied.message) }),
    ...content,
    ...(markup?.inline === true ? { reply_markup: markup.markup } : {}),
    ...(options.protect === true ? { has_protected_content: true } : {}),
    ...(options.threadId === undefined ? {} : { is_topic_message: true }),
  };
  const stored: StoredMessage = {
    message,
    byBot: true,
    ...(markup === undefined || markup.inline ? {} : { hiddenMarkup: markup.markup }),
  };
  chat.messages.put(stored);
  return stored;
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
