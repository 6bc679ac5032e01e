import type { Message, Update } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CALLBACK_ANSWERABLE_MS } from '../../src/telegram/chats/callback-book.js';
import type { Seen } from '../../src/telegram/contracts.js';
import { ANNA, ANNAS_CHAT, ApiHarness, BORIS, GROUP, SUPERGROUP } from './api-harness.js';

let api: ApiHarness;
let seen: Seen[];
beforeEach(async () => {
  api = await ApiHarness.start();
  seen = [];
  api.bot.onSeen((it) => seen.push(it));
  api.hello(); // message 1
});
afterEach(() => api.server.close());

const keyboard = { inline_keyboard: [[{ text: 'b', callback_data: 'd' }]] };
const send = (params: object = {}) => api.result('sendMessage', { chat_id: ANNA.id, text: 'x', ...params });
const edit = (message_id: number, params: object = {}) =>
  api.call('editMessageText', { chat_id: ANNA.id, message_id, text: 'y', ...params });
const editError = async (message_id: number, params: object = {}) =>
  (await edit(message_id, params)).body.description;

test('item 104: an edit that changes nothing', async () => {
  const { message_id } = await send({ reply_markup: keyboard });
  expect(await editError(message_id, { text: ' x ', reply_markup: keyboard })).toBe(
    'Bad Request: message is not modified: specified new message content and reply markup are exactly the same ' +
      'as a current content and reply markup of the message',
  );
});

test('item 105: an edit of nothing', async () => {
  expect(await editError(77)).toBe('Bad Request: message to edit not found');
  expect(await api.error('editMessageText', { text: 'y' })).toBe(
    'Bad Request: message identifier is not specified',
  );
  expect(await api.error('editMessageText')).toBe('Bad Request: message text is empty');
});

test("item 106: someone else's message, or one with a reply keyboard", async () => {
  expect(await editError(1)).toBe("Bad Request: message can't be edited");
  const { message_id } = await send({ reply_markup: { keyboard: [['a']] } });
  expect(await editError(message_id)).toBe("Bad Request: message can't be edited");
});

test('item 107: a photo has no text to edit, a text no caption', async () => {
  const photo = await api.result('sendPhoto', {
    chat_id: ANNA.id,
    photo: 'https://a.test/p.jpg',
    caption: 'c',
  });
  expect(await editError(photo.message_id)).toBe('Bad Request: there is no text in the message to edit');
  const { message_id } = await send();
  const params = { chat_id: ANNA.id, message_id, caption: 'c' };
  expect(await api.error('editMessageCaption', params)).toBe(
    'Bad Request: there is no caption in the message to edit',
  );
  const edited = await api.result('editMessageCaption', {
    ...params,
    message_id: photo.message_id,
    caption: '#new',
  });
  expect(edited).toMatchObject({ caption: '#new', caption_entities: [{ type: 'hashtag' }] });
});

test('item 109: an edit has edit_date, no reply, and no update', async () => {
  const { message_id } = await send({ reply_markup: keyboard, reply_parameters: { message_id: 1 } });
  await api.clock.advance(5_000);
  const { text } = await edit(message_id);
  expect(text.replaceAll(String(api.bot.id), '0')).toMatchInlineSnapshot(
    `"{"ok":true,"result":{"message_id":2,"from":{"id":0,"is_bot":true,"first_name":"Test bot","username":"my_bot"},"chat":{"id":1001,"first_name":"Anna","type":"private"},"date":1800000000,"edit_date":1800000005,"text":"y"}}"`,
  );
  expect(api.bot.message(ANNAS_CHAT, message_id)).not.toHaveProperty('reply_markup');
  expect(api.bot.message(ANNAS_CHAT, message_id)).toHaveProperty('reply_to_message');
  expect(api.eventsOf('update.queued')).toHaveLength(1);
  expect(seen.map(({ what, messageId }) => [what, messageId])).toEqual([
    ['sent', message_id],
    ['edited', message_id],
  ]);
});

test('item 108: an edit without a keyboard takes it away', async () => {
  const { message_id } = await send({ reply_markup: keyboard });
  expect((await edit(message_id)).body.result).not.toHaveProperty('reply_markup');
  api.tap(message_id);
  const updates = await api.result<Update[]>('getUpdates');
  expect(updates.at(-1)?.callback_query?.message).not.toHaveProperty('reply_markup');
});

test('a keyboard is edited alone; only an inline one', async () => {
  const { message_id } = await send();
  const params = { chat_id: ANNA.id, message_id };
  expect(await api.result('editMessageReplyMarkup', { ...params, reply_markup: keyboard })).toMatchObject({
    text: 'x',
    reply_markup: keyboard,
  });
  expect(await api.error('editMessageReplyMarkup', { ...params, reply_markup: { keyboard: [['a']] } })).toBe(
    'Bad Request: inline keyboard expected',
  );
  expect(
    await api.result('editMessageReplyMarkup', { ...params, reply_markup: { inline_keyboard: [] } }),
  ).toEqual(expect.not.objectContaining({ reply_markup: expect.anything() }));
});

test('a text that is too long to edit has the raw code', async () => {
  const { message_id } = await send();
  expect(await editError(message_id, { text: 'y'.repeat(4097) })).toBe('Bad Request: MESSAGE_TOO_LONG');
});

test('an inline message is edited out of sight', async () => {
  const { body } = await api.call('editMessageText', { inline_message_id: 'abc', text: 'y' });
  expect(body).toEqual({ ok: true, result: true });
});

test('item 110: a message is deleted once', async () => {
  const { message_id } = await send();
  const params = { chat_id: ANNA.id, message_id };
  expect(await api.result('deleteMessage', params)).toBe(true);
  expect(await api.error('deleteMessage', params)).toBe('Bad Request: message to delete not found');
  expect(await api.error('deleteMessage', { message_id })).toBe(
    'Bad Request: chat identifier is not specified',
  );
  expect(await api.error('deleteMessage', { chat_id: ANNA.id })).toBe(
    'Bad Request: message identifier is not specified',
  );
  expect(seen.at(-1)).toEqual({ what: 'deleted', call: 'c2', chatId: ANNA.id, messageId: message_id });
});

test('a message of more than 48 hours stays in a private chat', async () => {
  const { message_id } = await send();
  await api.clock.advance(49 * 3600 * 1000);
  expect(await api.error('deleteMessage', { chat_id: ANNA.id, message_id })).toBe(
    "Bad Request: message can't be deleted for everyone",
  );
});

test('several messages are deleted; unknown ones are passed over', async () => {
  const { message_id } = await send();
  expect(await api.result('deleteMessages', { chat_id: ANNA.id, message_ids: [1, message_id, 99] })).toBe(
    true,
  );
  expect(seen.filter(({ what }) => what === 'deleted').map(({ messageId }) => messageId)).toEqual([
    1,
    message_id,
  ]);
  const errorOf = (message_ids?: unknown) =>
    api.error('deleteMessages', message_ids === undefined ? {} : { chat_id: ANNA.id, message_ids });
  expect(await errorOf()).toBe('Bad Request: message identifiers are not specified');
  expect(await errorOf('{')).toBe("Bad Request: can't parse message_ids JSON object");
  expect(await errorOf({})).toBe('Bad Request: expected an Array of message identifiers');
  expect(await errorOf(Array(101).fill(1))).toBe('Bad Request: too many message identifiers specified');
  expect(await errorOf([0])).toBe('Bad Request: invalid message identifier specified');
});

test('item 111: a callback query is answered once, while it is young', async () => {
  const tooOld = 'Bad Request: query is too old and response timeout expired or query ID is invalid';
  expect(await api.error('answerCallbackQuery', { callback_query_id: '5' })).toBe(tooOld);
  const { message_id } = await send({ reply_markup: keyboard });
  const { callbackQueryId } = api.tap(message_id);
  const answer = { callback_query_id: callbackQueryId, text: 'done' };
  expect(await api.result('answerCallbackQuery', answer)).toBe(true);
  expect(seen.at(-1)).toEqual({
    what: 'callback-answered',
    call: 'c3',
    chatId: ANNA.id,
    messageId: message_id,
    callbackQueryId,
    content: { kind: 'toast', text: 'done' },
  });
  expect(api.eventsOf('call.started').at(-1)).toMatchObject({ chatId: ANNA.id, callbackQueryId });
  expect((await api.ended(3)).at(-1)).toMatchObject({ contents: [{ kind: 'toast', text: 'done' }] });
  expect(await api.error('answerCallbackQuery', answer)).toBe(tooOld);

  const late = api.tap(message_id).callbackQueryId;
  await api.clock.advance(CALLBACK_ANSWERABLE_MS + 1);
  expect(await api.error('answerCallbackQuery', { callback_query_id: late })).toBe(tooOld);
});

test('item 112: no photo', async () => {
  expect(await api.error('sendPhoto', { chat_id: ANNA.id })).toBe(
    'Bad Request: there is no photo in the request',
  );
  expect(await api.error('sendVideoNote', { chat_id: ANNA.id })).toBe(
    'Bad Request: there is no video note in the request',
  );
});

test.each([
  ['abcde', 'wrong remote file identifier specified: Wrong string length'],
  ['abc', "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"],
  ['a!bc', 'wrong remote file identifier specified: Wrong character in the string'],
  ['a.b', 'wrong HTTP URL specified'],
])('item 113: photo %s', async (photo, why) => {
  expect(await api.error('sendPhoto', { chat_id: ANNA.id, photo })).toBe(`Bad Request: ${why}`);
});

test('a file is sent again by its id, and looks the same', async () => {
  const first = await api.result('sendPhoto', { chat_id: ANNA.id, photo: 'https://a.test/p.jpg' });
  const { file_id, file_unique_id } = first.photo?.at(-1) ?? {};
  expect(file_id).toMatch(/^AgACAg/);
  const second = await api.result('sendPhoto', { chat_id: ANNA.id, photo: file_id });
  expect(second.photo?.at(-1)).toMatchObject({ file_id, file_unique_id });
  const [a, b] = (await api.ended(2)).map((event) => event.contents);
  expect(a).toEqual(b);
  expect(await api.error('sendDocument', { chat_id: ANNA.id, document: file_id })).toBe(
    "Bad Request: can't use file of type Photo as Document",
  );
});

test('item 114: albums have at most ten items', async () => {
  const media = (count: number) =>
    Array.from({ length: count }, () => ({ type: 'photo', media: 'https://a.test/p.jpg' }));
  const errorOf = (value?: unknown) =>
    api.error('sendMediaGroup', { chat_id: ANNA.id, ...(value === undefined ? {} : { media: value }) });
  expect(await errorOf()).toBe('Bad Request: parameter "media" is required');
  expect(await errorOf('{')).toBe("Bad Request: can't parse media JSON object");
  expect(await errorOf({})).toBe('Bad Request: expected an Array of InputMedia');
  expect(await errorOf([1])).toBe("Bad Request: can't parse InputMedia: expected an Object");
  expect(await errorOf([{}])).toBe('Bad Request: can\'t parse InputMedia: Can\'t find field "type"');
  expect(await errorOf([{ type: 'animation', media: 'x' }])).toBe(
    'Bad Request: can\'t parse InputMedia: type "animation" can\'t be used in sendMediaGroup',
  );
  expect(await errorOf([])).toBe('Bad Request: there are no messages to send');
  expect(await errorOf(media(11))).toBe('Bad Request: too many messages to send as an album');
  const album = await api.result<Message[]>('sendMediaGroup', { chat_id: ANNA.id, media: media(3) });
  expect(album).toHaveLength(3);
  expect(new Set(album.map((message) => message.media_group_id)).size).toBe(1);
  const [single] = await api.result<Message[]>('sendMediaGroup', { chat_id: ANNA.id, media: media(1) });
  expect(single).not.toHaveProperty('media_group_id');
});

test('item 115: the action is checked before the chat', async () => {
  expect(await api.error('sendChatAction', { action: 'dance' })).toBe(
    'Bad Request: wrong parameter action in request',
  );
  expect(await api.result('sendChatAction', { chat_id: ANNA.id, action: 'TYPING' })).toBe(true);
});

test('item 116: commands are kept by scope and language', async () => {
  const commands = [{ command: '/start', description: 'go' }];
  const clean = [{ command: 'start', description: 'go' }];
  const scope = { type: 'chat', chat_id: ANNA.id };
  await api.result('setMyCommands', { commands });
  await api.result('setMyCommands', {
    commands: [{ command: 'privet', description: 'x' }],
    language_code: 'ru',
  });
  await api.result('setMyCommands', { commands: [], scope });
  expect(await api.result('getMyCommands')).toEqual(clean);
  expect(await api.result('getMyCommands', { language_code: 'ru' })).toHaveLength(1);
  expect(await api.result('getMyCommands', { scope })).toEqual([]);
  await api.result('deleteMyCommands');
  expect(await api.result('getMyCommands')).toEqual([]);

  const errorOf = (command: string, more: object = {}) =>
    api.error('setMyCommands', { commands: [{ command, description: 'x' }], ...more });
  expect(await errorOf('a'.repeat(33))).toBe('Bad Request: command length must not exceed 32');
  expect(await errorOf('')).toBe('Bad Request: command must be non-empty');
  expect(await errorOf('Start')).toBe('Bad Request: BOT_COMMAND_INVALID');
  expect(await errorOf('a', { language_code: 'rus' })).toBe('Bad Request: invalid language code specified');
  expect(await errorOf('a', { scope: { type: 'moon' } })).toBe(
    "Bad Request: can't parse BotCommandScope: Unsupported type specified",
  );
  expect(await api.error('setMyCommands', { commands: '{' })).toBe(
    "Bad Request: can't parse commands JSON object",
  );
  expect(await api.error('setMyCommands', { commands: {} })).toBe(
    'Bad Request: expected an Array of BotCommand',
  );
  expect(await api.error('setMyCommands', { commands: [{ command: 'a' }] })).toBe(
    'Bad Request: can\'t parse BotCommand: Can\'t find field "description"',
  );
});

test('item 117: a refusal needs a reason', async () => {
  expect(await api.error('answerPreCheckoutQuery', { pre_checkout_query_id: '1', ok: false })).toBe(
    'Bad Request: parameter "error_message" is required',
  );
});

test('item 118: members of a supergroup', async () => {
  api.write({ from: BORIS, chat: SUPERGROUP, text: 'here' });
  const member = (user_id: unknown) => api.call('getChatMember', { chat_id: SUPERGROUP.id, user_id });
  expect((await member(ANNA.id)).body.result).toEqual({ user: ANNA, status: 'left' });
  expect((await member(BORIS.id)).body.result).toEqual({ user: BORIS, status: 'member' });
  expect((await member(55)).body.description).toBe('Bad Request: member not found');
  expect((await member('x')).body.description).toBe('Bad Request: invalid user_id specified');
});

test('item 119: files', async () => {
  expect(await api.error('getFile', { file_id: '' })).toBe('Bad Request: file_id not specified');
  expect(await api.error('getFile', { file_id: 'garbage!' })).toBe('Bad Request: invalid file_id');
  const { photo } = await api.result('sendPhoto', { chat_id: ANNA.id, photo: 'https://a.test/p.jpg' });
  expect(await api.result('getFile', { file_id: photo?.at(-1)?.file_id })).toMatchObject({
    file_id: photo?.at(-1)?.file_id,
    file_path: 'photos/file_0.jpg',
  });
});

test('item 120: copies tell their ids alone; a forward is a message', async () => {
  const { message_id } = await send({ text: '#tag', reply_markup: keyboard });
  const where = { chat_id: ANNA.id, from_chat_id: ANNA.id };
  expect(await api.result('copyMessage', { ...where, message_id })).toEqual({ message_id: message_id + 1 });
  expect(api.bot.message(ANNAS_CHAT, message_id + 1)).toMatchObject({ text: '#tag' });
  expect(api.bot.message(ANNAS_CHAT, message_id + 1)).not.toHaveProperty('reply_markup');
  expect(await api.result('forwardMessage', { ...where, message_id: 1 })).toMatchObject({
    text: 'hello',
    forward_origin: { type: 'user', sender_user: { id: ANNA.id } },
  });
  expect(await api.result('forwardMessages', { ...where, message_ids: [1, 50, message_id] })).toEqual([
    { message_id: message_id + 3 },
    { message_id: message_id + 4 },
  ]);
  expect(await api.error('forwardMessage', { chat_id: ANNA.id, message_id })).toBe(
    'Bad Request: parameter "from_chat_id" is required',
  );
  expect(await api.error('forwardMessage', { ...where, message_id: 99 })).toBe(
    'Bad Request: message to forward not found',
  );
  expect(await api.error('copyMessage', { ...where, message_id: 99 })).toBe(
    'Bad Request: message to copy not found',
  );
});

test('item 125: a tap shows the message as it is, and a deleted one as inaccessible', async () => {
  const { message_id } = await send({ reply_markup: keyboard });
  await edit(message_id, { reply_markup: keyboard });
  api.tap(message_id, 'first');
  await api.result('deleteMessage', { chat_id: ANNA.id, message_id });
  api.tap(message_id, 'second');
  const updates = await api.result<Update[]>('getUpdates', { timeout: 0 });
  expect(updates.slice(1).map((update) => update.callback_query)).toEqual([
    {
      id: expect.stringMatching(/^\d+$/),
      from: ANNA,
      message: expect.objectContaining({ message_id, text: 'y', edit_date: expect.any(Number) }),
      chat_instance: expect.stringMatching(/^\d+$/),
      data: 'first',
    },
    {
      id: expect.stringMatching(/^\d+$/),
      from: ANNA,
      message: { chat: expect.objectContaining({ id: ANNA.id }), message_id, date: 0 },
      chat_instance: expect.stringMatching(/^\d+$/),
      data: 'second',
    },
  ]);
});

test('getChat tells more than a message does', async () => {
  api.bot.addChat(GROUP);
  expect(await api.result('getChat', { chat_id: ANNA.id })).toMatchObject({
    id: ANNA.id,
    type: 'private',
    max_reaction_count: expect.any(Number),
    accent_color_id: expect.any(Number),
    accepted_gift_types: expect.any(Object),
  });
  expect(await api.result('getChat', { chat_id: GROUP.id })).toMatchObject({ title: 'Basic group' });
  expect(await api.error('getChat', { chat_id: 9 })).toBe('Bad Request: chat not found');
});

test('a message that the person edits keeps its id, sender and date', async () => {
  await api.clock.advance(3_000);
  const { messageId } = api.bot.receive({
    kind: 'edited_message',
    payload: {
      message_id: 1,
      from: ANNA,
      chat: { id: ANNA.id, first_name: 'Anna', type: 'private' },
      text: '/new',
    },
  });
  expect(messageId).toBe(1);
  expect(api.bot.message(ANNAS_CHAT, 1)).toEqual({
    message_id: 1,
    from: ANNA,
    chat: { id: ANNA.id, first_name: 'Anna', type: 'private' },
    date: 1_800_000_000,
    edit_date: 1_800_000_003,
    text: '/new',
    entities: [{ offset: 0, length: 4, type: 'bot_command' }],
  });
});
