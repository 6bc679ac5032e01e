import type { BotName, ChatFullInfo, MenuButton, Message, Update, User } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { INLINE_ANSWERABLE_MS } from '../../src/telegram/chats/inline-query-book.js';
import { ANNA, ANNAS_CHAT, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello(); // message 1
});
afterEach(() => api.server.close());

const chat = { id: ANNA.id, first_name: 'Anna', type: 'private' };
const why = async (method: string, params: object = {}) =>
  (await api.error(method, { ...params })).replace('Bad Request: ', '');

test('an edit of a person that changes nothing is no update', async () => {
  const edit = (text: string) =>
    api.bot.receive({ kind: 'edited_message', payload: { message_id: 1, from: ANNA, chat, text } });
  expect(edit('hello')).toEqual({ chatId: ANNA.id, messageId: 1 });
  expect(edit('hello!').updateId).toBeDefined();
  expect(edit('hello!').updateId).toBeUndefined();
  const updates = await api.result<Update[]>('getUpdates');
  expect(updates.map((update) => Object.keys(update)[1])).toEqual(['message', 'edited_message']);
});

test('messages of a person who has blocked the bot cannot be edited', async () => {
  const { message_id } = await api.result('sendMessage', { chat_id: ANNA.id, text: 'x' });
  api.bot.setAccess(ANNAS_CHAT, 'blocked');
  const { body } = await api.call('editMessageText', { chat_id: ANNA.id, message_id, text: 'y' });
  expect(body).toMatchObject({ error_code: 403, description: 'Forbidden: bot was blocked by the user' });
  expect(api.bot.message(ANNAS_CHAT, message_id)).toMatchObject({ text: 'x' });
});

test('the bot has a name for each language, and signs with the one for everybody', async () => {
  const name = async (language_code = '') => (await api.result<BotName>('getMyName', { language_code })).name;
  expect(await name()).toBe('Test bot');
  await api.result('setMyName', { name: 'Teapot' });
  await api.result('setMyName', { name: 'Чайник', language_code: 'ru' });
  expect([await name(), await name('ru'), await name('de')]).toEqual(['Teapot', 'Чайник', 'Teapot']);
  expect((await api.result<User>('getMe')).first_name).toBe('Teapot');
  expect((await api.result('sendMessage', { chat_id: ANNA.id, text: 'x' })).from?.first_name).toBe('Teapot');
  await api.result('setMyName', { name: '', language_code: 'ru' });
  expect(await name('ru')).toBe('Teapot');
  expect(await why('setMyName', { name: 'x', language_code: 'RU' })).toBe('invalid language code specified');
  expect(await why('setMyName', { name: 'x'.repeat(65) })).toBe('BOT_TITLE_INVALID');
});

test.each([
  ['Description', 'description', 512],
  ['ShortDescription', 'short_description', 120],
])('setMy%s is given back', async (method, field, longest) => {
  expect(await api.result(`getMy${method}`)).toEqual({ [field]: '' });
  await api.result(`setMy${method}`, { [field]: 'x'.repeat(longest) });
  expect(await api.result(`getMy${method}`)).toEqual({ [field]: 'x'.repeat(longest) });
  expect(await why(`setMy${method}`, { [field]: 'x'.repeat(longest + 1) })).toContain('TOO_LONG');
});

test('menu buttons, of one chat and of all', async () => {
  const get = (params: object = {}) => api.result<MenuButton>('getChatMenuButton', { ...params });
  const set = (menu_button: object, params: object = {}) =>
    api.result('setChatMenuButton', { menu_button, ...params });
  expect([await get(), await get({ chat_id: ANNA.id })]).toEqual([{ type: 'commands' }, { type: 'default' }]);
  const app = { type: 'web_app', text: 'Shop', web_app: { url: 'https://a.test' } };
  const shown = { ...app, web_app: { url: 'https://a.test/' } };
  await set(app);
  await set({ type: 'commands' }, { chat_id: ANNA.id });
  expect([await get(), await get({ chat_id: ANNA.id })]).toEqual([shown, { type: 'commands' }]);
  await set({ type: 'default' }, { chat_id: ANNA.id });
  expect(await get({ chat_id: ANNA.id })).toEqual({ type: 'default' });
});

test.each([
  [{ menu_button: '{' }, "can't parse menu button JSON object"],
  [{ menu_button: [] }, "can't parse menu button: MenuButton must be an Object"],
  [{ menu_button: { type: 'x' } }, "can't parse menu button: MenuButton has unsupported type"],
  [{ menu_button: { type: 'web_app', text: 'x' } }, 'can\'t parse menu button: Can\'t find field "web_app"'],
  [
    { menu_button: { type: 'web_app', text: '', web_app: { url: 'https://a.test' } } },
    'menu button text must be non-empty',
  ],
  [
    { menu_button: { type: 'web_app', text: 'x', web_app: { url: 'http://a.test' } } },
    'menu button Web App Only HTTPS links are allowed',
  ],
  [{ chat_id: -5 }, 'invalid chat_id specified'],
  [{ chat_id: 5 }, 'user not found'],
])('setChatMenuButton %j is refused', async (params, text) => {
  expect(await why('setChatMenuButton', params)).toBe(text);
});

test('a pinned message is in getChat, and the bot hears of its own pin', async () => {
  const pinned = async () =>
    (await api.result<ChatFullInfo>('getChat', { chat_id: ANNA.id })).pinned_message?.message_id;
  const { message_id } = await api.result('sendMessage', { chat_id: ANNA.id, text: 'rules' });
  const pin = (id: number) => api.result('pinChatMessage', { chat_id: ANNA.id, message_id: id });
  await pin(message_id);
  await pin(1);
  await pin(1);
  expect(await pinned()).toBe(message_id);
  const updates = await api.result<Update[]>('getUpdates');
  expect(updates.map(({ message }) => [message?.message_id, message?.pinned_message?.message_id])).toEqual([
    [1, undefined],
    [message_id + 1, message_id],
    [message_id + 2, 1],
  ]);
  await api.result('unpinChatMessage', { chat_id: ANNA.id });
  expect(await pinned()).toBe(1);
  await api.result('unpinChatMessage', { chat_id: ANNA.id, message_id: 1 });
  expect(await pinned()).toBeUndefined();
  const where = { chat_id: ANNA.id };
  expect(await why('unpinChatMessage', where)).toBe('message to unpin not found');
  expect(await why('unpinChatMessage', { ...where, message_id: 99 })).toBe('message to unpin not found');
  expect(await why('pinChatMessage', { ...where, message_id: 99 })).toBe('message to pin not found');
  expect(await why('pinChatMessage', { ...where, message_id: message_id + 1 })).toBe(
    "service messages can't be pinned",
  );
  await pin(1);
  await api.result('unpinAllChatMessages', where);
  expect(await pinned()).toBeUndefined();
});

test.each([
  [{ reaction: [{ type: 'emoji', emoji: '👍' }] }, undefined],
  [{ reaction: [{ type: 'emoji', emoji: '❤️' }] }, undefined],
  [{ reaction: [{ type: 'custom_emoji', custom_emoji_id: '5' }] }, undefined],
  [{ reaction: [] }, undefined],
  [{}, undefined],
  [{ reaction: '{' }, "can't parse reaction types JSON object"],
  [{ reaction: {} }, 'expected an Array of ReactionType'],
  [{ reaction: ['👍'] }, "can't parse ReactionType: expected an Object"],
  [{ reaction: [{ type: 'paid' }] }, "can't parse ReactionType: invalid reaction type specified"],
  [{ reaction: [{ type: 'emoji' }] }, 'can\'t parse ReactionType: Can\'t find field "emoji"'],
  [{ message_id: 99 }, 'message to react not found'],
  [{ reaction: [{ type: 'emoji', emoji: '🦔' }] }, 'REACTION_INVALID'],
  [{ reaction: Array(2).fill({ type: 'emoji', emoji: '👍' }) }, 'REACTIONS_TOO_MANY'],
])('setMessageReaction %j', async (params, text) => {
  const { body } = await api.call('setMessageReaction', { chat_id: ANNA.id, message_id: 1, ...params });
  expect(body.description).toBe(text === undefined ? undefined : `Bad Request: ${text}`);
  expect((await api.ended())[0]?.fidelity).toBe('modelled');
});

const article = {
  type: 'article',
  id: '1',
  title: 't',
  input_message_content: { message_text: 'x' },
};
const askedId = async (): Promise<string> => {
  api.bot.receive({ kind: 'inline_query', payload: { from: ANNA, query: 'tea', offset: '' } });
  const updates = await api.result<Update[]>('getUpdates');
  return updates.at(-1)?.inline_query?.id ?? '';
};

test('an inline query is answered once, while it is young', async () => {
  const inline_query_id = await askedId();
  const tooOld = 'query is too old and response timeout expired or query ID is invalid';
  expect(await api.result('answerInlineQuery', { inline_query_id, results: [article] })).toBe(true);
  expect(await why('answerInlineQuery', { inline_query_id })).toBe(tooOld);
  const late = await askedId();
  await api.clock.advance(INLINE_ANSWERABLE_MS + 1);
  expect(await why('answerInlineQuery', { inline_query_id: late })).toBe(tooOld);
});

test.each([
  [{ results: {} }, 'expected an Array of inline query results'],
  [{ results: Array(51).fill(article) }, 'too many inline query results specified'],
  [{ results: [1] }, "can't parse inline query result: Inline query result must be an object"],
  [{ results: [{ ...article, id: undefined }] }, 'can\'t parse inline query result: Can\'t find field "id"'],
  [
    { results: [{ type: 'x', id: '1' }] },
    'can\'t parse inline query result: type "x" is unsupported for the inline query result',
  ],
  [
    { results: [{ ...article, input_message_content: {} }] },
    "can't parse inline query result: Input message content is not specified",
  ],
  [
    { results: [{ type: 'photo', id: '1' }] },
    'can\'t parse inline query result: Can\'t find field "photo_file_id"',
  ],
  [{ results: [article, article] }, 'RESULT_ID_DUPLICATE'],
  [{ results: [{ ...article, id: 'x'.repeat(65) }] }, 'RESULT_ID_INVALID'],
  [{ button: '{' }, "can't parse inline query results button JSON object"],
  [
    { button: { text: 'b' } },
    "can't parse inline query results button: InlineQueryResultsButton must have exactly one optional field",
  ],
])('answerInlineQuery %j is refused', async (params, text) => {
  const inline_query_id = await askedId();
  expect(await why('answerInlineQuery', { inline_query_id, ...params })).toBe(text);
});

test('broken JSON of inline results is said so', async () => {
  expect(await why('answerInlineQuery', { inline_query_id: '1', results: '[' })).toMatch(
    /^can't parse JSON encoded inline query results: ./,
  );
});

test('an inline keyboard of a message can be asked for nothing', async () => {
  const sent = await api.result<Message>('sendMessage', { chat_id: ANNA.id, text: 'x' });
  expect(await why('editMessageReplyMarkup', { chat_id: ANNA.id, message_id: sent.message_id })).toContain(
    'message is not modified',
  );
});
