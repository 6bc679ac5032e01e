import type { Chat, MessageOrigin, User } from '@grammyjs/types';
import type { JsonObject } from '../json-fields.js';

/** Where a message was first written: kept when it was a forward already. */
export function originOf(message: JsonObject | object, hidden = false): MessageOrigin {
  const known = message as {
    readonly from?: User;
    readonly sender_chat?: Chat;
    readonly chat: Chat;
    readonly date: number;
    readonly message_id: number;
    readonly author_signature?: string;
    readonly forward_origin?: MessageOrigin;
  };
  const { from, sender_chat: sender, chat, date, author_signature: signature } = known;
  if (known.forward_origin !== undefined) return known.forward_origin;
  const signed = signature === undefined ? {} : { author_signature: signature };
  if (sender?.type === 'channel' && chat.type === 'channel') {
    return { type: 'channel', chat: sender, message_id: known.message_id, ...signed, date };
  }
  if (sender !== undefined) return { type: 'chat', sender_chat: sender, ...signed, date };
  if (from === undefined) return { type: 'hidden_user', sender_user_name: 'Deleted Account', date };
  if (hidden) return { type: 'hidden_user', sender_user_name: fullName(from), date };
  return { type: 'user', sender_user: from, date };
}

/** The origin, and what Telegram still sends beside it for old bots (Client.cpp:4135). */
export function forwardFields(origin: MessageOrigin): JsonObject {
  return { forward_origin: origin, ...legacyFields(origin), forward_date: origin.date };
}

function legacyFields(origin: MessageOrigin): JsonObject {
  switch (origin.type) {
    case 'user':
      return { forward_from: origin.sender_user };
    case 'hidden_user':
      return origin.sender_user_name === '' ? {} : { forward_sender_name: origin.sender_user_name };
    case 'chat':
      return { forward_from_chat: origin.sender_chat, ...signature(origin) };
    case 'channel':
      return {
        forward_from_chat: origin.chat,
        forward_from_message_id: origin.message_id,
        ...signature(origin),
      };
  }
}

function signature({ author_signature: name }: { readonly author_signature?: string }): JsonObject {
  return name === undefined ? {} : { forward_signature: name };
}

function fullName({ first_name: first, last_name: last }: User): string {
  return last === undefined ? first : `${first} ${last}`;
}
