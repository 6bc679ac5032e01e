import type { Chat, User } from '@grammyjs/types';
import { type ChatId, chatId } from '../../base/ids.js';
import type { Random } from '../../base/random.js';
import { ApiError, badRequest, forbidden } from '../api-error.js';
import { leadingInteger } from '../coercion.js';
import type { Params } from '../contracts.js';
import { longId } from '../random-ids.js';
import { MemberBook } from './member-book.js';
import { type Counter, MessageStore, MessageTotal } from './message-store.js';

/** Supergroups and channels are below this id. */
export const BELOW_BASIC_GROUPS = -1_000_000_000_000;

/** What stands between the bot and a chat. */
export type Access =
  | 'open'
  /** Private: the person never wrote to the bot. */
  | 'never-started'
  | 'blocked'
  /** Private: the account was deleted. */
  | 'deactivated'
  /** Groups and channels: the bot was thrown out, or went. */
  | 'kicked'
  | 'left'
  /** Basic group: deleted. */
  | 'deleted'
  /** Basic group: now a supergroup. */
  | { readonly upgradedTo: ChatId };

const NOTHING_PINNED: readonly number[] = [];

/** A chat as one bot knows it. */
export class ChatState {
  access: Access = 'open';
  /** Ids of pinned messages. Replaced, never changed: most chats share the empty list. */
  pinned: readonly number[] = NOTHING_PINNED;
  readonly messages: MessageStore;
  /** Members and settings: groups and channels only, when the first is known ({@link bookOf}). */
  book?: MemberBook;

  constructor(
    readonly id: ChatId,
    /** As in a Message. */
    public chat: Chat,
    /** 64-bit number as text, the same for all taps in this chat. */
    readonly instance: string,
    counter: Counter,
    total?: MessageTotal,
  ) {
    this.messages = new MessageStore(counter, total);
  }
}

/** Titles that a chat had before are kept up to this number. */
const KEPT_TITLES = 10;

/** Gives a group or channel another title. Who still says the old one does not bring it back. */
export function retitle(state: ChatState, title: string): void {
  const book = bookOf(state);
  const before = state.chat.title;
  const old = (book.oldTitles ?? []).filter((other) => other !== title && other !== before);
  book.oldTitles = [...old, ...(before === undefined || before === title ? [] : [before])].slice(
    -KEPT_TITLES,
  );
  state.chat = { ...state.chat, title } as Chat;
}

function withNewestTitle(state: ChatState, chat: Chat): Chat {
  const { title } = state.chat;
  const isOld = chat.title !== undefined && state.book?.oldTitles?.includes(chat.title) === true;
  return isOld && title !== undefined ? ({ ...chat, title } as Chat) : chat;
}

/** The book of a group or channel; it begins empty. */
export function bookOf(chat: ChatState): MemberBook {
  chat.book ??= new MemberBook();
  return chat.book;
}

/** All users and chats that one bot knows, and their message counters. */
export class ChatBook {
  readonly #users = new Map<number, User>();
  readonly #chats = new Map<number, ChatState>();
  readonly #byUsername = new Map<string, ChatState>();
  readonly #random: Random;
  /** Private chats and basic groups of one bot account share one counter. */
  readonly #sharedCounter: Counter = { last: 0 };
  readonly #total = new MessageTotal();

  constructor(random: Random) {
    this.#random = random;
  }

  user(id: number): User | undefined {
    return this.#users.get(id);
  }

  /** @throws ApiError `user not found` */
  knownUser(id: number): User {
    const user = this.#users.get(id);
    if (user === undefined) throw badRequest('user not found');
    return user;
  }

  addUser(user: User): void {
    this.#users.set(user.id, user);
  }

  chat(id: number): ChatState | undefined {
    return this.#chats.get(id);
  }

  /** Registers a chat, or takes over what is new about a known one. */
  addChat(chat: Chat): ChatState {
    let state = this.#chats.get(chat.id);
    if (state === undefined) {
      const instance = longId(this.#random);
      const counter = sharesCounter(chat) ? this.#sharedCounter : { last: 0 };
      state = new ChatState(chatId(chat.id), chat, instance, counter, this.#total);
      this.#chats.set(chat.id, state);
    } else {
      state.chat = withNewestTitle(state, chat);
    }
    if (chat.username !== undefined) this.#byUsername.set(chat.username.toLowerCase(), state);
    return state;
  }

  /**
   * The chat that an argument names: a number, or `@name` of a supergroup, channel or bot.
   * @throws ApiError `chat_id is empty`, `chat not found`
   */
  find(params: Params, name = 'chat_id'): ChatState {
    const text = params.get(name);
    if (text === undefined || text === '') throw badRequest('chat_id is empty');
    const state = this.lookUp(text);
    if (state === undefined) throw badRequest('chat not found');
    return state;
  }

  /** Like {@link find}, and the bot can do there what it needs. @throws ApiError also as {@link checkAccess} */
  findFor(params: Params, need: AccessNeed): ChatState {
    const state = this.find(params);
    checkAccess(state, need);
    return state;
  }

  /** Like {@link find}; nothing when there is no such chat. */
  lookUp(text: string): ChatState | undefined {
    if (!text.startsWith('@')) return this.#byId(leadingInteger(text));
    const named = this.#byUsername.get(text.slice(1).toLowerCase());
    return named?.chat.type === 'private' ? undefined : named;
  }

  /** A user who is known from a group has a private chat too, which was never started. */
  #byId(id: number): ChatState | undefined {
    const known = this.#chats.get(id);
    const user = known === undefined ? this.#users.get(id) : undefined;
    if (user === undefined) return known;
    const state = this.addChat(privateChatOf(user));
    state.access = 'never-started';
    return state;
  }
}

export function privateChatOf(user: User): Chat.PrivateChat {
  return {
    id: user.id,
    first_name: user.first_name,
    ...(user.last_name === undefined ? {} : { last_name: user.last_name }),
    ...(user.username === undefined ? {} : { username: user.username }),
    type: 'private',
  };
}

function sharesCounter(chat: Chat): boolean {
  return chat.id > BELOW_BASIC_GROUPS;
}

/** `members`: to read who is in the chat, which basic groups that have ended do not tell. */
export type AccessNeed = 'read' | 'members' | 'edit' | 'write';

/**
 * The checks that come before the message itself is looked at, as in Client.cpp:8125. What only the backend
 * knows about a person (blocked, never started) comes later: {@link checkPerson}.
 */
export function checkAccess(state: ChatState, need: AccessNeed): void {
  const { access, chat } = state;
  if (access === 'open') return;
  const writes = need === 'write' || (need === 'members' && chat.type === 'group');
  const edits = need === 'edit' || writes;
  if (typeof access === 'object') {
    if (!writes) return;
    throw new ApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: access.upgradedTo,
    });
  }
  if (access === 'deleted' && writes) throw forbidden('the group chat was deleted');
  if (access === 'deactivated' && edits) throw forbidden('user is deactivated');
  // Basic groups can be read when the bot has gone, and so can what has a name.
  const isGroup = chat.type === 'group';
  const kind = isGroup ? 'group' : chat.type === 'channel' ? 'channel' : 'supergroup';
  if (access === 'kicked' && (edits || !isGroup)) throw forbidden(`bot was kicked from the ${kind} chat`);
  const isPublic = isGroup || chat.username !== undefined;
  if (access === 'left' && (edits || !isPublic)) throw forbidden(`bot is not a member of the ${kind} chat`);
}

/** What the backend says when a message goes to a person who cannot be written to. */
export function checkPerson(state: ChatState): void {
  if (state.access === 'blocked') throw forbidden('bot was blocked by the user');
  if (state.access === 'never-started') throw forbidden("bot can't initiate conversation with a user");
}
