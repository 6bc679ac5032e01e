import type { Message } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess } from '../chats/chat-book.js';
import { externalReply } from '../chats/external-reply.js';
import { type ApiMessage, type StoredMessage, withoutReply } from '../chats/message-store.js';
import type { Entity, FormattedText } from '../text/entity.js';
import { asEntities, SIMPLE_KINDS } from '../text/entity.js';
import { finishText } from '../text/formatted-text.js';
import type { World } from '../world.js';
import type { MessageFields } from './send.js';
import type { ReplyTarget } from './send-options.js';

/** What a new message replies to. */
export interface Replied {
  readonly stored: StoredMessage;
  /** In another chat, or in another topic of this one. */
  readonly isOutside: boolean;
  readonly target: ReplyTarget;
}

/** @throws ApiError `message to be replied not found` */
export function findReplied(
  world: World,
  chat: ChatState,
  threadId: number | undefined,
  target: ReplyTarget | undefined,
): Replied | undefined {
  if (target === undefined) return undefined;
  const where = target.chat === undefined ? chat : replyChat(world, target.chat);
  const stored = where.messages.get(target.messageId);
  if (stored === undefined) {
    if (target.optional) return undefined;
    throw badRequest('message to be replied not found');
  }
  const inOtherTopic = threadId !== undefined && topicOf(stored.message) !== threadId;
  return { stored, isOutside: where !== chat || inOtherTopic, target };
}

function replyChat(world: World, text: string): ChatState {
  const chat = world.chats.lookUp(text);
  if (chat === undefined) throw badRequest('chat not found');
  checkAccess(chat, 'read');
  return chat;
}

/** The topic that a message is in, and its answers with it. */
export function topicOf(message: ApiMessage): number | undefined {
  const { message_thread_id: id, is_topic_message: inTopic } = message;
  return inTopic === true && typeof id === 'number' ? id : undefined;
}

/**
 * The fields that say what is replied to, in the official order.
 * @throws ApiError `QUOTE_TEXT_INVALID` for what is not in the message
 */
export function replyFields(world: World, replied: Replied): MessageFields {
  const { stored, isOutside, target } = replied;
  const { message } = stored;
  return {
    ...(isOutside
      ? { external_reply: externalReply(message) }
      : { reply_to_message: withoutReply(message) as unknown as Message['reply_to_message'] & object }),
    ...(target.quote === undefined ? {} : quoteFields(world, message, target.quote)),
    ...(target.checklistTask === undefined ? {} : { reply_to_checklist_task_id: target.checklistTask }),
    ...(target.pollOption === undefined ? {} : { reply_to_poll_option_id: target.pollOption }),
  };
}

function quoteFields(
  world: World,
  message: ApiMessage,
  given: { readonly text: FormattedText; readonly position: number },
): Pick<Message, 'quote'> {
  const { text, entities } = finishText(given.text, (id) => world.chats.user(id));
  if (text === '') return {};
  const source = message.text ?? message.caption ?? '';
  const position = nearest(source, text, given.position);
  if (position === -1) throw badRequest('QUOTE_TEXT_INVALID');
  const kept = entities.filter(({ type }: Entity) => SIMPLE_KINDS.has(type));
  return {
    quote: {
      text,
      ...(kept.length === 0 ? {} : { entities: asEntities(kept) }),
      position,
      is_manual: true,
    },
  };
}

/** Where `part` is in `text`, as near as possible to `wanted` (MessageQuote.cpp:166). -1: nowhere. */
export function nearest(text: string, part: string, wanted: number): number {
  const start = Math.min(Math.max(wanted, 0), Math.max(text.length - 1, 0));
  const before = text.lastIndexOf(part, start);
  const after = text.indexOf(part, start + 1);
  if (before === -1 || after === -1) return Math.max(before, after);
  return start - before < after - start ? before : after - start <= start - before - 1 ? after : before;
}
