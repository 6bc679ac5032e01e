import type { Chat, KeyboardButton, User } from '@grammyjs/types';
import type { Received } from '../contracts.js';
import type { MessageFields } from '../methods/send.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';
import { sendMessage, textFields } from './messages.js';
import { type OwnPoll, ownPollFields } from './own-polls.js';
import { contactFields, locationOf, ownContact, type Place } from './places.js';
import { nameOf, type Sender } from './sender.js';
import { privateOnly } from './taps.js';
import type { ShownKeyboard } from './view.js';

/** What the person gives when the button asks for something. */
export interface ReplyTapAnswer {
  /** For `request_location`. */
  readonly place?: Place;
  /** For `request_users`. */
  readonly users?: readonly User[];
  /** For `request_chat`. */
  readonly chat?: Chat;
  /** For `web_app`: what the page sends with `sendData`. */
  readonly data?: string;
  /** For `request_poll`. */
  readonly poll?: OwnPoll;
}

type Button = Exclude<KeyboardButton, string>;

/** With what Telegram still sends beside it for bots that know of one user only. */
type SharedUsers = MessageFields & {
  readonly user_shared?: { readonly user_id: number; readonly request_id: number };
  readonly users_shared: { readonly user_ids: number[] };
};

/**
 * Taps a button of the reply keyboard: its text is written, or what it asks for is sent.
 * @throws SendtwiceError `people/impossible` when there is no such button, or its answer is missing
 */
export function tapReplyButton(
  world: World,
  sender: Sender,
  keyboard: ShownKeyboard | undefined,
  text: string,
  answer: ReplyTapAnswer & { readonly phoneNumber: string },
): Received {
  const button = findButton(sender, keyboard, text);
  const shown = { message_id: keyboard?.messageId ?? 0 };
  // Clients answer the message with the keyboard where others might be meant, and with what it asked for.
  const replying = { replyTo: shown };
  if ('request_contact' in button && button.request_contact) {
    privateOnly(sender, 'share a contact by button');
    const content = contactFields(ownContact(sender.user, answer.phoneNumber));
    return sendMessage(world, sender, () => content, replying);
  }
  if ('request_location' in button && button.request_location) {
    privateOnly(sender, 'share a place by button');
    const place = needed(answer.place, text, 'place');
    return sendMessage(world, sender, () => ({ location: locationOf(place) }), replying);
  }
  if ('request_users' in button) {
    privateOnly(sender, 'share users');
    return sendMessage(world, sender, () => sharedUsers(button, needed(answer.users, text, 'users')));
  }
  if ('request_chat' in button) {
    privateOnly(sender, 'share a chat');
    return sendMessage(world, sender, () => sharedChat(button, needed(answer.chat, text, 'chat')));
  }
  if ('web_app' in button) {
    privateOnly(sender, 'open a web app by button');
    const data = needed(answer.data, text, 'data');
    return sendMessage(world, sender, () => ({ web_app_data: { button_text: button.text, data } }));
  }
  if ('request_poll' in button) {
    privateOnly(sender, 'make a poll by button');
    const poll = needed(answer.poll, text, 'poll');
    const wanted = button.request_poll.type;
    const type = poll.correct === undefined ? 'regular' : 'quiz';
    if (wanted !== undefined && wanted !== type) {
      throw impossible(`the button “${text}” takes no ${type} poll`, `It wants the type ${wanted}.`);
    }
    const fields = ownPollFields(world, poll);
    return sendMessage(world, sender, () => fields);
  }
  const fields = textFields(world, button.text);
  return sendMessage(world, sender, () => fields, sender.chat.type === 'private' ? {} : replying);
}

function findButton(sender: Sender, keyboard: ShownKeyboard | undefined, text: string): Button {
  if (keyboard === undefined) {
    throw impossible(
      `${nameOf(sender.user)} sees no reply keyboard in chat ${sender.chat.id}, so “${text}” cannot be tapped`,
      'The bot sent none, or took it away. For buttons under a message use `tap`.',
    );
  }
  const found = keyboard.rows.flat().find((button) => button.text === text);
  if (found !== undefined) return found;
  const texts = keyboard.rows.map((row) => row.map((button) => `“${button.text}”`).join(' ')).join(' / ');
  throw impossible(
    `there is no button “${text}” on the reply keyboard; its buttons: ${texts}`,
    'A reply keyboard stays until the bot sends another one.',
  );
}

function needed<T>(value: T | undefined, button: string, name: string): T {
  if (value !== undefined) return value;
  throw impossible(
    `the button “${button}” asks for something that was not given`,
    `Give it as \`${name}\` in the second argument.`,
  );
}

/** With names only where the button asks for them (Client.cpp:3440). */
function sharedUsers(
  { request_users: wanted }: KeyboardButton.RequestUsersButton,
  users: readonly User[],
): SharedUsers {
  const most = wanted.max_quantity ?? 1;
  if (users.length < 1 || users.length > most) {
    throw impossible(`${users.length} users cannot be shared`, `This button takes 1 to ${most}.`);
  }
  for (const user of users) {
    if (wanted.user_is_bot !== undefined && wanted.user_is_bot !== user.is_bot) {
      throw impossible(
        `${nameOf(user)} cannot be shared by this button`,
        `It takes ${wanted.user_is_bot ? 'bots' : 'people'} only.`,
      );
    }
  }
  const ids = users.map(({ id }) => id);
  const [only, ...rest] = ids;
  return {
    ...(only === undefined || rest.length > 0
      ? {}
      : { user_shared: { user_id: only, request_id: wanted.request_id } }),
    users_shared: {
      user_ids: ids,
      users: users.map(({ id, first_name: first, last_name: last, username }) => ({
        user_id: id,
        ...(wanted.request_name === true ? { first_name: first } : {}),
        ...(wanted.request_name === true && last !== undefined ? { last_name: last } : {}),
        ...(wanted.request_username === true && username !== undefined ? { username } : {}),
      })),
      request_id: wanted.request_id,
    },
  };
}

function sharedChat({ request_chat: wanted }: KeyboardButton.RequestChatButton, chat: Chat): MessageFields {
  if (chat.type === 'private' || wanted.chat_is_channel !== (chat.type === 'channel')) {
    throw impossible(
      `the ${chat.type} chat ${chat.id} cannot be shared by this button`,
      `It takes ${wanted.chat_is_channel ? 'channels' : 'groups'} only.`,
    );
  }
  const { username } = chat as { readonly username?: string };
  return {
    chat_shared: {
      chat_id: chat.id,
      ...(wanted.request_title === true ? { title: chat.title } : {}),
      ...(wanted.request_username === true && username !== undefined ? { username } : {}),
      request_id: wanted.request_id,
    },
  };
}
