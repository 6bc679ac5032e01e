import type { StarAmount } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { type BusinessState, connectionResult } from '../chats/business-book.js';
import type { ChatState } from '../chats/chat-book.js';
import { integerParam, messageIdParam, requiredParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { isObject, parseJsonParam } from '../json-fields.js';
import type { World } from '../world.js';
import { readIds } from './deletes.js';
import { giftsOf } from './gifts.js';
import { DONE, type Handler, type Handlers } from './outcome.js';
import { readProfilePhoto } from './profile-media.js';

/** What bots do for accounts that they are connected to. */
export const BUSINESS_METHODS: Handlers = {
  getBusinessConnection: ({ world, params }) => ({ result: connectionResult(world.business.named(params)) }),

  deleteBusinessMessages: ({ world, params }) => {
    const ids = readIds(params);
    const state = world.business.named(params);
    if (state.rights.can_delete_all_messages !== true) accountWith(world, params, 'can_delete_sent_messages');
    for (const chat of state.chats.values()) deleteIn(world, state, chat, ids);
    return DONE;
  },

  setBusinessAccountName: ({ world, params }) => {
    const firstName = requiredParam(params, 'first_name');
    const state = accountWith(world, params, 'can_edit_name');
    const { last_name: _, ...user } = state.user;
    const lastName = params.get('last_name') ?? '';
    if ([...firstName].length > 64 || [...lastName].length > 64) throw badRequest('FIRSTNAME_INVALID');
    changeUser(world, state, {
      ...user,
      first_name: firstName,
      ...(lastName === '' ? {} : { last_name: lastName }),
    });
    return DONE;
  },

  setBusinessAccountUsername: ({ world, params }) => {
    const state = accountWith(world, params, 'can_edit_username');
    const username = params.get('username') ?? '';
    if (username !== '' && !/^[A-Za-z]\w{4,31}$/.test(username)) throw badRequest('USERNAME_INVALID');
    const { username: _, ...user } = state.user;
    changeUser(world, state, username === '' ? user : { ...user, username });
    return DONE;
  },

  setBusinessAccountProfilePhoto: ({ world, params, files }) => {
    const photo = readProfilePhoto(world, params, files);
    world.photos.add(accountWith(world, params, 'can_edit_profile_photo').user.id, photo);
    return DONE;
  },

  removeBusinessAccountProfilePhoto: ({ world, params }) => {
    world.photos.removeNewest(accountWith(world, params, 'can_edit_profile_photo').user.id);
    return DONE;
  },

  getBusinessAccountStarBalance: ({ world, params }) => ({
    result: starsOf(accountWith(world, params, 'can_view_gifts_and_stars')),
  }),

  getBusinessAccountGifts: ({ world, params }) => ({
    result: giftsOf(world, accountWith(world, params, 'can_view_gifts_and_stars').user.id, params),
  }),

  transferBusinessAccountStars: ({ world, params }) => {
    const stars = integerParam(params, 'star_count', { fallback: 0, min: 0, max: 1_000_000_000 });
    const state = accountWith(world, params, 'can_transfer_stars');
    if (stars === 0 || stars > state.stars) throw badRequest('BALANCE_TOO_LOW');
    state.stars -= stars;
    world.payments.stars += stars;
    world.payments.addTransaction({
      source: { transaction_type: 'business_account_transfer', type: 'user', user: state.user },
      amount: stars,
    });
    return DONE;
  },
};

/** Their arguments, connections and rights are checked; nobody sees what follows. */
export const VALIDATED_BUSINESS_METHODS: Handlers = {
  readBusinessMessage: ({ world, params }) => {
    const chat = businessChat(world, params);
    accountWith(world, params, 'can_read_messages');
    if (chat.messages.get(messageIdParam(params)) === undefined) throw badRequest('MESSAGE_ID_INVALID');
    return DONE;
  },

  setBusinessAccountBio: ({ world, params }) => {
    const state = accountWith(world, params, 'can_edit_bio');
    const bio = params.get('bio') ?? '';
    if ([...bio].length > 140) throw badRequest('ABOUT_TOO_LONG');
    state.bio = bio;
    return DONE;
  },

  setBusinessAccountGiftSettings: ({ world, params }) => {
    checkGiftTypes(params);
    accountWith(world, params, 'can_change_gift_settings');
    return DONE;
  },

  // Gifts are not given ids by which an account could name them: any id is taken for one that exists.
  convertGiftToStars: ownedGift('can_convert_gifts_to_stars'),
  upgradeGift: ownedGift('can_transfer_and_upgrade_gifts'),
  transferGift: ownedGift('can_transfer_and_upgrade_gifts'),
};

function ownedGift(right: keyof BusinessState['rights']): Handler {
  return ({ world, params }) => {
    if (params.has('new_owner_chat_id') && !/^-?\d{1,18}$/.test(params.get('new_owner_chat_id') ?? '')) {
      throw badRequest('chat identifier must be a valid Integer');
    }
    accountWith(world, params, right);
    requiredParam(params, 'owned_gift_id');
    return DONE;
  };
}

export function starsOf({ stars }: BusinessState): StarAmount {
  return { amount: stars };
}

/** The connection, which must have this right. Its error code is a guess (docs/facts.md). */
export function accountWith(
  world: World,
  params: Params,
  right: keyof BusinessState['rights'],
): BusinessState {
  const state = world.business.named(params);
  if (!state.isEnabled || state.rights[right] !== true) throw badRequest('BOT_ACCESS_FORBIDDEN');
  return state;
}

function businessChat(world: World, params: Params): ChatState {
  const chat = world.business.chatOf(params);
  if (chat === undefined) throw badRequest('business connection not found');
  return chat;
}

function changeUser(world: World, state: BusinessState, user: BusinessState['user']): void {
  state.user = user;
  world.chats.addUser(user);
}

/** The bot hears of all that goes. */
export function deleteIn(world: World, state: BusinessState, chat: ChatState, ids: readonly number[]): void {
  const gone = ids.filter((id) => chat.messages.delete(id));
  if (gone.length === 0) return;
  const payload = { business_connection_id: state.id, chat: chat.chat, message_ids: gone };
  world.updates.push('deleted_business_messages', payload, { chatId: chat.id });
}

const GIFT_TYPES = ['unlimited_gifts', 'limited_gifts', 'unique_gifts', 'premium_subscription'];

function checkGiftTypes(params: Params): void {
  const json = params.get('accepted_gift_types') ?? '';
  if (json === '') throw badRequest("accepted gift types aren't specified");
  const types = parseJsonParam(json, 'accepted gift types');
  if (!isObject(types)) throw badRequest('object expected as accepted gift types');
  for (const name of GIFT_TYPES) {
    if (types[name] === undefined) throw badRequest(`can't find field "${name}"`);
    if (typeof types[name] !== 'boolean') throw badRequest(`field "${name}" must be of type Boolean`);
  }
}
