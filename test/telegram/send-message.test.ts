import { afterEach, beforeEach, expect, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { ANNA, ANNAS_CHAT, ApiHarness, BORIS, GROUP, SUPERGROUP } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const send = (params: object) => api.result('sendMessage', { chat_id: ANNA.id, text: 'x', ...params });
const sendError = (params: object) => api.error('sendMessage', { chat_id: ANNA.id, text: 'x', ...params });
const button = (fields: object) => ({ reply_markup: { inline_keyboard: [[{ text: 'b', ...fields }]] } });

test('a message comes back in the official key order', async () => {
  const { text } = await api.call('sendMessage', {
    chat_id: ANNA.id,
    text: '*hi*',
    parse_mode: 'Markdown',
    reply_parameters: { message_id: 1 },
    protect_content: true,
    ...button({ callback_data: 'd' }),
  });
  expect(text.replaceAll(String(api.bot.id), '0')).toMatchInlineSnapshot(
    `"{"ok":true,"result":{"message_id":2,"from":{"id":0,"is_bot":true,"first_name":"Test bot","username":"my_bot"},"chat":{"id":1001,"first_name":"Anna","type":"private"},"date":1800000000,"reply_to_message":{"message_id":1,"from":{"id":1001,"is_bot":false,"first_name":"Anna","username":"anna_test","language_code":"en"},"chat":{"id":1001,"first_name":"Anna","type":"private"},"date":1800000000,"text":"hello"},"text":"hi","entities":[{"offset":0,"length":2,"type":"bold"}],"reply_markup":{"inline_keyboard":[[{"text":"b","callback_data":"d"}]]},"has_protected_content":true}}"`,
  );
});

test('item 14: booleans are true, yes and 1', async () => {
  for (const value of ['yes', 'TRUE', '1', ' true ']) {
    expect(await send({ protect_content: value })).toMatchObject({ has_protected_content: true });
  }
  expect(await send({ protect_content: 'on' })).not.toHaveProperty('has_protected_content');
});

test('item 88: an empty text is found before an empty chat', async () => {
  expect(await api.error('sendMessage')).toBe('Bad Request: message text is empty');
});

test('item 89: a text of white space is empty', async () => {
  expect(await sendError({ text: ' \n' })).toBe('Bad Request: text must be non-empty');
});

test('item 90: the limit is 4096 code points', async () => {
  expect(await sendError({ text: 'x'.repeat(4097) })).toBe('Bad Request: message is too long');
  expect((await send({ text: 'x'.repeat(4096) })).text).toHaveLength(4096);
  expect((await send({ text: '🦔'.repeat(4096) })).text).toHaveLength(8192);
  expect(await sendError({ text: 'x'.repeat(32_769) })).toBe('Bad Request: text is too long');
});

test('item 91: the text is trimmed', async () => {
  expect(await send({ text: '  hi  ' })).toMatchObject({ text: 'hi' });
});

test('item 92: an unknown chat, and none', async () => {
  expect(await sendError({ chat_id: 77 })).toBe('Bad Request: chat not found');
  expect(await sendError({ chat_id: '@nobody' })).toBe('Bad Request: chat not found');
  expect(await sendError({ chat_id: '' })).toBe('Bad Request: chat_id is empty');
});

test('item 93: a person who has blocked the bot; writing to it unblocks', async () => {
  api.bot.setAccess(ANNAS_CHAT, 'blocked');
  expect(await sendError({})).toBe('Forbidden: bot was blocked by the user');
  expect(await api.error('sendChatAction', { chat_id: ANNA.id, action: 'typing' })).toBe(
    'Forbidden: bot was blocked by the user',
  );
  api.hello();
  expect(await send({})).toMatchObject({ text: 'x' });
});

test('a my_chat_member update blocks and unblocks', async () => {
  const member = (status: string) =>
    api.bot.receive({
      kind: 'my_chat_member',
      payload: {
        from: ANNA,
        chat: { id: ANNA.id, first_name: 'Anna', type: 'private' },
        new_chat_member: { status },
      },
    });
  member('kicked');
  expect(await sendError({})).toBe('Forbidden: bot was blocked by the user');
  member('member');
  expect(await send({})).toMatchObject({ text: 'x' });
});

test('item 94: a person who never started the bot', async () => {
  api.write({ from: BORIS, chat: GROUP, text: 'in a group' });
  expect(await sendError({ chat_id: BORIS.id })).toBe(
    "Forbidden: bot can't initiate conversation with a user",
  );
  api.hello('now', BORIS);
  expect(await send({ chat_id: BORIS.id })).toMatchObject({ chat: { id: BORIS.id } });
});

test.each([
  ['item 95', 'Markdown', '*a', "Can't find end of the entity starting at byte offset 0"],
  ['item 96', 'MarkdownV2', 'a.b', "Character '.' is reserved and must be escaped with the preceding '\\'"],
  ['item 97', 'MarkdownV2', 'é*a', "Can't find end of Bold entity at byte offset 2"],
  ['item 98', 'HTML', '<x>a</x>', 'Unsupported start tag "x" at byte offset 0'],
  ['item 98', 'HTML', '<b>a', 'Can\'t find end tag corresponding to start tag "b"'],
])('%s: bad %s', async (_item, parse_mode, text, why) => {
  expect(await sendError({ parse_mode, text })).toBe(`Bad Request: can't parse entities: ${why}`);
});

test('item 99: parse modes have no case, and there are only these', async () => {
  expect(await sendError({ parse_mode: 'foo' })).toBe('Bad Request: unsupported parse_mode');
  expect(await send({ parse_mode: 'html', text: '<b>a</b>' })).toMatchObject({
    text: 'a',
    entities: [{ offset: 0, length: 1, type: 'bold' }],
  });
});

test('item 100: callback data has at most 64 bytes', async () => {
  expect(await sendError(button({ callback_data: 'x'.repeat(65) }))).toBe('Bad Request: BUTTON_DATA_INVALID');
  expect(await sendError(button({ callback_data: 'ж'.repeat(33) }))).toBe('Bad Request: BUTTON_DATA_INVALID');
  expect(await send(button({ callback_data: 'x'.repeat(64) }))).toHaveProperty('reply_markup');
});

test('item 101: an inline button must do something', async () => {
  const description =
    "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";
  expect(await sendError(button({}))).toBe(description);
  expect(await sendError(button({ callback_data: '' }))).toBe(description);
});

test('item 102: the URL of a button', async () => {
  expect(await sendError(button({ url: 'foo' }))).toBe(
    "Bad Request: inline keyboard button URL 'foo' is invalid: Wrong HTTP URL",
  );
  const sent = await send(button({ url: 'T.me' }));
  expect(sent.reply_markup?.inline_keyboard).toEqual([[{ text: 'b', url: 'http://t.me/' }]]);
});

test.each([
  ['{', "can't parse reply keyboard markup JSON object"],
  ['[]', 'object expected as reply markup'],
  ['{"keyboard":null}', 'field "keyboard" must be of type Array'],
  ['{"keyboard":["a"]}', 'field "keyboard" must be an Array of Arrays'],
  [
    '{"inline_keyboard":[{}]}',
    'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
  ],
  ['{"keyboard":[[1]]}', "can't parse keyboard button: KeyboardButton must be an Object"],
  ['{"keyboard":[[""]]}', 'keyboard button text must be non-empty'],
  [
    '{"inline_keyboard":[["a"]]}',
    "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
  ],
  ['{"inline_keyboard":[[{"url":"a.b"}]]}', 'can\'t parse inline keyboard button: Can\'t find field "text"'],
  ['{"inline_keyboard":[[{"text":"","url":"a.b"}]]}', 'inline keyboard button text must be non-empty'],
  [
    '{"inline_keyboard":[[{"text":"a","web_app":{"url":"http://a.b"}}]]}',
    "inline keyboard button Web App URL 'http://a.b' is invalid: Only HTTPS links are allowed",
  ],
  [
    '{"inline_keyboard":[[{"text":"a","url":"ftp://a.b"}]]}',
    "inline keyboard button URL 'ftp://a.b' is invalid: Unsupported URL protocol",
  ],
])('reply_markup %s', async (reply_markup, why) => {
  expect(await sendError({ reply_markup })).toBe(`Bad Request: ${why}`);
});

test('one action of a button is kept, by precedence', async () => {
  const sent = await send(button({ callback_data: 'd', url: 'https://a.b/c', pay: true }));
  expect(sent.reply_markup?.inline_keyboard).toEqual([[{ text: 'b', url: 'https://a.b/c' }]]);
});

test('item 103: a reply to a message that is not there', async () => {
  const reply = { reply_parameters: { message_id: 99 } };
  expect(await sendError(reply)).toBe('Bad Request: message to be replied not found');
  const lenient = { reply_parameters: { message_id: 99, allow_sending_without_reply: true } };
  expect(await send(lenient)).not.toHaveProperty('reply_to_message');
  const old = { reply_to_message_id: 1 };
  expect(await send(old)).toMatchObject({ reply_to_message: { message_id: 1, text: 'hello' } });
});

test('a reply to a reply shows one level', async () => {
  const first = await send({ reply_parameters: { message_id: 1 } });
  const second = await send({ reply_parameters: { message_id: first.message_id } });
  expect(second.reply_to_message?.message_id).toBe(first.message_id);
  expect(second.reply_to_message).not.toHaveProperty('reply_to_message');
});

test.each([
  ['{', "can't parse reply parameters JSON object"],
  ['[]', 'object expected as reply parameters'],
  ['{"message_id":true}', 'field "message_id" must be a Number'],
])('reply_parameters %s', async (reply_parameters, why) => {
  expect(await sendError({ reply_parameters })).toBe(`Bad Request: ${why}`);
});

test('item 121: an upgraded group says where it is now', async () => {
  const group = chatId(GROUP.id);
  api.bot.addChat(GROUP, { upgradedTo: chatId(SUPERGROUP.id) });
  const { body } = await api.call('sendMessage', { chat_id: group, text: 'x' });
  expect(body).toEqual({
    ok: false,
    error_code: 400,
    description: 'Bad Request: group chat was upgraded to a supergroup chat',
    parameters: { migrate_to_chat_id: SUPERGROUP.id },
  });
});

test.each([
  [GROUP, 'kicked', 'bot was kicked from the group chat'],
  [GROUP, 'left', 'bot is not a member of the group chat'],
  [GROUP, 'deleted', 'the group chat was deleted'],
  [SUPERGROUP, 'kicked', 'bot was kicked from the supergroup chat'],
  [SUPERGROUP, 'left', 'bot is not a member of the supergroup chat'],
] as const)('$0.type, bot $1', async (chat, access, why) => {
  api.bot.addChat(chat, access);
  expect(await sendError({ chat_id: chat.id })).toBe(`Forbidden: ${why}`);
});

test('item 122: only inline keyboards are echoed', async () => {
  expect(await send({ reply_markup: { keyboard: [['a']] } })).not.toHaveProperty('reply_markup');
  expect(await send({ reply_markup: { remove_keyboard: true } })).not.toHaveProperty('reply_markup');
  expect(await send(button({ callback_data: 'd' }))).toHaveProperty('reply_markup');
  const contents = (await api.ended(3)).map((event) => event.contents?.[0]?.keyboard?.type);
  expect(contents).toEqual(['reply', 'remove', 'inline']);
});

test('item 123: the bot hears nothing of its own messages', async () => {
  await send({});
  expect(api.eventsOf('update.queued')).toHaveLength(1);
});

test('item 124: entities are found in what is sent and in what comes', async () => {
  const text = '🦔 /start@my_bot hi @user1 https://t.me';
  const entities = [
    { offset: 3, length: 13, type: 'bot_command' },
    { offset: 20, length: 6, type: 'mention' },
    { offset: 27, length: 12, type: 'url' },
  ];
  const sent = await send({ text });
  expect(sent.entities).toEqual(entities);
  const { messageId = 0 } = api.hello(text);
  expect(api.bot.message(ANNAS_CHAT, messageId)).toMatchObject({ text, entities });
});

test('item 126: private chats share one counter, a supergroup has its own', async () => {
  api.hello('from Boris', BORIS); // 2, after Anna's 1
  expect((await send({})).message_id).toBe(3);
  expect((await send({ chat_id: BORIS.id })).message_id).toBe(4);
  api.write({ from: ANNA, chat: GROUP, text: 'basic groups share it too' });
  expect((await send({ chat_id: GROUP.id })).message_id).toBe(6);
  api.write({ from: ANNA, chat: SUPERGROUP, text: 'own' });
  expect((await send({ chat_id: SUPERGROUP.id })).message_id).toBe(2);
});

test('a channel post has no sender but the channel', async () => {
  const channel = {
    id: -1_000_000_000_888,
    type: 'channel',
    title: 'News',
    username: 'news_channel',
  } as const;
  api.bot.addChat(channel);
  const post = await send({ chat_id: '@News_Channel' });
  expect(post).toMatchObject({ message_id: 1, sender_chat: channel, chat: channel });
  expect(post).not.toHaveProperty('from');
});

test('only the last 1,000 messages of a chat are kept', async () => {
  for (let i = 0; i < 1_000; i += 1) api.hello(`message ${i}`);
  expect(api.bot.message(ANNAS_CHAT, 1)).toBeUndefined();
  expect(api.bot.message(ANNAS_CHAT, 2)).toMatchObject({ text: 'message 0' });
});

test('explicit entities: found types are found anew, the rest must fit', async () => {
  const entities = [
    { type: 'mention', offset: 0, length: 1 },
    { type: 'bold', offset: 0, length: 2 },
    { type: 'text_link', offset: 3, length: 1, url: 'a.b' },
  ];
  expect((await send({ text: 'ab c', entities })).entities).toEqual([
    { offset: 0, length: 2, type: 'bold' },
    { offset: 3, length: 1, type: 'text_link', url: 'http://a.b/' },
  ]);
  expect(await sendError({ text: 'ab', entities: [{ type: 'bold', offset: 3, length: 1 }] })).toBe(
    'Bad Request: entity begins after the end of the text at UTF-16 offset 3',
  );
  expect(await sendError({ text: 'ab', entities: [{ type: 'bold', offset: 1, length: 2 }] })).toBe(
    'Bad Request: entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 3',
  );
  expect(await sendError({ text: 'ab', entities: [{ type: 'nope', offset: 0, length: 1 }] })).toBe(
    "Bad Request: can't parse MessageEntity: Unsupported type specified",
  );
  expect(await send({ text: 'ab', entities: 'no json' })).not.toHaveProperty('entities');
});
