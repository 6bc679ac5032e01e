import type { Chat, MessageEntity, User } from '@grammyjs/types';
import { ApiError } from '../api-error.js';
import { isForum } from '../chats/chat-flags.js';
import { externalReply } from '../chats/external-reply.js';
import { statusOf } from '../chats/member-rights.js';
import { editedKind, newKind } from '../chats/message-kinds.js';
import type { ApiMessage, StoredMessage } from '../chats/message-store.js';
import type { Received } from '../contracts.js';
import type { JsonObject } from '../json-fields.js';
import { forgetPoll } from '../methods/poll-ends.js';
import { type MessageFields, topicOpening } from '../methods/send.js';
import type { Entity } from '../text/entity.js';
import { asEntities } from '../text/entity.js';
import { codePoints, finishText, isBlank, LONGEST_TEXT } from '../text/formatted-text.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';
import { post } from './post.js';
import { checkCanWrite, envelope, nameOf, type Sender, stateOf, wrote } from './sender.js';

const LONGEST_CAPTION = 1024;
const LONGEST_PREMIUM_CAPTION = 2048;

/** A message, by its number or as the bot or a view gave it. */
export type MessageRef = number | { readonly message_id: number; readonly chat?: Pick<Chat, 'id'> };

/** What goes with a message beside its content. */
export interface MessageOptions {
  /** A message of this chat; or a whole Message of another chat, which becomes an `external_reply`. */
  readonly replyTo?: MessageRef;
  /** The part of the replied message that is quoted; it must be in its text or caption. */
  readonly quote?: string;
  /** `message_thread_id` of a forum topic. */
  readonly thread?: number;
  /** Of the text or caption, beside those that Telegram finds by itself. Offsets in UTF-16 units. */
  readonly entities?: readonly MessageEntity[];
}

export interface CaptionOptions extends MessageOptions {
  readonly caption?: string;
  readonly spoiler?: boolean;
  readonly captionAbove?: boolean;
}

/** What a message says. Made anew for each bot that hears it, because each has file ids of its own. */
export type ContentOf = (world: World) => MessageFields;

/** Writes a message. @throws SendtwiceError `people/impossible` */
export function sendMessage(
  world: World,
  sender: Sender,
  content: ContentOf,
  options: MessageOptions = {},
): Received {
  checkCanWrite(world, sender);
  const around = aroundOf(world, sender, options);
  return post(world, sender, (heard) => ({
    kind: newKind(sender.chat),
    payload: { ...envelope(sender), ...around, ...content(heard) },
  }));
}

/** The fields of a message for a text as Telegram keeps it. @throws SendtwiceError */
export function textFields(
  world: World,
  text: string,
  entities: readonly MessageEntity[] = [],
): MessageFields {
  const finished = tidy(world, text, entities);
  if (isBlank(finished.text))
    throw impossible('a text must not be empty', 'Write something that can be seen.');
  checkLength('text', finished.text, LONGEST_TEXT);
  return {
    text: finished.text,
    ...(finished.entities.length === 0 ? {} : { entities: asEntities(finished.entities) }),
  };
}

/** The fields of a message for a caption; none without one. @throws SendtwiceError */
export function captionFields(world: World, sender: Sender, options: CaptionOptions): MessageFields {
  const { caption = '', entities = [], spoiler, captionAbove } = options;
  const finished = tidy(world, caption, entities);
  const limit = sender.user.is_premium === true ? LONGEST_PREMIUM_CAPTION : LONGEST_CAPTION;
  checkLength('caption', finished.text, limit);
  return {
    ...(finished.text === '' ? {} : { caption: finished.text }),
    ...(finished.entities.length === 0 ? {} : { caption_entities: asEntities(finished.entities) }),
    ...(captionAbove === true && finished.text !== '' ? { show_caption_above_media: true } : {}),
    ...(spoiler === true ? { has_media_spoiler: true } : {}),
  };
}

/**
 * Changes an own message. Its place, date and what it replies to stay; the update follows only when
 * something changed.
 * @throws SendtwiceError `people/impossible` for a message that is not there, or of somebody else
 */
export function editMessage(
  world: World,
  sender: Sender,
  ref: MessageRef,
  contentFor: (before: StoredMessage) => ContentOf,
): Received {
  checkCanWrite(world, sender);
  const before = ownMessage(world, sender, ref, 'edit');
  if (before.message.forward_origin !== undefined) {
    throw impossible(
      `message ${before.message.message_id} is a forwarded one and cannot be edited`,
      'Only what one wrote oneself can be edited.',
    );
  }
  const content = contentFor(before);
  return post(world, sender, (heard) => ({
    kind: editedKind(sender.chat),
    payload: { ...envelope(sender), message_id: before.message.message_id, ...content(heard) },
  }));
}

/**
 * Takes messages away for everybody. Bots are not told. In a private chat any message can go; elsewhere
 * one's own ones, and all for administrators with that right.
 * @throws SendtwiceError `people/impossible`
 */
export function deleteMessages(world: World, sender: Sender, refs: readonly MessageRef[]): void {
  const ids = refs.map((ref) => {
    const mayAll = sender.chat.type === 'private' || isModerator(world, sender);
    const found = mayAll ? findMessage : ownMessage;
    return found(world, sender, ref, 'delete').message.message_id;
  });
  for (const place of [world, ...world.groups.othersIn(world, sender.chat.id)]) {
    const state = stateOf(place, sender);
    if (state === undefined) continue;
    for (const id of ids) {
      forgetPoll(place, state, id);
      state.messages.delete(id);
      place.reactions.forget(state.id, id);
    }
    if (state.pinned.some((id) => ids.includes(id))) {
      state.pinned = state.pinned.filter((id) => !ids.includes(id));
    }
  }
}

function isModerator(world: World, sender: Sender): boolean {
  const state = stateOf(world, sender);
  const status = state === undefined ? undefined : statusOf(world, state, sender.user.id);
  if (status?.status === 'administrator') return status.rights.has('can_delete_messages');
  return status?.status === 'creator';
}

/** @throws SendtwiceError when there is no such message in the chat */
export function findMessage(world: World, sender: Sender, ref: MessageRef, what: string): StoredMessage {
  const { chat } = sender;
  const id = idOf(ref);
  if (typeof ref === 'object' && ref.chat !== undefined && ref.chat.id !== chat.id) {
    throw impossible(
      `cannot ${what} message ${id} in chat ${chat.id}: it is in chat ${ref.chat.id}`,
      'Use the view of the chat that the message is in.',
    );
  }
  const stored = stateOf(world, sender)?.messages.get(id);
  if (stored === undefined) {
    throw impossible(
      `cannot ${what} message ${id}: there is none with this number in chat ${chat.id}`,
      'It was deleted, or is not among the last 1,000 of the chat, or its number is wrong.',
    );
  }
  return stored;
}

export function idOf(ref: MessageRef): number {
  return typeof ref === 'number' ? ref : ref.message_id;
}

function ownMessage(world: World, sender: Sender, ref: MessageRef, what: string): StoredMessage {
  const stored = findMessage(world, sender, ref, what);
  if (wrote(sender, stored.message)) return stored;
  const { from, sender_chat: chat } = stored.message as { from?: User; sender_chat?: { title?: string } };
  const author = from === undefined ? (chat?.title ?? 'somebody else') : nameOf(from);
  throw impossible(
    `${nameOf(sender.user)} cannot ${what} message ${stored.message.message_id}: it is by ${author}`,
    'People change only what they wrote themselves.',
  );
}

/** Replies, quotes and topics, as they stand before the content. */
function aroundOf(world: World, sender: Sender, options: MessageOptions): JsonObject {
  const { replyTo, quote, thread } = options;
  const { chat } = sender;
  if (thread !== undefined && !isForum(world, sender)) {
    throw impossible(`chat ${chat.id} has no topic ${thread}: it is no forum`, 'Leave `thread` out.');
  }
  if (quote !== undefined && replyTo === undefined) {
    throw impossible(`“${quote}” cannot be quoted from nothing`, 'Give `replyTo` too.');
  }
  return {
    ...(thread === undefined ? {} : topicFields(world, sender, thread, replyTo === undefined)),
    ...(replyTo === undefined ? {} : replyFields(world, sender, replyTo, quote)),
  };
}

/** What is written into a topic replies to its opening, unless it replies to something else. */
function topicFields(world: World, sender: Sender, thread: number, isNoReply: boolean): JsonObject {
  const state = stateOf(world, sender);
  return {
    message_thread_id: thread,
    ...(isNoReply && state !== undefined ? topicOpening(state, thread) : {}),
    is_topic_message: true,
  };
}

function replyFields(
  world: World,
  sender: Sender,
  replyTo: MessageRef,
  quote: string | undefined,
): JsonObject {
  const isOutside =
    typeof replyTo === 'object' && replyTo.chat !== undefined && replyTo.chat.id !== sender.chat.id;
  if (isOutside) {
    // A reference to another chat is a whole message, as the bot or a view gave it.
    const message = replyTo as ApiMessage;
    return { external_reply: externalReply(message), ...quoteFields(message, quote) };
  }
  const { message } = findMessage(world, sender, replyTo, 'reply to');
  return { reply_to_message: { message_id: message.message_id }, ...quoteFields(message, quote) };
}

function quoteFields(message: { text?: string; caption?: string }, quote: string | undefined): JsonObject {
  if (quote === undefined) return {};
  const source = message.text ?? message.caption ?? '';
  const position = quote === '' ? -1 : source.indexOf(quote);
  if (position < 0) {
    throw impossible(`“${quote}” cannot be quoted: it is not in “${source}”`, 'Quote a part of the text.');
  }
  return { quote: { text: quote, position, is_manual: true } };
}

function tidy(
  world: World,
  text: string,
  entities: readonly MessageEntity[],
): { readonly text: string; readonly entities: readonly Entity[] } {
  try {
    return finishText({ text, entities }, (id) => world.chats.user(id));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw impossible(`“${text}” cannot be written: ${error.description}`, 'Mend the text or its entities.');
  }
}

function checkLength(what: string, text: string, limit: number): void {
  const length = codePoints(text);
  if (length <= limit) return;
  throw impossible(
    `a ${what} of ${length} characters is too long: ${limit} at most`,
    'Write less at a time.',
  );
}
