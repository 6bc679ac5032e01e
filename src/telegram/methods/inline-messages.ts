import type { Chat, User } from '@grammyjs/types';
import type { MessageId } from '../../base/ids.js';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { newKind } from '../chats/message-kinds.js';
import type { ApiMessage, StoredMessage } from '../chats/message-store.js';
import type { Received } from '../contracts.js';
import { longId } from '../random-ids.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import type { InlineResult } from './inline-results.js';
import type { MethodContext } from './outcome.js';

/**
 * The message that `inline_message_id` names. Nothing for one that was not sent through this server (by a
 * recorded `chosen_inline_result`): that is out of sight, and any id is taken for one that exists.
 * @throws ApiError `MESSAGE_ID_INVALID` when it was deleted since
 */
export function inlineTarget({ world, params }: MethodContext): [ChatState, StoredMessage] | undefined {
  const id = params.get('inline_message_id') ?? '';
  const known = id === '' ? undefined : world.inlineQueries.message(id);
  if (known === undefined) return undefined;
  const stored = known.chat.messages.get(known.messageId);
  if (stored === undefined) throw badRequest('MESSAGE_ID_INVALID');
  return [known.chat, stored];
}

/** A message that a person sent through the bot. */
export interface PostedInline {
  /** Only when it has an inline keyboard: by it the bot can edit the message. */
  readonly inlineMessageId?: string;
  /** Set when it is in a chat that the bot is in. */
  readonly received?: Received;
  readonly messageId?: MessageId;
}

/**
 * The person sends the result. In a chat that the bot is in, the bot gets the message as an update; in
 * others it sees nothing of it.
 */
export function postInline(world: World, person: User, result: InlineResult, chat?: ChatState): PostedInline {
  const fields = { ...result.content() };
  if (result.markup !== undefined) {
    Object.assign(fields, { reply_markup: result.markup.markup });
  }
  const content = { ...fields, via_bot: world.user };
  const hasKeyboard = 'reply_markup' in fields;
  if (chat === undefined) {
    if (!hasKeyboard) return {};
    const made = world.inlineQueries.addElsewhere(
      (messageId) => elsewhere(world, person, messageId, content),
      longId(world.random),
    );
    return { inlineMessageId: made.id };
  }
  const kind = newKind(chat.chat);
  const received = receive(world, { kind, payload: { from: person, chat: chat.chat, ...content } });
  const { messageId } = received;
  if (messageId === undefined) return { received };
  if (!hasKeyboard) return { received, messageId };
  const { id } = world.inlineQueries.addMessage(chat, messageId);
  return { received, messageId, inlineMessageId: id };
}

/** In a chat of which nothing is known. */
function elsewhere(world: World, person: User, messageId: number, content: object): ApiMessage {
  const chat: Chat = { id: person.id, first_name: person.first_name, type: 'private' };
  return { message_id: messageId, from: person, chat, date: world.clock.unixSeconds(), ...content };
}
