import type {
  Message,
  RefundedPayment,
  StarAmount,
  StarTransactions,
  SuccessfulPayment,
  Update,
} from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { PRE_CHECKOUT_ANSWERABLE_MS, SHIPPING_ANSWERABLE_MS } from '../../src/telegram/chats/payment-book.js';
import type { invoiceContent } from '../../src/telegram/methods/invoices.js';
import type { balanceOf, transactionsOf } from '../../src/telegram/methods/payments.js';
import type { Person } from '../../src/telegram/people/person.js';
import { ANNA, ANNAS_CHAT, ApiHarness, GROUP } from './api-harness.js';
import { updateOf, updatesOf } from './people-harness.js';

let api: ApiHarness;
let anna: Person;
beforeEach(async () => {
  api = await ApiHarness.start();
  anna = api.bot.person(ANNA);
  api.hello();
  await updatesOf(api);
});
afterEach(() => api.server.close());

const TOO_OLD = 'Bad Request: query is too old and response timeout expired or query ID is invalid';

const stars = {
  title: 'Tea',
  description: 'One cup',
  payload: 'p1',
  currency: 'XTR',
  prices: [{ label: 'Cup', amount: 5 }],
};
const euros = {
  ...stars,
  currency: 'EUR',
  provider_token: 'test:1',
  prices: [
    { label: 'Cup', amount: 300 },
    { label: 'Milk', amount: 50 },
  ],
};

const send = (params: object = {}) => api.result('sendInvoice', { chat_id: ANNA.id, ...stars, ...params });
const where = ({ message_id }: Message) => ({ chatId: ANNAS_CHAT, messageId: message_id });

async function payStars(params: object = {}): Promise<SuccessfulPayment> {
  const paying = anna.wallet.pay(where(await send(params)));
  const query = (await updateOf(api)).pre_checkout_query;
  expect(await api.result('answerPreCheckoutQuery', { pre_checkout_query_id: query?.id, ok: true })).toBe(
    true,
  );
  const outcome = await paying.outcome;
  if (!outcome.paid) throw new Error(outcome.why);
  return outcome.payment;
}

describe('invoices', () => {
  test('a message with an invoice always has a button to pay', async () => {
    expect((await send()).reply_markup).toEqual({ inline_keyboard: [[{ text: 'Pay ⭐️5', pay: true }]] });
    const own = {
      inline_keyboard: [[{ text: 'Now!', pay: true }], [{ text: 'More', url: 'https://a.test/' }]],
    };
    expect((await send({ reply_markup: own })).reply_markup).toEqual(own);
  });

  test.each([
    [{ payload: 'x'.repeat(129) }, 'INVOICE_PAYLOAD_INVALID'],
    [{ title: 'x'.repeat(33) }, 'MEDIA_INVALID'],
    [{ description: 'x'.repeat(256) }, 'MEDIA_INVALID'],
    [{ prices: [{ label: 'x', amount: 0 }] }, 'total price must be positive'],
    [{ prices: [{ label: 'x', amount: -1 }] }, 'total price must be positive'],
    [{ prices: [{ label: 'x', amount: 10_000_000_000_000 }] }, 'too big amount of the currency specified'],
    [{ prices: [...stars.prices, ...stars.prices] }, 'STARS_INVOICE_INVALID'],
    [{ need_name: true }, 'STARS_INVOICE_INVALID'],
    [{ currency: 'EUR' }, 'PAYMENT_PROVIDER_INVALID'],
    [{ currency: 'euro', provider_token: 'x' }, 'CURRENCY_TOTAL_AMOUNT_INVALID'],
    [{ subscription_period: 2_592_000 }, 'SUBSCRIPTION_EXPORT_MISSING'],
    [
      { reply_markup: { inline_keyboard: [[{ text: 'x', url: 'https://a.test' }]] } },
      'REPLY_MARKUP_BUY_EMPTY',
    ],
    [
      {
        reply_markup: {
          inline_keyboard: [
            [
              { text: 'x', url: 'https://a.test' },
              { text: 'y', pay: true },
            ],
          ],
        },
      },
      'BUTTON_POS_INVALID',
    ],
  ])('%j is refused', async (params, why) => {
    expect(await api.error('sendInvoice', { chat_id: ANNA.id, ...stars, ...params })).toBe(
      `Bad Request: ${why}`,
    );
  });

  test('a link opens the same invoice for whoever has it', async () => {
    const link = await api.result<string>('createInvoiceLink', stars);
    expect(link).toMatch(/^https:\/\/t\.me\/\$[A-Za-z0-9]{22}$/);
    const boris = api.bot.person({ first_name: 'Boris', id: 1002 });
    boris.wallet.pay({ link });
    expect(await updateOf(api)).toMatchObject({
      pre_checkout_query: { from: { id: 1002 }, currency: 'XTR', total_amount: 5, invoice_payload: 'p1' },
    });
  });

  test.each([
    [{ subscription_period: 60 }, 'SUBSCRIPTION_PERIOD_INVALID'],
    [{ subscription_period: 2_592_000, prices: [{ label: 'x', amount: 10_001 }] }, 'STARS_INVOICE_INVALID'],
    [{ payload: '' }, 'parameter "payload" is required'],
  ])('a link for %j is refused', async (params, why) => {
    expect(await api.error('createInvoiceLink', { ...stars, ...params })).toBe(`Bad Request: ${why}`);
  });

  test('there is nothing to pay where there is no invoice', () => {
    expect(() => anna.wallet.pay({ chatId: ANNAS_CHAT, messageId: 1 })).toThrow(/has no invoice/);
    expect(() => anna.wallet.pay({ link: 'https://t.me/$x' })).toThrow(/no invoice at/);
  });

  test('a forwarded invoice can be paid as well', async () => {
    const { message_id } = await send();
    const copy = await api.result('forwardMessage', {
      chat_id: ANNA.id,
      from_chat_id: ANNA.id,
      message_id,
    });
    anna.wallet.pay(where(copy));
    expect(await updateOf(api)).toHaveProperty('pre_checkout_query');
  });
});

describe('paying', () => {
  test('a payment that the bot agrees to ends with a message', async () => {
    const payment = await payStars();
    expect(payment).toEqual({
      currency: 'XTR',
      total_amount: 5,
      invoice_payload: 'p1',
      telegram_payment_charge_id: expect.stringMatching(/^stx/),
      provider_payment_charge_id: expect.any(String),
    });
    expect((await updateOf(api)).message).toMatchObject({
      from: { id: ANNA.id },
      chat: { id: ANNA.id, type: 'private' },
      successful_payment: payment,
    });
  });

  test('a query has the official keys in the official order', async () => {
    anna.wallet.pay(where(await send()));
    const query = (await updateOf(api)).pre_checkout_query ?? {};
    expect(Object.keys(query)).toEqual(['id', 'from', 'currency', 'total_amount', 'invoice_payload']);
  });

  test('an invoice from a group is paid in the private chat', async () => {
    api.bot.addChat(GROUP);
    const sent = await api.result('sendInvoice', { chat_id: GROUP.id, ...stars });
    const paying = anna.wallet.pay({ chatId: chatId(GROUP.id), messageId: sent.message_id });
    const id = (await updateOf(api)).pre_checkout_query?.id;
    await api.result('answerPreCheckoutQuery', { pre_checkout_query_id: id, ok: true });
    expect(await paying.outcome).toMatchObject({ paid: true });
    expect((await updateOf(api)).message?.chat.id).toBe(ANNA.id);
  });

  test('what the bot refuses is not paid, and the person is told why', async () => {
    const paying = anna.wallet.pay(where(await send()));
    const id = (await updateOf(api)).pre_checkout_query?.id;
    expect(await api.error('answerPreCheckoutQuery', { pre_checkout_query_id: id })).toBe(
      'Bad Request: parameter "error_message" is required',
    );
    await api.result('answerPreCheckoutQuery', {
      pre_checkout_query_id: id,
      ok: false,
      error_message: 'Gone',
    });
    expect(await paying.outcome).toEqual({ paid: false, why: 'refused', message: 'Gone' });
    expect(await updatesOf(api)).toEqual([]);
    expect(await api.result<StarAmount>('getMyStarBalance')).toEqual({ amount: 0 });
  });

  test('a query can be answered once, and for ten seconds', async () => {
    const first = anna.wallet.pay(where(await send()));
    const id = (await updateOf(api)).pre_checkout_query?.id;
    const params = { pre_checkout_query_id: id, ok: true };
    await api.clock.advance(PRE_CHECKOUT_ANSWERABLE_MS - 1);
    expect(await api.result('answerPreCheckoutQuery', params)).toBe(true);
    expect(await api.error('answerPreCheckoutQuery', params)).toBe(TOO_OLD);
    expect(await first.outcome).toMatchObject({ paid: true });
    await updatesOf(api);
    const second = anna.wallet.pay(where(await send()));
    const late = (await updateOf(api)).pre_checkout_query?.id;
    await api.clock.advance(PRE_CHECKOUT_ANSWERABLE_MS + 1);
    expect(await second.outcome).toEqual({ paid: false, why: 'no-answer' });
    expect(await api.error('answerPreCheckoutQuery', { pre_checkout_query_id: late, ok: true })).toBe(
      TOO_OLD,
    );
    expect(await api.error('answerPreCheckoutQuery', { pre_checkout_query_id: '17', ok: true })).toBe(
      TOO_OLD,
    );
  });

  test('a recorded query is answered like one of a person', async () => {
    api.bot.receive({
      kind: 'pre_checkout_query',
      payload: { from: ANNA, currency: 'XTR', total_amount: 5, invoice_payload: 'p' },
    });
    const id = (await updateOf(api)).pre_checkout_query?.id;
    expect(
      await api.error('answerShippingQuery', { shipping_query_id: id, ok: false, error_message: 'x' }),
    ).toBe(TOO_OLD);
    expect(await api.result('answerPreCheckoutQuery', { pre_checkout_query_id: id, ok: true })).toBe(true);
  });
});

describe('shipping', () => {
  const options = [
    { id: 'post', title: 'By post', prices: [{ label: 'Stamp', amount: 100 }] },
    { id: 'bike', title: 'By bike', prices: [{ label: 'Rider', amount: 250 }] },
  ];
  const shipped = {
    ...euros,
    is_flexible: true,
    need_shipping_address: true,
    need_email: true,
    max_tip_amount: 50,
  };

  async function asked(option?: string) {
    const paying = anna.wallet.pay(where(await send(shipped)), {
      tip: 20,
      orderInfo: { email: 'anna@example.com' },
      ...(option === undefined ? {} : { shippingOption: option }),
    });
    const query = (await updateOf(api)).shipping_query;
    return { paying, id: query?.id, query };
  }

  test('the price of the option and the tip are added', async () => {
    const { paying, id, query } = await asked('bike');
    expect(Object.keys(query ?? {})).toEqual(['id', 'from', 'invoice_payload', 'shipping_address']);
    await api.result('answerShippingQuery', { shipping_query_id: id, ok: true, shipping_options: options });
    const checkout = (await updateOf(api)).pre_checkout_query;
    expect(checkout).toMatchObject({
      currency: 'EUR',
      total_amount: 350 + 250 + 20,
      shipping_option_id: 'bike',
      order_info: { email: 'anna@example.com', shipping_address: { city: 'Berlin' } },
    });
    await api.result('answerPreCheckoutQuery', { pre_checkout_query_id: checkout?.id, ok: true });
    expect(await paying.outcome).toMatchObject({
      paid: true,
      payment: { total_amount: 620, shipping_option_id: 'bike', order_info: { email: 'anna@example.com' } },
    });
    expect(await api.result('getMyStarBalance')).toEqual({ amount: 0 });
  });

  test('nothing is shipped where the bot does not ship', async () => {
    const { paying, id } = await asked();
    await api.result('answerShippingQuery', { shipping_query_id: id, ok: false, error_message: 'Too far' });
    expect(await paying.outcome).toEqual({ paid: false, why: 'shipping-refused', message: 'Too far' });
    const other = await asked('boat');
    await api.result('answerShippingQuery', {
      shipping_query_id: other.id,
      ok: true,
      shipping_options: options,
    });
    expect(await other.paying.outcome).toEqual({ paid: false, why: 'no-such-option' });
    const forgotten = await asked();
    await api.clock.advance(SHIPPING_ANSWERABLE_MS + 1);
    expect(await forgotten.paying.outcome).toEqual({ paid: false, why: 'no-answer' });
  });

  test.each([
    [{ ok: false }, 'parameter "error_message" is required'],
    [{ ok: true }, 'parameter "shipping_options" is required'],
    [{ ok: true, shipping_options: '{' }, "can't parse shipping options JSON object"],
    [{ ok: true, shipping_options: {} }, 'expected an Array of shipping options'],
    [{ ok: true, shipping_options: [] }, 'there must be at least one shipping option'],
    [{ ok: true, shipping_options: [1] }, "can't parse shipping option: ShippingOption must be an Object"],
    [
      { ok: true, shipping_options: [{ id: '' }] },
      "can't parse shipping option: ShippingOption identifier must be non-empty",
    ],
    [
      { ok: true, shipping_options: [{ id: 'a', title: '' }] },
      "can't parse shipping option: ShippingOption title must be non-empty",
    ],
    [
      { ok: true, shipping_options: [{ id: 'a', title: 'b', prices: [] }] },
      "can't parse shipping option: Can't parse shipping option prices: There must be at least one price",
    ],
  ])('the answer %j is refused', async (params, why) => {
    const { id } = await asked();
    expect(await api.error('answerShippingQuery', { shipping_query_id: id, ...params })).toBe(
      `Bad Request: ${why}`,
    );
  });
});

describe('Stars', () => {
  test('are counted, and listed oldest first', async () => {
    const first = await payStars();
    await updatesOf(api);
    const second = await payStars({ payload: 'p2', prices: [{ label: 'x', amount: 7 }] });
    expect(await api.result('getMyStarBalance')).toEqual({ amount: 12 });
    const all = await api.result<StarTransactions>('getStarTransactions');
    expect(all.transactions.map(({ id, amount }) => [id, amount])).toEqual([
      [first.telegram_payment_charge_id, 5],
      [second.telegram_payment_charge_id, 7],
    ]);
    expect(all.transactions[0]?.source).toMatchObject({
      type: 'user',
      transaction_type: 'invoice_payment',
      user: { id: ANNA.id },
      invoice_payload: 'p1',
    });
    const page = await api.result<StarTransactions>('getStarTransactions', { offset: 1, limit: 0 });
    expect(page.transactions.map(({ amount }) => amount)).toEqual([7]);
  });

  test('are given back once, and the bot gets a message about it', async () => {
    const { telegram_payment_charge_id } = await payStars();
    await updatesOf(api);
    const params = { user_id: ANNA.id, telegram_payment_charge_id };
    expect(await api.result('refundStarPayment', params)).toBe(true);
    const { message } = await updateOf(api);
    expect(message).toMatchObject({
      from: { id: api.bot.id },
      chat: { id: ANNA.id },
      refunded_payment: {
        currency: 'XTR',
        total_amount: 5,
        invoice_payload: 'p1',
        telegram_payment_charge_id,
      },
    });
    expect(await api.error('refundStarPayment', params)).toBe('Bad Request: CHARGE_ALREADY_REFUNDED');
    expect(await api.result('getMyStarBalance')).toEqual({ amount: 0 });
    const { transactions } = await api.result<StarTransactions>('getStarTransactions');
    expect(transactions.at(-1)).toMatchObject({
      id: telegram_payment_charge_id,
      receiver: { type: 'user' },
      amount: 5,
    });
  });

  test.each([
    [{}, 'invalid user_id specified'],
    [{ user_id: ANNA.id }, 'parameter "telegram_payment_charge_id" is required'],
    [{ user_id: ANNA.id, telegram_payment_charge_id: 'x' }, 'CHARGE_ID_INVALID'],
  ])('a refund of %j is refused', async (params, why) => {
    expect(await api.error('refundStarPayment', params)).toBe(`Bad Request: ${why}`);
  });

  test('a subscription is paid every month until the bot cancels it', async () => {
    const link = await api.result<string>('createInvoiceLink', { ...stars, subscription_period: 2_592_000 });
    const paying = anna.wallet.pay({ link });
    const id = (await updateOf(api)).pre_checkout_query?.id;
    await api.result('answerPreCheckoutQuery', { pre_checkout_query_id: id, ok: true });
    const outcome = await paying.outcome;
    if (!outcome.paid) throw new Error('not paid');
    const until = 1_800_000_000 + 2_592_000;
    expect(outcome.payment).toMatchObject({
      is_recurring: true,
      is_first_recurring: true,
      subscription_expiration_date: until,
    });
    await updatesOf(api);
    const charge = outcome.payment.telegram_payment_charge_id;
    anna.wallet.renewSubscription(charge);
    const renewed = (await updateOf(api)).message?.successful_payment;
    expect(renewed).toMatchObject({ is_recurring: true, subscription_expiration_date: until + 2_592_000 });
    expect(renewed).not.toHaveProperty('is_first_recurring');
    const edit = { user_id: ANNA.id, telegram_payment_charge_id: charge, is_canceled: true };
    expect(await api.result('editUserStarSubscription', edit)).toBe(true);
    expect(() => anna.wallet.renewSubscription(charge)).toThrow(/is not paid again/);
    const once = await payStars();
    expect(
      await api.error('editUserStarSubscription', {
        ...edit,
        telegram_payment_charge_id: once.telegram_payment_charge_id,
      }),
    ).toBe('Bad Request: CHARGE_ID_INVALID');
  });
});

test('results and updates have the types that bots are written against', () => {
  expectTypeOf<ReturnType<typeof balanceOf>>().toExtend<StarAmount>();
  expectTypeOf<ReturnType<typeof transactionsOf>>().toExtend<StarTransactions>();
  expectTypeOf<ReturnType<typeof invoiceContent>>().toExtend<Pick<Message, 'invoice'>>();
  expectTypeOf<RefundedPayment>().toExtend<NonNullable<Message['refunded_payment']>>();
  expectTypeOf<NonNullable<Update['pre_checkout_query']>['total_amount']>().toEqualTypeOf<number>();
});

test('who buys paid media makes an update only when the media have a payload', async () => {
  const media = [{ type: 'photo', media: 'https://a.test/p.jpg' }];
  const params = { chat_id: ANNA.id, star_count: 3, media };
  await api.result('getUpdates', { allowed_updates: ['purchased_paid_media'] });
  const plain = await api.result('sendPaidMedia', params);
  const marked = await api.result('sendPaidMedia', { ...params, payload: 'm1' });
  expect(anna.wallet.buyPaidMedia(where(plain))).toEqual({});
  anna.wallet.buyPaidMedia(where(marked));
  expect(await api.result<Update[]>('getUpdates')).toMatchObject([
    { purchased_paid_media: { from: { id: ANNA.id }, paid_media_payload: 'm1' } },
  ]);
  expect(await api.result('getMyStarBalance')).toEqual({ amount: 6 });
});
