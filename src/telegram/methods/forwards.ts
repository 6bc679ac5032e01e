import type { Chat } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess } from '../chats/chat-book.js';
import type { ApiMessage } from '../chats/message-store.js';
import { messageIdParam, requiredParam } from '../coercion.js';
import { readIds } from './deletes.js';
import type { Handlers, MethodContext } from './outcome.js';
import { addBotMessages, findDestination, type MessageFields, sendContent, sentOutcome } from './send.js';
import { readSendOptions } from './send-options.js';
import { captionContent, finishCaption, readCaption } from './texts.js';

export const FORWARD_METHODS: Handlers = {
  copyMessage: (context) => {
    const { params } = context;
    const source = sourceChat(context);
    const newCaption = params.get('caption') === undefined ? undefined : readCaption(params);
    const to = findDestination(context, readSendOptions(params));
    const original = source.messages.get(messageIdParam(params));
    if (original === undefined) throw badRequest('message to copy not found');
    const copied = contentOf(original.message);
    const content =
      newCaption === undefined || copied.text !== undefined
        ? copied
        : { ...without(copied, CAPTION_KEYS), ...captionContent(finishCaption(context.world, newCaption)) };
    const outcome = sendContent(context, to, content);
    return { ...outcome, result: { message_id: outcome.messageIds?.[0] } };
  },

  forwardMessage: (context) => {
    const source = sourceChat(context);
    const to = findDestination(context, readSendOptions(context.params));
    const original = source.messages.get(messageIdParam(context.params));
    if (original === undefined) throw badRequest('message to forward not found');
    return sendContent(context, to, forwardedContent(original.message));
  },

  copyMessages: (context) => sendMany(context, contentOf),
  forwardMessages: (context) => sendMany(context, forwardedContent),
};

function sourceChat({ world, params }: MethodContext): ChatState {
  requiredParam(params, 'from_chat_id');
  const chat = world.chats.find(params, 'from_chat_id');
  checkAccess(chat, 'read');
  return chat;
}

function sendMany(
  context: MethodContext,
  contentFor: (message: ApiMessage) => MessageFields,
): ReturnType<Handlers[string]> {
  const source = sourceChat(context);
  const ids = readIds(context.params);
  const to = findDestination(context, readSendOptions(context.params));
  const found = ids.flatMap((id) => source.messages.get(id) ?? []);
  if (found.length === 0) throw badRequest('there are no messages to forward');
  const sent = addBotMessages(
    context.world,
    to,
    found.map(({ message }) => contentFor(message)),
  );
  return {
    result: sent.map(({ message }) => ({ message_id: message.message_id })),
    ...sentOutcome(context, to.chat, sent),
  };
}

const CAPTION_KEYS = ['caption', 'caption_entities'];

/** Fields that belong to the message and not to what it says. */
const ENVELOPE_KEYS = [
  'message_id',
  'from',
  'sender_chat',
  'author_signature',
  'chat',
  'date',
  'edit_date',
  'message_thread_id',
  'forward_origin',
  'forward_from',
  'forward_from_chat',
  'forward_date',
  'reply_to_message',
  'reply_markup',
  'has_protected_content',
  'is_topic_message',
  'media_group_id',
];

function contentOf(message: ApiMessage): MessageFields {
  return without(message, ENVELOPE_KEYS);
}

function forwardedContent(message: ApiMessage): MessageFields {
  return { ...originOf(message), ...contentOf(message) };
}

function originOf({ from, chat, date, message_id: id }: ApiMessage): MessageFields {
  if (from !== undefined) {
    return {
      forward_origin: { type: 'user', sender_user: from, date },
      forward_from: from,
      forward_date: date,
    };
  }
  return {
    forward_origin: { type: 'channel', chat: chat as Chat.ChannelChat, message_id: id, date },
    forward_from_chat: chat,
    forward_from_message_id: id,
    forward_date: date,
  };
}

function without(object: object, keys: readonly string[]): MessageFields {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
