import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../src/telegram/people/person.js';
import type { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { type ApiHarness, until } from './api-harness.js';
import { updateOf, updatesOf, withAnna } from './people-harness.js';

let api: ApiHarness;
let anna: Person;
let chat: PersonInChat;

beforeEach(async () => {
  ({ api, anna, chat } = await withAnna());
  chat.start();
  await updatesOf(api);
});
afterEach(() => api.server.close());

describe('a person', () => {
  test('is made up where nothing is said, and no two are the same', () => {
    const [a, b] = [api.bot.person({ first_name: 'A' }), api.bot.person({ first_name: 'B' })];
    expect(a.user).toEqual({ id: 5_100_000_001, is_bot: false, first_name: 'A' });
    expect(b.id).toBe(5_100_000_002);
    expect(() => api.bot.person({ id: -5, first_name: 'C' })).toThrow('-5 is no id of a person');
  });

  test('may change their name', async () => {
    anna.change({ first_name: 'Anne', is_premium: true });
    chat.say('hi');
    const { message } = await updateOf(api);
    expect(Object.entries(message?.from ?? {}).slice(2)).toEqual([
      ['first_name', 'Anne'],
      ['last_name', 'Ash'],
      ['username', 'anna_test'],
      ['language_code', 'en'],
      ['is_premium', true],
    ]);
    expect(message?.chat).toMatchObject({ first_name: 'Anne' });
  });

  test('blocks the bot, and cannot write before that is lifted', async () => {
    anna.block();
    expect((await updateOf(api)).my_chat_member?.new_chat_member.status).toBe('kicked');
    expect(() => chat.say('hi')).toThrow('Anna (1001) has blocked the bot and cannot write to it');
    expect(await api.error('sendMessage', { chat_id: 1001, text: 'x' })).toBe(
      'Forbidden: bot was blocked by the user',
    );
    anna.unblock();
    chat.say('hi');
    const [back, message] = await updatesOf(api);
    expect(back?.my_chat_member?.new_chat_member.status).toBe('member');
    expect(message?.message?.text).toBe('hi');
  });

  test('starts the bot anew, which lifts the block', async () => {
    anna.block();
    chat.start('again');
    const kinds = (await updatesOf(api)).map((update) => [
      update.my_chat_member?.new_chat_member.status,
      update.message?.text,
    ]);
    expect(kinds).toEqual([
      ['kicked', undefined],
      ['member', undefined],
      [undefined, '/start again'],
    ]);
  });

  test('is heard by webhook as by getUpdates', async () => {
    const bodies: string[] = [];
    const hook = createServer((request, response) => {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        bodies.push(body);
        response.end();
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    const { port } = hook.address() as AddressInfo;
    await api.result('setWebhook', { url: `http://127.0.0.1:${port}/` });
    chat.sendVoice({ duration: 2 }, { caption: 'hear #this' });
    await until(() => bodies.length > 0);
    expect((JSON.parse(bodies[0] ?? '') as Update).message).toMatchObject({
      from: anna.user,
      voice: { duration: 2, mime_type: 'audio/ogg' },
      caption: 'hear #this',
      caption_entities: [{ offset: 5, length: 5, type: 'hashtag' }],
    });
    await new Promise((resolve) => {
      hook.close(resolve);
      hook.closeAllConnections();
    });
  });

  test('makes a group, and others join and leave', async () => {
    const { chat: group } = anna.chats.create({ title: 'Us', type: 'supergroup' });
    const bob = api.bot.person({ first_name: 'Bob' });
    bob.chats.join(group.id);
    bob.in(group).command('hello');
    bob.chats.leave(group.id);
    const updates = await updatesOf(api);
    expect(updates.map(({ message }) => message?.text ?? Object.keys(message ?? {}).at(-1))).toContain(
      '/hello',
    );
    expect(updates.some(({ message }) => message?.left_chat_member?.id === bob.id)).toBe(true);
  });

  test('who is banned or silenced cannot write', () => {
    const { chat: group } = anna.chats.create({ title: 'Us', type: 'supergroup' });
    const bob = api.bot.person({ first_name: 'Bob' });
    const place = bob.in(group);
    const { messageId = 0 } = place.say('/x');
    anna.chats.setMember(group.id, bob.user, { status: 'kicked', untilS: 0 });
    expect(() => place.say('/y')).toThrow(`Bob (${bob.id}) is banned from ${group.id}`);
    // The owner may delete what others wrote.
    anna.in(group).delete(messageId);
    expect(
      anna
        .in(group)
        .sees()
        .messages.map(({ text }) => text),
    ).not.toContain('/x');
  });

  test('votes and reacts', async () => {
    const poll = await api.result('sendPoll', {
      chat_id: 1001,
      question: '?',
      options: [{ text: 'a' }, { text: 'b' }],
      is_anonymous: false,
    });
    chat.vote(poll, 1);
    const updates = await updatesOf(api);
    expect(updates.find(({ poll_answer: answer }) => answer)?.poll_answer?.option_ids).toEqual([1]);
    chat.react(poll, '👍');
    expect((await updateOf(api)).message_reaction?.new_reaction).toEqual([{ type: 'emoji', emoji: '👍' }]);
  });

  test('pays an invoice', async () => {
    const invoice = await api.result('sendInvoice', {
      chat_id: 1001,
      title: 't',
      description: 'd',
      payload: 'p',
      currency: 'XTR',
      prices: [{ label: 'l', amount: 5 }],
    });
    expect(chat.tap(invoice, { row: 0, column: 0 }).effect).toBe('opens-payment');
    const { outcome } = chat.pay(invoice);
    const { pre_checkout_query: query } = await updateOf(api);
    await api.result('answerPreCheckoutQuery', { pre_checkout_query_id: query?.id, ok: true });
    expect(await outcome).toMatchObject({ paid: true });
    expect((await updateOf(api)).message?.successful_payment?.total_amount).toBe(5);
  });

  test('taps what was sent through the bot under its inline_message_id', async () => {
    const { queryId } = anna.inline.query('tea');
    await api.result('answerInlineQuery', {
      inline_query_id: queryId,
      results: [
        {
          type: 'article',
          id: '1',
          title: 't',
          input_message_content: { message_text: 'Tea' },
          reply_markup: { inline_keyboard: [[{ text: 'more', callback_data: 'm' }]] },
        },
      ],
    });
    const { messageId = 0, inlineMessageId } = anna.inline.choose(queryId, '1', { chatId: 1001 as never });
    await updatesOf(api);
    chat.tap(messageId, 'more');
    expect((await updateOf(api)).callback_query).toMatchObject({
      inline_message_id: inlineMessageId,
      data: 'm',
    });
  });

  test('plays a game', async () => {
    const game = await api.result('sendGame', { chat_id: 1001, game_short_name: 'chess' });
    expect(chat.tap(game, { row: 0, column: 0 }).effect).toBe('asks-bot');
    expect((await updateOf(api)).callback_query).toMatchObject({ game_short_name: 'chess' });
  });
});
