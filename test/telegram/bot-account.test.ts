import type { Update } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANNA, ANNAS_CHAT, ApiHarness, BORIS, GROUP } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
});
afterEach(() => api.server.close());

test('a message that comes in gets its number, date and entities', async () => {
  const received = api.bot.receive({
    kind: 'message',
    payload: { from: ANNA, chat: { id: ANNA.id, first_name: 'Anna', type: 'private' }, text: '/start' },
  });
  expect(received).toEqual({ updateId: expect.any(Number), chatId: ANNA.id, messageId: 1 });
  const { text } = await api.call('getUpdates');
  expect(text.replace(/"update_id":\d+/, '"update_id":0')).toMatchInlineSnapshot(`
    "{"ok":true,"result":[{"update_id":0,
    "message":{"message_id":1,"from":{"id":1001,"is_bot":false,"first_name":"Anna","username":"anna_test","language_code":"en"},"chat":{"id":1001,"first_name":"Anna","type":"private"},"date":1800000000,"text":"/start","entities":[{"offset":0,"length":6,"type":"bot_command"}]}}]}"
  `);
});

test('a kind that the bot has switched off has no update', async () => {
  await api.call('getUpdates', { allowed_updates: ['callback_query'] });
  expect(api.hello()).toEqual({ chatId: ANNA.id, messageId: 1 });
});

test('a private chat is known from its sender alone', async () => {
  api.write({ from: BORIS, chat: { id: BORIS.id }, text: 'x' });
  expect(await api.result('sendMessage', { chat_id: BORIS.id, text: 'y' })).toMatchObject({
    chat: { id: BORIS.id, first_name: 'Boris', type: 'private' },
  });
});

test('a reply shows the message that it answers', () => {
  api.hello('first');
  const { messageId = 0 } = api.write({
    from: ANNA,
    chat: { id: ANNA.id },
    text: 'second',
    reply_to_message: { message_id: 1 },
  });
  expect(api.bot.message(ANNAS_CHAT, messageId)).toMatchObject({
    reply_to_message: { message_id: 1, text: 'first' },
  });
});

test('what only the server knows is filled in for other kinds', async () => {
  api.bot.receive({ kind: 'inline_query', payload: { from: ANNA, query: 'q', offset: '' } });
  api.bot.receive({
    kind: 'my_chat_member',
    payload: { from: ANNA, chat: GROUP, old_chat_member: {}, new_chat_member: { status: 'left' } },
  });
  api.bot.receive({ kind: 'callback_query', payload: { from: ANNA, inline_message_id: 'abc', data: 'd' } });
  const [inline, member, callback] = await api.result<Update[]>('getUpdates');
  expect(inline?.inline_query).toEqual({
    id: expect.stringMatching(/^\d+$/),
    from: ANNA,
    query: 'q',
    offset: '',
  });
  expect(member?.my_chat_member?.date).toBe(1_800_000_000);
  expect(callback?.callback_query).toEqual({
    id: expect.stringMatching(/^\d+$/),
    from: ANNA,
    chat_instance: expect.stringMatching(/^\d+$/),
    inline_message_id: 'abc',
    data: 'd',
  });
  expect(await api.error('sendMessage', { chat_id: GROUP.id, text: 'x' })).toBe(
    'Forbidden: bot is not a member of the group chat',
  );
  const answered = await api.result('answerCallbackQuery', {
    callback_query_id: callback?.callback_query?.id,
  });
  expect(answered).toBe(true);
});

test('all taps in a chat have one chat_instance', async () => {
  api.hello();
  const { message_id } = await api.result('sendMessage', { chat_id: ANNA.id, text: 'x' });
  api.tap(message_id);
  api.tap(message_id);
  const [, a, b] = await api.result<Update[]>('getUpdates');
  expect(a?.callback_query?.chat_instance).toBe(b?.callback_query?.chat_instance);
  expect(a?.callback_query?.id).not.toBe(b?.callback_query?.id);
});

test('a file that a person sends can be asked for by its id, whatever it looks like', async () => {
  api.write({
    from: ANNA,
    chat: { id: ANNA.id },
    document: { file_id: 'redacted-1', file_name: 'a.pdf', file_size: 7 },
  });
  expect(await api.result('getFile', { file_id: 'redacted-1' })).toMatchObject({
    file_size: 7,
    file_path: 'documents/file_0.pdf',
  });
});

test('a mention by id shows a known user, and nobody else', async () => {
  api.hello();
  const send = (id: number) =>
    api.result('sendMessage', {
      chat_id: ANNA.id,
      parse_mode: 'HTML',
      text: `<a href="tg://user?id=${id}">x</a>`,
    });
  expect((await send(ANNA.id)).entities).toEqual([
    { offset: 0, length: 1, type: 'text_mention', user: ANNA },
  ]);
  expect(await send(4_000)).not.toHaveProperty('entities');
});

test('several bots have separate chats, tokens and counters', async () => {
  const other = api.server.addBot({ id: 4242, username: 'other_bot' });
  expect(other.token).toMatch(/^4242:[A-Za-z0-9_-]{35}$/);
  api.hello();
  const answer = await api.fetch(`${other.apiRoot}/bot${other.token}/sendMessage?chat_id=${ANNA.id}&text=x`);
  expect(answer.body.description).toBe('Bad Request: chat not found');
  expect(() => api.server.addBot({ token: other.token })).toThrow(
    'A bot cannot have this token (bot id 4242)',
  );
  expect(() => api.server.addBot({ token: 'nonsense' })).toThrow(
    expect.objectContaining({ code: 'usage/bad-argument', message: expect.not.stringContaining('nonsense') }),
  );
});

test('closing ends a long poll, and every call has ended in the history', async () => {
  const poll = fetch(`${api.url('getUpdates')}?timeout=50`);
  const failed = expect(poll).rejects.toThrow();
  while (api.eventsOf('call.started').length === 0) await new Promise((resolve) => setImmediate(resolve));
  await api.server.close();
  expect(api.eventsOf('call.ended')).toMatchObject([{ method: 'getUpdates', answered: false }]);
  await failed;
});
