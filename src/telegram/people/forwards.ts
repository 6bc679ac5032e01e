import type { Chat, Message, MessageOrigin } from '@grammyjs/types';
import { isServiceMessage } from '../chats/message-kinds.js';
import { contentOf } from '../chats/message-order.js';
import { forwardFields, originOf } from '../chats/message-origin.js';
import type { ApiMessage } from '../chats/message-store.js';
import type { Received } from '../contracts.js';
import type { MessageFields } from '../methods/send.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';
import { findMessage, type MessageOptions, type MessageRef, sendMessage } from './messages.js';
import { post } from './post.js';
import { SERVICE_ACCOUNT, type Sender } from './sender.js';

export interface ForwardOptions extends Pick<MessageOptions, 'thread'> {
  /** The author does not let forwards link to them: only their name is shown (`hidden_user`). */
  readonly hidden?: boolean;
  /** Where it came from, when it is to be something else than the message tells. */
  readonly origin?: MessageOrigin;
}

/** Forwards a message of this chat (by number) or of any other (as a whole). @throws SendtwiceError */
export function forwardMessage(
  world: World,
  sender: Sender,
  ref: number | Message,
  { hidden = false, origin, thread }: ForwardOptions = {},
): Received {
  const message =
    typeof ref === 'number'
      ? findMessage(world, sender, ref, 'forward').message
      : (ref as unknown as ApiMessage);
  if (isServiceMessage(message)) {
    throw impossible(
      `message ${message.message_id} cannot be forwarded: it only tells what happened`,
      'Forward something that somebody wrote.',
    );
  }
  if (message.has_protected_content === true) {
    throw impossible(
      `message ${message.message_id} is protected and cannot be forwarded`,
      'Forward another one.',
    );
  }
  const from = origin ?? originOf(message, hidden);
  const content = contentOf(message);
  return sendMessage(
    world,
    sender,
    () => ({ ...forwardFields(from), ...content }) as MessageFields,
    thread === undefined ? {} : { thread },
  );
}

/**
 * What Telegram does with a post of a channel that has a discussion group: it stands there too, as if the
 * channel had written it (Client.cpp:18146).
 * @throws SendtwiceError unless it is a post of a channel, and the group a supergroup
 */
export function forwardToDiscussion(
  world: World,
  sender: Sender,
  ref: MessageRef,
  group: Chat.SupergroupChat,
): Received {
  const { message } = findMessage(world, sender, ref, 'discuss');
  if (sender.chat.type !== 'channel' || group.type !== 'supergroup') {
    throw impossible(
      `message ${message.message_id} of the ${sender.chat.type} chat ${sender.chat.id} has no discussion in the ${group.type} chat ${group.id}`,
      'Posts of channels are discussed in supergroups.',
    );
  }
  return post(world, { ...sender, chat: group }, () => ({
    kind: 'message',
    payload: {
      from: SERVICE_ACCOUNT,
      sender_chat: sender.chat,
      chat: group,
      ...forwardFields(originOf(message)),
      is_automatic_forward: true,
      ...contentOf(message),
    },
  }));
}
