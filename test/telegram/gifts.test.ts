import type { Gifts, OwnedGifts, StarTransactions, Story } from '@grammyjs/types';
import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest';
import type { giftsOf, shopOf } from '../../src/telegram/methods/gifts.js';
import type { storyOf } from '../../src/telegram/methods/stories.js';
import { ANNA, ApiHarness, SUPERGROUP } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const shop = async () => (await api.result<Gifts>('getAvailableGifts')).gifts;

/** Anna pays the bot, so that it has Stars to spend. */
async function earn(stars: number): Promise<void> {
  const link = await api.result<string>('createInvoiceLink', {
    title: 't',
    description: 'd',
    payload: 'p',
    currency: 'XTR',
    prices: [{ label: 'x', amount: stars }],
  });
  const paying = api.bot.person(ANNA).wallet.pay({ link });
  const updates = await api.result<{ pre_checkout_query?: { id: string } }[]>('getUpdates');
  const id = updates.at(-1)?.pre_checkout_query?.id;
  await api.result('answerPreCheckoutQuery', { pre_checkout_query_id: id, ok: true });
  await paying.outcome;
}

test('a gift costs Stars, and is kept by who gets it', async () => {
  const [gift] = await shop();
  const params = { user_id: ANNA.id, gift_id: gift?.id, text: '<b>hi</b>', text_parse_mode: 'HTML' };
  expect(await api.error('sendGift', params)).toBe('Bad Request: BALANCE_TOO_LOW');
  await earn(40);
  expect(await api.result('sendGift', params)).toBe(true);
  await api.result('sendGift', { user_id: ANNA.id, gift_id: gift?.id });
  expect(await api.result('getMyStarBalance')).toEqual({ amount: 10 });
  const owned = await api.result<OwnedGifts>('getUserGifts', { user_id: ANNA.id, limit: 1, offset: '1' });
  expect(owned).toMatchObject({
    total_count: 2,
    gifts: [
      { type: 'regular', gift, sender_user: { id: api.bot.id }, text: 'hi', entities: [{ type: 'bold' }] },
    ],
  });
  const { next_offset } = await api.result<OwnedGifts>('getUserGifts', { user_id: ANNA.id, limit: 1 });
  expect(next_offset).toBe('1');
  const { transactions } = await api.result<StarTransactions>('getStarTransactions');
  expect(transactions.at(-1)).toMatchObject({
    amount: 15,
    receiver: { transaction_type: 'gift_purchase', gift },
  });
});

test('chats get gifts too', async () => {
  api.bot.addChat(SUPERGROUP);
  await earn(100);
  const gift_id = (await shop()).at(-1)?.id;
  await api.result('sendGift', { chat_id: SUPERGROUP.id, gift_id, pay_for_upgrade: true });
  expect(await api.result('getMyStarBalance')).toEqual({ amount: 25 });
  expect(await api.result('getChatGifts', { chat_id: SUPERGROUP.id })).toMatchObject({ total_count: 1 });
  expect(await api.result('getUserGifts', { user_id: ANNA.id })).toEqual({ total_count: 0, gifts: [] });
});

test('Premium has fixed prices', async () => {
  await earn(1000);
  const params = { user_id: ANNA.id, month_count: 3 };
  expect(await api.error('giftPremiumSubscription', { ...params, star_count: 999 })).toBe(
    'Bad Request: STARS_FORM_AMOUNT_MISMATCH',
  );
  expect(await api.result('giftPremiumSubscription', { ...params, star_count: 1000 })).toBe(true);
  expect(await api.result('getMyStarBalance')).toEqual({ amount: 0 });
});

test.each([
  ['sendGift', { user_id: ANNA.id, gift_id: '1' }, 'STARGIFT_INVALID'],
  ['sendGift', { gift_id: '1' }, 'invalid user_id specified'],
  ['sendGift', { chat_id: 5, gift_id: '1' }, 'chat not found'],
  ['getUserGifts', { user_id: 7 }, 'user not found'],
  ['verifyUser', {}, 'invalid user_id specified'],
  ['verifyUser', { user_id: 7 }, 'user not found'],
  ['removeUserVerification', {}, 'invalid user_id specified'],
  ['verifyChat', { chat_id: 5 }, 'chat not found'],
  ['postStory', {}, "story content isn't specified"],
  ['postStory', { content: '[]' }, 'object expected as story content'],
  ['postStory', { content: { type: 'x' } }, 'invalid story content type specified'],
  ['postStory', { content: { type: 'photo', photo: 'abc' } }, 'story photo must be uploaded as a file'],
  ['deleteStory', { business_connection_id: 'x', story_id: 1 }, 'business connection not found'],
  ['answerGuestQuery', { guest_query_id: '1' }, "result isn't specified"],
])('%s with %j is refused', async (method, params, why) => {
  expect(await api.error(method, params)).toBe(`Bad Request: ${why}`);
});

test('a story has a number', async () => {
  const owner = api.bot.person({ id: 1005, first_name: 'Olga' });
  const form = new FormData();
  form.set('business_connection_id', owner.business.connect({ can_manage_stories: true }).connectionId);
  form.set('content', '{"type":"photo","photo":"attach://pic"}');
  form.set('active_period', '86400');
  form.set('pic', new Blob(['x']), 'p.jpg');
  const { body } = await api.request<Story>('postStory', { method: 'POST', body: form });
  expect(body.result).toMatchObject({ chat: { id: 1005 }, id: 1 });
});

test('results have the types that bots are written against', () => {
  expectTypeOf<ReturnType<typeof shopOf>>().toExtend<Gifts>();
  expectTypeOf<ReturnType<typeof giftsOf>>().toExtend<OwnedGifts>();
  expectTypeOf<ReturnType<typeof storyOf>>().toExtend<Story>();
});
