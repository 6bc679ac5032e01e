import type { BusinessConnection, StarAmount, StarTransactions } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import type { connectionResult } from '../../src/telegram/chats/business-book.js';
import type { starsOf } from '../../src/telegram/methods/business.js';
import type { Person } from '../../src/telegram/people/person.js';
import { ApiHarness } from './api-harness.js';

const ALL = {
  can_reply: true,
  can_read_messages: true,
  can_delete_all_messages: true,
  can_edit_name: true,
  can_edit_bio: true,
  can_edit_username: true,
  can_edit_profile_photo: true,
  can_view_gifts_and_stars: true,
  can_transfer_stars: true,
  can_change_gift_settings: true,
} as const;
const CUSTOMER = { id: 1009, first_name: 'Carla' };

let api: ApiHarness;
let owner: Person;
let customer: Person;
let id: string;
beforeEach(async () => {
  api = await ApiHarness.start();
  owner = api.bot.person({ id: 1005, first_name: 'Olga' });
  customer = api.bot.person(CUSTOMER);
  id = owner.business.connect(ALL).connectionId;
});
afterEach(() => api.server.close());

async function updates() {
  const { body } = await api.call<{ update_id: number; [kind: string]: unknown }[]>('getUpdates');
  const last = body.result.at(-1)?.update_id;
  if (last !== undefined) await api.call('getUpdates', { offset: last + 1 });
  return body.result.map(({ update_id: _, ...update }) => update);
}

const write = (text = 'hello #tea') => customer.business.write(id, { text });
const reply = (params: object = {}) =>
  api.call('sendMessage', { business_connection_id: id, chat_id: CUSTOMER.id, text: 'yes', ...params });

describe('the connection', () => {
  test('is told, and can be asked for', async () => {
    const [update] = await updates();
    const connection = await api.result<BusinessConnection>('getBusinessConnection', {
      business_connection_id: id,
    });
    expect(Object.keys(connection)).toEqual([
      'id',
      'user',
      'user_chat_id',
      'date',
      'is_enabled',
      'can_reply',
      'rights',
    ]);
    expect(update).toEqual({ business_connection: connection });
    expect(connection).toMatchObject({
      id,
      user: { id: 1005 },
      is_enabled: true,
      rights: { can_reply: true },
    });
    for (const method of ['getBusinessConnection', 'readBusinessMessage', 'getBusinessAccountStarBalance']) {
      expect(await api.error(method, { chat_id: 1, message_id: 1, business_connection_id: 'x' })).toBe(
        'Bad Request: business connection not found',
      );
    }
  });

  test('ends when its owner wants', async () => {
    write();
    await updates();
    owner.business.change(id, { isEnabled: false });
    expect(await updates()).toMatchObject([{ business_connection: { id, is_enabled: false } }]);
    expect((await reply()).body.description).toBe('Bad Request: business connection not found');
    expect(() => write()).toThrow(/is not enabled/);
  });
});

describe('messages', () => {
  test('of customers reach the bot, apart from its own chat with them', async () => {
    await updates();
    write();
    expect(await updates()).toMatchObject([
      {
        business_message: {
          business_connection_id: id,
          message_id: 1,
          from: { id: CUSTOMER.id },
          chat: { id: CUSTOMER.id, type: 'private' },
          text: 'hello #tea',
          entities: [{ type: 'hashtag' }],
        },
      },
    ]);
    expect(await api.error('sendMessage', { chat_id: CUSTOMER.id, text: 'x' })).toMatch(
      /initiate conversation|chat not found/,
    );
  });

  test('are answered in the name of the account', async () => {
    write();
    const { body } = await reply({ reply_parameters: { message_id: 1 } });
    expect(Object.keys(body.result).slice(0, 4)).toEqual([
      'business_connection_id',
      'sender_business_bot',
      'message_id',
      'from',
    ]);
    expect(body.result).toMatchObject({
      business_connection_id: id,
      sender_business_bot: { id: api.bot.id },
      from: { id: 1005 },
      chat: { id: CUSTOMER.id },
      message_id: 2,
      text: 'yes',
    });
    const edited = await api.result('editMessageText', {
      business_connection_id: id,
      chat_id: CUSTOMER.id,
      message_id: 2,
      text: 'no',
    });
    expect(edited).toMatchObject({ text: 'no', edit_date: expect.any(Number) });
  });

  test.each([
    [{ chat_id: '' }, 'chat identifier is empty'],
    [{ chat_id: '@x' }, 'chat identifier must be a valid Integer'],
    [{ business_connection_id: 'x' }, 'business connection not found'],
  ])('to %j are refused', async (params, why) => {
    write();
    expect((await reply(params)).body.description).toBe(`Bad Request: ${why}`);
  });

  test('are edited and deleted by people', async () => {
    write();
    owner.business.writeTo(id, customer.user, { text: 'by hand' });
    await updates();
    customer.business.edit(id, 1, { text: 'bye' });
    customer.business.delete(id, [1, 2, 77]);
    expect(await updates()).toMatchObject([
      { edited_business_message: { message_id: 1, text: 'bye' } },
      {
        deleted_business_messages: {
          business_connection_id: id,
          chat: { id: CUSTOMER.id },
          message_ids: [1, 2],
        },
      },
    ]);
    expect(() => customer.business.edit(id, 1, { text: 'x' })).toThrow(/no message 1/);
  });

  test('are read and deleted by the bot', async () => {
    write();
    await updates();
    const params = { business_connection_id: id, chat_id: CUSTOMER.id };
    expect(await api.result('readBusinessMessage', { ...params, message_id: 1 })).toBe(true);
    expect(await api.error('readBusinessMessage', { ...params, message_id: 9 })).toBe(
      'Bad Request: MESSAGE_ID_INVALID',
    );
    const deleting = { business_connection_id: id, message_ids: [1] };
    expect(await api.result('deleteBusinessMessages', deleting)).toBe(true);
    expect(await updates()).toMatchObject([{ deleted_business_messages: { message_ids: [1] } }]);
    expect(await api.error('deleteBusinessMessages', { business_connection_id: id })).toBe(
      'Bad Request: message identifiers are not specified',
    );
  });
});

describe('the account', () => {
  const call = (method: string, params: object = {}) =>
    api.call<true>(method, { business_connection_id: id, ...params });
  const connected = () =>
    api.result<BusinessConnection>('getBusinessConnection', { business_connection_id: id });

  test('gets another name and username', async () => {
    await call('setBusinessAccountName', { first_name: 'Olga', last_name: 'Tea' });
    await call('setBusinessAccountUsername', { username: 'olga_tea' });
    expect((await connected()).user).toMatchObject({ last_name: 'Tea', username: 'olga_tea' });
    await call('setBusinessAccountName', { first_name: 'O' });
    await call('setBusinessAccountUsername');
    expect((await connected()).user).toEqual({ id: 1005, is_bot: false, first_name: 'O' });
    expect((await call('setBusinessAccountName')).body.description).toBe(
      'Bad Request: parameter "first_name" is required',
    );
  });

  test('gives up its Stars', async () => {
    expect((await call('transferBusinessAccountStars', { star_count: 5 })).body.description).toBe(
      'Bad Request: BALANCE_TOO_LOW',
    );
    owner.business.giveStars(id, 9);
    await call('transferBusinessAccountStars', { star_count: 5 });
    expect((await call('getBusinessAccountStarBalance')).body.result).toEqual({ amount: 4 });
    expect(await api.result('getMyStarBalance')).toEqual({ amount: 5 });
    const { transactions } = await api.result<StarTransactions>('getStarTransactions');
    expect(transactions).toMatchObject([
      { amount: 5, source: { transaction_type: 'business_account_transfer' } },
    ]);
  });

  test('lets the bot do only what it has the right for', async () => {
    owner.business.change(id, { rights: {} });
    write();
    for (const [method, params] of [
      ['setBusinessAccountName', { first_name: 'x' }],
      ['setBusinessAccountBio', { bio: 'x' }],
      ['getBusinessAccountStarBalance', {}],
      ['readBusinessMessage', { chat_id: CUSTOMER.id, message_id: 1 }],
      ['deleteBusinessMessages', { message_ids: [1] }],
      ['sendMessage', { chat_id: CUSTOMER.id, text: 'x' }],
    ] as const) {
      expect([method, (await call(method, params)).body.description]).toEqual([
        method,
        'Bad Request: BOT_ACCESS_FORBIDDEN',
      ]);
    }
  });

  test.each([
    [{}, "accepted gift types aren't specified"],
    [{ accepted_gift_types: '{' }, "can't parse accepted gift types JSON object"],
    [{ accepted_gift_types: [] }, 'object expected as accepted gift types'],
    [{ accepted_gift_types: {} }, 'can\'t find field "unlimited_gifts"'],
  ])('gift settings %j are refused', async (params, why) => {
    expect((await call('setBusinessAccountGiftSettings', params)).body.description).toBe(
      `Bad Request: ${why}`,
    );
  });
});

test('results have the types that bots are written against', () => {
  expectTypeOf<ReturnType<typeof connectionResult>>().toExtend<BusinessConnection>();
  expectTypeOf<ReturnType<typeof starsOf>>().toExtend<StarAmount>();
});
