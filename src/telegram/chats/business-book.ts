import type { BusinessConnection, BusinessBotRights as KnownRights, User } from '@grammyjs/types';
import { chatId } from '../../base/ids.js';
import type { Random } from '../../base/random.js';
import { badRequest } from '../api-error.js';
import { dropOldest } from '../bounded.js';
import type { Params } from '../contracts.js';
import { longId, randomBytes } from '../random-ids.js';
import { ChatState, privateChatOf } from './chat-book.js';
import type { Counter } from './message-store.js';

/** The server says `sent` where the documentation says `outgoing` (Client.cpp:5493). */
export type BusinessBotRights = KnownRights & { readonly can_delete_sent_messages?: true };

/** Connections that are kept, and customers of each. */
const KEPT_CONNECTIONS = 1_000;
const KEPT_CUSTOMERS = 1_000;

/** A business account that lets the bot work for it. */
export interface BusinessState {
  readonly id: string;
  user: User;
  rights: BusinessBotRights;
  date: number;
  isEnabled: boolean;
  stars: number;
  bio: string;
  /** Chats of the account with its customers. They are not the bot's own chats with them. */
  readonly chats: Map<number, ChatState>;
  readonly counter: Counter;
}

/** Business connections of one bot. */
export class BusinessBook {
  readonly #random: Random;
  readonly #connections = new Map<string, BusinessState>();
  readonly #owners = new WeakMap<ChatState, BusinessState>();

  constructor(random: Random) {
    this.#random = random;
  }

  add(user: User, rights: BusinessBotRights, date: number): BusinessState {
    const state: BusinessState = {
      id: randomBytes(this.#random, 16).toString('base64url'),
      user,
      rights,
      date,
      isEnabled: true,
      stars: 0,
      bio: '',
      chats: new Map(),
      counter: { last: 0 },
    };
    this.#connections.set(state.id, state);
    dropOldest(this.#connections, KEPT_CONNECTIONS);
    return state;
  }

  get(id: string): BusinessState | undefined {
    return this.#connections.get(id);
  }

  /** @throws ApiError `business connection not found` */
  named(params: Params): BusinessState {
    const state = this.#connections.get(params.get('business_connection_id') ?? '');
    if (state === undefined) throw badRequest('business connection not found');
    return state;
  }

  /** The chat of the account with this customer. */
  chatWith(state: BusinessState, customer: User): ChatState {
    let chat = state.chats.get(customer.id);
    if (chat === undefined) {
      const instance = longId(this.#random);
      chat = new ChatState(chatId(customer.id), privateChatOf(customer), instance, state.counter);
      state.chats.set(customer.id, chat);
      this.#owners.set(chat, state);
      dropOldest(state.chats, KEPT_CUSTOMERS);
    }
    return chat;
  }

  /** The account whose chat it is; nothing for the bot's own chats. */
  ownerOf(chat: ChatState): BusinessState | undefined {
    return this.#owners.get(chat);
  }

  /**
   * The chat that a call with `business_connection_id` names; nothing for a call without.
   * @throws ApiError
   */
  chatOf(params: Params): ChatState | undefined {
    if ((params.get('business_connection_id') ?? '') === '') return undefined;
    const text = params.get('chat_id') ?? '';
    if (text === '') throw badRequest('chat identifier is empty');
    if (!/^-?\d{1,18}$/.test(text)) throw badRequest('chat identifier must be a valid Integer');
    const state = this.named(params);
    if (!state.isEnabled) throw badRequest('business connection not found');
    const chat = state.chats.get(Number(text));
    if (chat === undefined) throw badRequest('PEER_ID_INVALID');
    return chat;
  }
}

/** As `getBusinessConnection` and its update tell it: `can_reply` is still there. */
export function connectionResult(state: BusinessState): BusinessConnection & { readonly can_reply: boolean } {
  const { id, user, date, isEnabled, rights } = state;
  return {
    id,
    user,
    user_chat_id: user.id,
    date,
    is_enabled: isEnabled,
    can_reply: rights.can_reply === true,
    rights,
  };
}
