import type { Poll } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess } from '../chats/chat-book.js';
import { isServiceMessage } from '../chats/message-kinds.js';
import { envelopeOf } from '../chats/message-order.js';
import { forwardFields, originOf } from '../chats/message-origin.js';
import type { ApiMessage, StoredMessage } from '../chats/message-store.js';
import { booleanParam, messageIdParam, requiredParam } from '../coercion.js';
import { longId } from '../random-ids.js';
import type { World } from '../world.js';
import { readIds } from './deletes.js';
import { still } from './live-ends.js';
import type { Handlers, MethodContext, Outcome } from './outcome.js';
import { openPoll } from './poll-ends.js';
import { addBotMessages, findDestination, type MessageFields, sendContent, sentOutcome } from './send.js';
import { readPluralOptions, readSendOptions } from './send-options.js';
import { captionContent, finishCaption, readCaption } from './texts.js';

export const FORWARD_METHODS: Handlers = {
  copyMessage: (context) => {
    const { world, params } = context;
    requiredParam(params, 'from_chat_id');
    const newCaption = params.get('caption') === undefined ? undefined : readCaption(params);
    const [, original] = sourceMessage(context, 'message to copy');
    const to = findDestination(context, readSendOptions(params));
    if (!canBeCopied(original)) throw badRequest("the message can't be copied");
    const copied = copiedContent(world, original.message);
    const content =
      newCaption === undefined || !hasCaption(copied)
        ? copied
        : {
            ...without(copied, CAPTION_KEYS),
            ...captionContent(
              finishCaption(world, newCaption),
              booleanParam(params, 'show_caption_above_media'),
            ),
          };
    const outcome = sendContent(context, to, content);
    watchPolls(world, to.chat, outcome, [content]);
    return { ...outcome, result: { message_id: outcome.messageIds?.[0] } };
  },

  forwardMessage: (context) => {
    requiredParam(context.params, 'from_chat_id');
    const [source, original] = sourceMessage(context, 'message to forward');
    const to = findDestination(context, readSendOptions(context.params));
    if (isProtected(source)) throw badRequest("message has protected content and can't be forwarded");
    if (!canBeForwarded(original)) throw badRequest("the message can't be forwarded");
    return sendContent(context, to, forwardedContent(original.message));
  },

  copyMessages: (context) => {
    const { world, params } = context;
    const bare = booleanParam(params, 'remove_caption');
    return sendMany(context, canBeCopied, (message) => {
      const copied = copiedContent(world, message);
      return bare ? without(copied, CAPTION_KEYS) : copied;
    });
  },

  forwardMessages: (context) =>
    sendMany(context, canBeForwarded, forwardedContent, (source) => {
      if (isProtected(source)) throw badRequest("message has protected content and can't be forwarded");
    }),
};

/** @throws ApiError `<noun> not found`, before the destination is looked at (Client.cpp:13238) */
function sourceMessage({ world, params }: MethodContext, noun: string): [ChatState, StoredMessage] {
  const source = sourceChat(world, params);
  const original = source.messages.get(messageIdParam(params));
  if (original === undefined) throw badRequest(`${noun} not found`);
  return [source, original];
}

function sourceChat(world: World, params: MethodContext['params']): ChatState {
  const chat = world.chats.find(params, 'from_chat_id');
  checkAccess(chat, 'read');
  return chat;
}

/** The chat as a whole forbids it. */
function isProtected({ chat }: ChatState): boolean {
  return (chat as { readonly has_protected_content?: boolean }).has_protected_content === true;
}

function canBeForwarded({ message }: StoredMessage): boolean {
  return !isServiceMessage(message) && message.has_protected_content !== true;
}

/** Bots may copy what is protected (MessagesManager.cpp:8233), but not what is paid for. */
function canBeCopied({ message }: StoredMessage): boolean {
  if (isServiceMessage(message)) return false;
  return UNCOPYABLE.every((field) => message[field] === undefined);
}

const UNCOPYABLE = ['giveaway', 'giveaway_winners', 'paid_media', 'invoice'];

/** Here the destination comes first, and what is not there is passed over (Client.cpp:13263). */
function sendMany(
  context: MethodContext,
  canBeSent: (stored: StoredMessage) => boolean,
  contentFor: (message: ApiMessage) => MessageFields,
  checkSource: (source: ChatState) => void = () => undefined,
): Outcome {
  const { world, params } = context;
  requiredParam(params, 'from_chat_id');
  const ids = readIds(params);
  const to = findDestination(context, readPluralOptions(params));
  const source = sourceChat(world, params);
  const known = ids.flatMap((id) => source.messages.get(id) ?? []);
  if (known.length === 0) throw badRequest('there are no messages to forward');
  checkSource(source);
  checkIncreasing(known);
  const found = known.filter(canBeSent);
  if (found.length === 0) throw badRequest("messages can't be forwarded");
  const groups = newGroups(world, found);
  const contents = found.map(({ message }, index) => {
    const group = groups[index];
    return { ...(group === undefined ? {} : { media_group_id: group }), ...contentFor(message) };
  });
  const sent = addBotMessages(world, to, contents);
  const outcome = sentOutcome(context, to.chat, sent);
  watchPolls(world, to.chat, outcome, contents);
  return { result: sent.map(({ message }) => ({ message_id: message.message_id })), ...outcome };
}

function checkIncreasing(messages: readonly StoredMessage[]): void {
  let last = 0;
  for (const { message } of messages) {
    if (message.message_id <= last) {
      throw badRequest('message identifiers must be in a strictly increasing order');
    }
    last = message.message_id;
  }
}

/**
 * Two or more messages of one album stay an album. Audio files and documents of one sender become one
 * (MessagesManager.cpp:24645).
 */
function newGroups(world: World, messages: readonly StoredMessage[]): (string | undefined)[] {
  const kinds = new Set(messages.map(({ message }) => homogeneousKind(message)));
  const senders = new Set(messages.map(({ message }) => senderOf(message)));
  if (
    messages.length >= 2 &&
    messages.length <= 10 &&
    kinds.size === 1 &&
    senders.size === 1 &&
    !kinds.has('')
  ) {
    const group = longId(world.random);
    return messages.map(() => group);
  }
  const counts = new Map<unknown, number>();
  for (const { message } of messages) {
    const group = message.media_group_id;
    if (group !== undefined) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  const renamed = new Map<unknown, string>();
  for (const [group, count] of counts) if (count > 1) renamed.set(group, longId(world.random));
  return messages.map(({ message }) => renamed.get(message.media_group_id));
}

function homogeneousKind(message: ApiMessage): string {
  if (message.audio !== undefined) return 'audio';
  return message.document !== undefined && message.animation === undefined ? 'document' : '';
}

function senderOf(message: ApiMessage): string {
  const origin = originOf(message);
  if (origin.type === 'user') return String(origin.sender_user.id);
  if (origin.type === 'hidden_user') return origin.sender_user_name;
  return String((origin.type === 'chat' ? origin.sender_chat : origin.chat).id);
}

const CAPTION_KEYS = ['caption', 'caption_entities', 'show_caption_above_media'];
const CAPTIONED = ['photo', 'live_photo', 'video', 'animation', 'audio', 'voice', 'document'] as const;

function hasCaption(content: MessageFields): boolean {
  return CAPTIONED.some((field) => content[field] !== undefined);
}

function contentOf(message: ApiMessage): MessageFields {
  return without(message, Object.keys(envelopeOf(message)));
}

/** As new: a poll without votes, a place that moves no more. */
function copiedContent(world: World, message: ApiMessage): MessageFields {
  const content = contentOf(message);
  const { poll, location } = content;
  if (poll !== undefined) return { ...content, poll: newPoll(world, poll) };
  if (location?.live_period === undefined) return content;
  return { ...content, location: still(location) };
}

function newPoll(world: World, poll: Poll): Poll {
  const { open_period: _, close_date: __, ...rest } = poll;
  return {
    ...rest,
    id: longId(world.random),
    options: poll.options
      .filter(({ addition_date: added }) => added === undefined)
      .map((option) => ({ ...option, voter_count: 0 })),
    total_voter_count: 0,
    is_closed: false,
  };
}

/** People can vote in copies. Forwards show the poll that was forwarded. */
function watchPolls(
  world: World,
  chat: ChatState,
  { messageIds = [] }: Pick<Outcome, 'messageIds'>,
  contents: readonly MessageFields[],
): void {
  contents.forEach(({ poll }, index) => {
    const messageId = messageIds[index];
    if (poll === undefined || messageId === undefined || world.polls.get(poll.id) !== undefined) return;
    if (contents[index]?.forward_origin === undefined) openPoll(world, poll, false, [{ chat, messageId }]);
  });
}

function forwardedContent(message: ApiMessage): MessageFields {
  return { ...(forwardFields(originOf(message)) as MessageFields), ...contentOf(message) };
}

function without(object: object, keys: readonly string[]): MessageFields {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
