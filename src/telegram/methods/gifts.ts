import type { Chat, Gift, Gifts, OwnedGifts, StarTransaction } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { booleanParam, INT32_MAX, integerParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { asEntities } from '../text/entity.js';
import { codePoints, finishText, readText } from '../text/formatted-text.js';
import type { World } from '../world.js';
import { DONE, type Handlers } from './outcome.js';

const LONGEST_TEXT = 128;
const TEXT = { text: 'text', mode: 'text_parse_mode', entities: 'text_entities' };

/** What Telegram Premium costs as a gift: Stars by months (documentation of giftPremiumSubscription). */
const PREMIUM_PRICES: ReadonlyMap<number, number> = new Map([
  [3, 1000],
  [6, 1500],
  [12, 2500],
]);

/** Gifts that the bot gives. Upgrades, and gifts that others give, are not modelled. */
export const GIFT_METHODS: Handlers = {
  getAvailableGifts: ({ world }) => ({ result: shopOf(world) }),

  sendGift: ({ world, params }) => {
    const text = readGiftText(world, params);
    const owner = readOwner(world, params);
    const id = /^\d{1,19}/.exec(params.get('gift_id') ?? '')?.[0] ?? '';
    const gift = world.gifts.shop.find((one) => one.id === id);
    if (gift === undefined) throw badRequest('STARGIFT_INVALID');
    const upgrade = booleanParam(params, 'pay_for_upgrade') ? gift.upgrade_star_count : 0;
    if (upgrade === undefined) throw badRequest('STARGIFT_UPGRADE_UNAVAILABLE');
    spend(world, gift.star_count + upgrade, owner.partnerFor(gift));
    world.gifts.give(owner.id, gift, world.user, world.clock.unixSeconds(), text);
    return DONE;
  },

  giftPremiumSubscription: ({ world, params }) => {
    const user = world.chats.knownUser(userIdParam(params));
    const months = integerParam(params, 'month_count', { fallback: 0, min: 0, max: 1000 });
    const stars = integerParam(params, 'star_count', { fallback: 0, min: 0, max: INT32_MAX });
    readGiftText(world, params);
    const price = PREMIUM_PRICES.get(months);
    if (price === undefined || price !== stars) throw badRequest('STARS_FORM_AMOUNT_MISMATCH');
    spend(world, price, {
      transaction_type: 'premium_purchase',
      type: 'user',
      user,
      premium_subscription_duration: months,
    });
    world.chats.addUser({ ...user, is_premium: true });
    return DONE;
  },

  getUserGifts: ({ world, params }) => ({
    result: giftsOf(world, world.chats.knownUser(userIdParam(params)).id, params),
  }),

  getChatGifts: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'read');
    return { result: giftsOf(world, chat.id, params) };
  },
};

export function shopOf(world: World): Gifts {
  return { gifts: [...world.gifts.shop] };
}

export function giftsOf(world: World, owner: number, params: Params): OwnedGifts {
  const limit = integerParam(params, 'limit', { fallback: 100, min: 1, max: 100 });
  // The shop has no limited gifts.
  if (booleanParam(params, 'exclude_unlimited')) return { total_count: 0, gifts: [] };
  return world.gifts.ownedBy(owner, params.get('offset') ?? '', limit);
}

type Partner = NonNullable<StarTransaction['receiver']>;

function spend(world: World, stars: number, receiver: Partner): void {
  world.payments.spend(stars);
  world.payments.addTransaction({ receiver, amount: stars });
}

interface Owner {
  readonly id: number;
  readonly partnerFor: (gift: Gift) => Partner;
}

function readOwner(world: World, params: Params): Owner {
  if ((params.get('chat_id') ?? '') !== '') {
    const chat = world.chats.findFor(params, 'read');
    const given = chat.chat as Chat.ChannelChat;
    return { id: chat.id, partnerFor: (gift) => ({ type: 'chat', chat: given, gift }) };
  }
  const user = world.chats.knownUser(userIdParam(params));
  return {
    id: user.id,
    partnerFor: (gift) => ({ transaction_type: 'gift_purchase', type: 'user', user, gift }),
  };
}

function readGiftText(
  world: World,
  params: Params,
): { text?: string; entities?: ReturnType<typeof asEntities> } {
  const { text, entities } = finishText(readText(params, TEXT), (id) => world.chats.user(id));
  if (codePoints(text) > LONGEST_TEXT) throw badRequest('STARGIFT_MESSAGE_TOO_LONG');
  if (text === '') return {};
  return { text, ...(entities.length === 0 ? {} : { entities: asEntities(entities) }) };
}
