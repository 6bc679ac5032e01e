import type { Chat, Message, User } from '@grammyjs/types';
import { randomInteger } from '../../base/random.js';
import { BELOW_BASIC_GROUPS, bookOf, type ChatState, retitle } from '../chats/chat-book.js';
import { changeMember } from '../chats/member-changes.js';
import { type AdminRight, basicGroupFields, EVERYTHING, MEMBER } from '../chats/member-status.js';
import { isServiceMessage } from '../chats/message-kinds.js';
import { withoutReply } from '../chats/message-store.js';
import type { Received } from '../contracts.js';
import { setPhoto } from '../methods/chat-settings.js';
import { mediaContent } from '../methods/media.js';
import { stillThere } from '../methods/pins.js';
import type { World } from '../world.js';
import { announceFrom } from './announce.js';
import { impossible } from './impossible.js';
import { addBot, promoteBot } from './membership.js';
import { checkMay, checkOwner, groupNamed } from './powers.js';

/** How a chat begins, what it is called, and how it ends. */

export interface NewChat {
  readonly title: string;
  /** `group` (basic) when left out. */
  readonly type?: 'group' | 'supergroup' | 'channel';
  readonly username?: string;
  readonly isForum?: boolean;
  /** One that nobody has is made up when left out. */
  readonly id?: number;
  /** Members from the beginning, beside the creator. */
  readonly members?: readonly User[];
  /** People who are members too, but of whom nothing else is known. */
  readonly others?: number;
  /** What the bot may do. Left out: in a channel everything, elsewhere it is a plain member. */
  readonly botRights?: readonly AdminRight[];
}

/** Creates a chat with the bot in it. In a basic group the bot sees its creation. */
export function createChat(world: World, person: User, about: NewChat): { chat: Chat; received: Received } {
  const type = about.type ?? 'group';
  const state = world.chats.addChat(newChat(world, about, type));
  world.chats.addUser(person);
  const book = bookOf(state);
  book.others += about.others ?? 0;
  book.set(person.id, { status: 'creator', anonymous: false });
  for (const user of about.members ?? []) {
    world.chats.addUser(user);
    book.set(user.id, MEMBER);
  }
  state.access = 'left';
  const { chat } = state;
  if (type !== 'group') return { chat, received: addBot(world, person, chat.id, about.botRights) };
  changeMember(world, state, { user: world.user, status: MEMBER, by: person });
  const received = announceFrom(world, { user: person, chat: state.chat }, { group_chat_created: true });
  if (about.botRights === undefined) return { chat, received };
  return { chat, received: promoteBot(world, person, chat.id, about.botRights) };
}

function changeableGroup(world: World, person: User, chat: number): ChatState {
  const state = groupNamed(world, chat);
  checkMay(world, state, person, 'can_change_info', 'can_change_info');
  return state;
}

/** Renames a chat. */
export function renameChat(world: World, person: User, chat: number, title: string): Received {
  const state = changeableGroup(world, person, chat);
  retitle(state, title);
  return announceFrom(world, { user: person, chat: state.chat }, { new_chat_title: title });
}

/** Gives the chat another picture; `picture` names it: the same name is the same picture. */
export function changeChatPhoto(world: World, person: User, chat: number, picture = 'picture'): Received {
  const state = changeableGroup(world, person, chat);
  const file = world.files.add('photo', {
    identity: `chat ${chat} ${picture}`,
    size: 20_000,
    isMadeUp: true,
  });
  const { photo } = mediaContent(world, 'photo', file);
  setPhoto(state, photo);
  return announceFrom(world, { user: person, chat: state.chat }, { new_chat_photo: photo });
}

/** Takes the picture away. */
export function deleteChatPhoto(world: World, person: User, chat: number): Received {
  const state = changeableGroup(world, person, chat);
  delete bookOf(state).photo;
  return announceFrom(world, { user: person, chat: state.chat }, { delete_chat_photo: true });
}

/** In a channel, who may edit may pin. */
function checkMayPin(world: World, state: ChatState, person: User): void {
  if (state.chat.type === 'channel') checkMay(world, state, person, 'can_edit_messages');
  else checkMay(world, state, person, 'can_pin_messages', 'can_pin_messages');
}

/** Pins a message. */
export function pinMessage(world: World, person: User, chat: number, message: number): Received {
  const state = groupNamed(world, chat);
  checkMayPin(world, state, person);
  const stored = state.messages.get(message);
  if (stored === undefined || isServiceMessage(stored.message)) {
    throw impossible(
      `message ${message} of ${chat} cannot be pinned`,
      'Pin one that is there and says something.',
    );
  }
  if (!state.pinned.includes(message)) state.pinned = [...stillThere(state), message];
  const content = { pinned_message: withoutReply(stored.message) as unknown as Message };
  return announceFrom(world, { user: person, chat: state.chat }, content);
}

/** Unpins a message. Bots are not told. */
export function unpinMessage(world: World, person: User, chat: number, message: number): void {
  const state = groupNamed(world, chat);
  checkMayPin(world, state, person);
  state.pinned = state.pinned.filter((id) => id !== message);
}

/**
 * A basic group becomes a supergroup with an id of its own. Both say so, and the old one cannot be written to
 * any more. Members, settings and the bot's rights move along.
 */
export function migrate(
  world: World,
  person: User,
  chat: number,
  to?: number,
): { chat: Chat.SupergroupChat; received: Received } {
  const old = groupNamed(world, chat);
  if (old.chat.type !== 'group') throw impossible(`${chat} is no basic group`, 'Only those can be upgraded.');
  checkOwner(old, person);
  const supergroup: Chat.SupergroupChat = {
    id: to ?? BELOW_BASIC_GROUPS - randomInteger(world.random, 1_000_000_000, 2_000_000_000),
    title: old.chat.title,
    type: 'supergroup',
  };
  const state = world.chats.addChat(supergroup);
  state.book = bookOf(old);
  announceFrom(world, { user: person, chat: old.chat }, { migrate_to_chat_id: supergroup.id });
  const from = { migrate_from_chat_id: old.chat.id };
  return { chat: supergroup, received: announceFrom(world, { user: person, chat: state.chat }, from) };
}

/** The group is deleted for all. */
export function deleteGroup(world: World, chat: number): void {
  groupNamed(world, chat).access = 'deleted';
}

function newChat(world: World, about: NewChat, type: 'group' | 'supergroup' | 'channel'): Chat {
  const { title, username } = about;
  const number = randomInteger(world.random, 1_000_000_000, 2_000_000_000);
  const id = about.id ?? (type === 'group' ? -number : BELOW_BASIC_GROUPS - number);
  if (type === 'group') return { id, title, type, ...basicGroupFields(EVERYTHING) };
  const named = username === undefined ? {} : { username };
  if (type === 'channel') return { id, title, ...named, type };
  return { id, title, ...named, ...(about.isForum === true ? { is_forum: true } : {}), type };
}
