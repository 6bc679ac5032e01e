import type { Chat, User } from '@grammyjs/types';
import { privateChatOf } from '../chats/chat-book.js';
import type { Received } from '../contracts.js';
import type { World } from '../world.js';
import type { Audience } from './audience.js';
import { type BusinessActs, businessActsOf } from './business.js';
import { type ChatActs, chatActsOf } from './chat-acts.js';
import { Eyes } from './eyes.js';
import { impossible } from './impossible.js';
import { type InlineActs, inlineActsOf } from './inline.js';
import { blockBot, deactivate, unblockBot } from './membership.js';
import { type Wallet, walletOf } from './payments.js';
import { PersonInChat } from './person-in-chat.js';
import { type ProfileActs, profileActsOf } from './profile.js';
import { nameOf, type Sender } from './sender.js';

/** Who a person is. All that is left out is made up. */
export interface PersonInput extends Partial<Omit<User, 'is_bot'>> {
  readonly first_name: string;
  /** Shared when the bot asks for the contact. Digits only, as Telegram writes them. */
  readonly phone_number?: string;
}

/** Under whose name a person writes in a group. */
export type Guise = Pick<Sender, 'as' | 'signature'>;

/** Ids of people who were given none; those of real accounts look alike. */
const FIRST_ID = 5_100_000_001;

/** An id that nobody has who is known to the bot. */
export function freePersonId(world: World, taken: number): number {
  let id = FIRST_ID + taken;
  while (world.chats.user(id) !== undefined || world.chats.chat(id) !== undefined) id += 1;
  return id;
}

/** A person who uses Telegram, and one bot in it. */
export class Person {
  readonly #world: World;
  readonly #audience: Audience;
  readonly #phoneNumber: string;
  readonly #places = new Map<string, PersonInChat>();
  #user: User;

  constructor(world: World, audience: Audience, input: PersonInput & { readonly id: number }) {
    const { phone_number: phoneNumber, id, first_name: name, ...rest } = input;
    if (!Number.isSafeInteger(id) || id <= 0 || id >= 2 ** 52) {
      throw impossible(`${id} is no id of a person`, 'Ids of people are whole numbers above 0, below 2^52.');
    }
    this.#world = world;
    this.#audience = audience;
    this.#phoneNumber = phoneNumber ?? `999${String(id % 10_000_000).padStart(7, '0')}`;
    this.#user = inUserOrder({ id, is_bot: false, first_name: name, ...rest });
  }

  get id(): number {
    return this.#user.id;
  }

  /** As bots get to know them. */
  get user(): User {
    return this.#user;
  }

  /** Paying invoices, subscriptions and paid media. */
  get wallet(): Wallet {
    return walletOf(this.#world, this.#user);
  }

  /** Inline queries, their results, and the messages that come of them. */
  get inline(): InlineActs {
    return inlineActsOf(this.#world, this.#user);
  }

  /** As the owner of a business account that the bot works for, or as its customer. */
  get business(): BusinessActs {
    return businessActsOf(this.#world, this.#user);
  }

  /** Their own profile. */
  get profile(): ProfileActs {
    return profileActsOf(this.#world, this.#user);
  }

  /** Changes names, language or premium; bots see it with the next act. */
  change(input: Partial<Omit<User, 'id' | 'is_bot'>>): void {
    this.#user = inUserOrder({ ...this.#user, ...input });
  }

  /** Blocks the bot: it can write to them no more, and gets `my_chat_member`. */
  block(): Received {
    return blockBot(this.#world, this.#user);
  }

  unblock(): Received {
    return unblockBot(this.#world, this.#user);
  }

  /** Deletes their account. The bot is not told; it notices when it writes. */
  deleteAccount(): void {
    deactivate(this.#world, this.#user);
  }

  /** Creating chats, joining and leaving them, adding the bot to them. */
  get chats(): ChatActs {
    return chatActsOf(this.#world, this.#user);
  }

  /** The chat with the bot. */
  privateChat(): PersonInChat {
    return this.#place(privateChatOf(this.#user), {});
  }

  /**
   * A group or channel: one that the bot knows, by id or `@name`, or a whole Chat, which makes it known.
   * @param guise to write as an anonymous administrator, or as a channel
   * @throws SendtwiceError `people/impossible` for a chat that the bot does not know
   */
  in(chat: Chat | number | string, guise: Guise = {}): PersonInChat {
    if (typeof chat === 'object') {
      if (chat.type !== 'private') this.#world.chats.addChat(chat);
      return this.#place(chat, guise);
    }
    if (chat === this.id) return this.privateChat();
    const state = this.#world.chats.lookUp(String(chat));
    if (state === undefined) {
      throw impossible(
        `${nameOf(this.#user)} is looking for chat ${chat}, which the bot does not know`,
        'Add it with `addChat` of the bot account, or give the whole Chat.',
      );
    }
    return this.#place(state.chat, guise);
  }

  #place(chat: Chat, guise: Guise): PersonInChat {
    if (chat.type === 'private' && chat.id !== this.id) {
      throw impossible(
        `${nameOf(this.#user)} cannot be in chat ${chat.id}: it is the private chat of somebody else`,
        'Use `privateChat()`.',
      );
    }
    const key = `${chat.id} ${typeof guise.as === 'object' ? guise.as.id : (guise.as ?? '')} ${guise.signature ?? ''}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const eyes = new Eyes(this.#world.clock, `${nameOf(this.#user)} in chat ${chat.id}`);
    this.#audience.watch(chat.id, (seen) => {
      if (seen.receiver === undefined || seen.receiver === this.id) eyes.see(seen);
    });
    const place = new PersonInChat({
      world: this.#world,
      eyes,
      user: () => this.#user,
      phoneNumber: this.#phoneNumber,
      chat,
      ...guise,
    });
    this.#places.set(key, place);
    return place;
  }
}

/** The fields of a user in the official order (Client.cpp:459). */
function inUserOrder(user: User): User {
  const { id, is_bot, first_name, last_name, username, language_code, is_premium, ...rest } = user;
  return {
    id,
    is_bot,
    first_name,
    ...(last_name === undefined ? {} : { last_name }),
    ...(username === undefined ? {} : { username }),
    ...(language_code === undefined ? {} : { language_code }),
    ...(is_premium === true ? { is_premium } : {}),
    ...rest,
  };
}
