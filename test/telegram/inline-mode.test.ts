import type { InlineQueryResult, Message, PreparedInlineMessage, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { INLINE_ANSWERABLE_MS } from '../../src/telegram/chats/inline-query-book.js';
import type { InlineQueryAsked } from '../../src/telegram/people/inline.js';
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

const keyboard = { inline_keyboard: [[{ text: 'Tap', callback_data: 'd' }]] };
const article: InlineQueryResult = {
  type: 'article',
  id: 'a',
  title: 'Hello',
  input_message_content: { message_text: '*hi* @user1', parse_mode: 'Markdown' },
};
const withKeyboard: InlineQueryResult = { ...article, id: 'k', reply_markup: keyboard };

async function answered(
  results: readonly object[] = [article, withKeyboard],
  params: object = {},
): Promise<InlineQueryAsked> {
  const asked = anna.inline.query('tea', { chatType: 'sender' });
  await updatesOf(api);
  await api.result('answerInlineQuery', {
    inline_query_id: asked.queryId,
    results,
    cache_time: 0,
    ...params,
  });
  return asked;
}

describe('asking', () => {
  test('a query reaches the bot with the official keys', async () => {
    const asked = anna.inline.query('tea', { chatType: 'group' });
    const { inline_query: query } = await updateOf(api);
    expect(Object.keys(query ?? {})).toEqual(['id', 'from', 'chat_type', 'query', 'offset']);
    expect(query).toMatchObject({ id: asked.queryId, chat_type: 'group', query: 'tea', offset: '' });
  });

  test('people see what the bot has answered', async () => {
    const { queryId } = await answered([article], {
      next_offset: '1',
      button: { text: 'Sign in', start_parameter: 's' },
    });
    expect(anna.inline.answer(queryId)).toMatchObject({
      results: [{ id: 'a', type: 'article', given: { title: 'Hello' } }],
      nextOffset: '1',
      button: { text: 'Sign in', start_parameter: 's' },
    });
    expect(anna.inline.answer('17')).toBeUndefined();
  });

  test('an answer serves for the same query as long as the bot has said', async () => {
    const first = await answered([article], { cache_time: 60 });
    const boris = api.bot.person({ id: 1002, first_name: 'Boris' });
    expect(boris.inline.query('tea')).toEqual({ queryId: first.queryId });
    expect(boris.inline.query('tea', { offset: '1' })).toHaveProperty('received');
    await api.clock.advance(60_000);
    expect(boris.inline.query('tea')).toHaveProperty('received');
  });

  test('a personal answer serves for nobody else', async () => {
    await answered([article], { cache_time: 60, is_personal: true });
    const boris = api.bot.person({ id: 1002, first_name: 'Boris' });
    expect(anna.inline.query('tea')).not.toHaveProperty('received');
    expect(boris.inline.query('tea')).toHaveProperty('received');
  });

  test('a query is too old after a while', async () => {
    const { queryId } = anna.inline.query('tea');
    await api.clock.advance(INLINE_ANSWERABLE_MS + 1);
    expect(await api.error('answerInlineQuery', { inline_query_id: queryId })).toBe(
      'Bad Request: query is too old and response timeout expired or query ID is invalid',
    );
  });
});

describe('results', () => {
  const url = 'https://a.test/f.jpg';
  const thumb = 'https://a.test/t.jpg';

  test.each([
    [{ type: 'photo', photo_url: url, thumbnail_url: thumb, caption: 'c' }, { caption: 'c' }, 'photo'],
    [{ type: 'gif', gif_url: url, thumbnail_url: thumb }, {}, 'animation'],
    [{ type: 'mpeg4_gif', mpeg4_url: url, thumbnail_url: thumb }, {}, 'animation'],
    [
      { type: 'video', video_url: url, mime_type: 'video/mp4', title: 't', thumbnail_url: thumb },
      {},
      'video',
    ],
    [{ type: 'audio', audio_url: url, title: 't' }, {}, 'audio'],
    [{ type: 'voice', voice_url: url, title: 't' }, {}, 'voice'],
    [{ type: 'document', document_url: url, mime_type: 'application/pdf', title: 't' }, {}, 'document'],
    [
      { type: 'location', latitude: 1, longitude: '2', title: 't' },
      { location: { latitude: 1, longitude: 2 } },
      'location',
    ],
    [
      { type: 'venue', latitude: 1, longitude: 2, title: 't', address: 'a' },
      { venue: { title: 't', address: 'a', location: { latitude: 1, longitude: 2 } } },
      'venue',
    ],
    [
      { type: 'contact', phone_number: '+49', first_name: 'F' },
      { contact: { phone_number: '+49', first_name: 'F' } },
      'contact',
    ],
    [{ type: 'game', game_short_name: 'g' }, {}, 'game'],
    [
      {
        type: 'photo',
        photo_url: url,
        thumbnail_url: thumb,
        input_message_content: { message_text: 'instead' },
      },
      { text: 'instead' },
      'text',
    ],
    [
      {
        type: 'article',
        title: 't',
        input_message_content: {
          title: 'Tea',
          description: 'd',
          payload: 'p',
          currency: 'XTR',
          prices: [{ label: 'x', amount: 5 }],
        },
      },
      { invoice: { total_amount: 5 }, reply_markup: { inline_keyboard: [[{ pay: true }]] } },
      'invoice',
    ],
  ])('%j becomes a message', async (result, expected, field) => {
    const { queryId } = await answered([{ id: 'r', ...result }]);
    const { messageId } = anna.inline.choose(queryId, 'r', { chatId: ANNAS_CHAT });
    const message = api.bot.message(ANNAS_CHAT, messageId ?? 0);
    expect(message).toMatchObject({ via_bot: { id: api.bot.id }, from: { id: ANNA.id }, ...expected });
    expect(message).toHaveProperty(field);
  });

  test.each([
    [{ type: 'photo', id: '1' }, 'can\'t parse inline query result: Can\'t find field "photo_file_id"'],
    [
      { type: 'video', id: '1', title: 't', video_url: url },
      'can\'t parse inline query result: Can\'t find field "mime_type"',
    ],
    [{ type: 'video', id: '1', title: 't', video_url: url, mime_type: 'x' }, 'unallowed video MIME type'],
    [
      { type: 'document', id: '1', title: 't', document_url: url, mime_type: 'x' },
      'unallowed document MIME type',
    ],
    [{ type: 'sticker', id: '1', sticker_file_id: 'a.b' }, 'wrong sticker_file_id specified'],
    [
      { type: 'photo', id: '1', photo_file_id: 'abcde' },
      'wrong remote file identifier specified: Wrong string length',
    ],
    [
      { ...article, input_message_content: { message_text: '*a', parse_mode: 'Markdown' } },
      "can't parse inline query result: Can't parse entities: Can't find end of the entity starting at byte offset 0",
    ],
    [
      { ...article, input_message_content: { message_text: '' } },
      "can't parse inline query result: Message text is empty",
    ],
    [{ ...article, input_message_content: { message_text: ' ' } }, 'text must be non-empty'],
    [{ ...article, reply_markup: { keyboard: [['a']] } }, 'inline keyboard expected'],
    [
      { ...article, reply_markup: { inline_keyboard: [[{ text: 'x', callback_data: 'x'.repeat(65) }]] } },
      'BUTTON_DATA_INVALID',
    ],
    [
      { type: 'contact', id: '1', phone_number: '1' },
      'can\'t parse inline query result: Can\'t find field "first_name"',
    ],
  ])('%j is refused', async (result, why) => {
    const { queryId } = anna.inline.query('tea');
    expect(await api.error('answerInlineQuery', { inline_query_id: queryId, results: [result] })).toBe(
      `Bad Request: ${why}`,
    );
  });
});

describe('choosing', () => {
  test('the message goes through the bot, and the bot hears of both', async () => {
    const { queryId } = await answered();
    anna.inline.choose(queryId, 'a', { chatId: ANNAS_CHAT, query: 'tea' });
    const [sent, chosen] = await updatesOf(api);
    expect(sent?.message).toMatchObject({
      text: 'hi @user1',
      entities: [{ type: 'bold' }, { type: 'mention' }],
      via_bot: { username: 'my_bot' },
    });
    expect(chosen?.chosen_inline_result).toEqual({
      from: expect.objectContaining({ id: ANNA.id }),
      query: 'tea',
      result_id: 'a',
    });
  });

  test('only a message with a keyboard has an id for the bot', async () => {
    const { queryId } = await answered();
    const chosen = anna.inline.choose(queryId, 'k');
    const update: Update = await updateOf(api);
    expect(update.chosen_inline_result?.inline_message_id).toBe(chosen.inlineMessageId);
    expect(chosen.inlineMessageId).toMatch(/^AgAAA[\w-]{27}$/);
    expect(anna.inline.choose(queryId, 'a').inlineMessageId).toBeUndefined();
  });

  test('without inline feedback the bot hears nothing of it', async () => {
    const { queryId } = await answered();
    anna.inline.choose(queryId, 'k', { feedback: false });
    expect(await updatesOf(api)).toEqual([]);
    expect(() => anna.inline.choose(queryId, 'x')).toThrow(/has no result x/);
  });
});

describe('messages by inline_message_id', () => {
  async function sent(where: { chatId?: typeof ANNAS_CHAT } = {}): Promise<string> {
    const { queryId } = await answered();
    const { inlineMessageId = '' } = anna.inline.choose(queryId, 'k', where);
    await updatesOf(api);
    return inlineMessageId;
  }

  test('are edited, and the answer is true', async () => {
    const inline_message_id = await sent();
    const params = { inline_message_id, text: 'new', reply_markup: keyboard };
    expect(await api.result('editMessageText', params)).toBe(true);
    expect(anna.inline.message(inline_message_id)).toMatchObject({
      text: 'new',
      reply_markup: keyboard,
      via_bot: { id: api.bot.id },
    });
    expect(await api.error('editMessageText', params)).toMatch(/message is not modified/);
    expect(await api.error('editMessageCaption', { inline_message_id, caption: 'x' })).toBe(
      'Bad Request: there is no caption in the message to edit',
    );
    expect(await api.result('editMessageReplyMarkup', { inline_message_id })).toBe(true);
    expect(anna.inline.message(inline_message_id)).not.toHaveProperty('reply_markup');
  });

  test('in a chat of the bot are the messages of that chat', async () => {
    const inline_message_id = await sent({ chatId: ANNAS_CHAT });
    await api.result('editMessageText', { inline_message_id, text: 'new' });
    const message: Message | undefined = api.bot.message(ANNAS_CHAT, 2);
    expect(message).toMatchObject({ text: 'new', from: { id: ANNA.id } });
    expect(await updatesOf(api)).toEqual([]);
  });

  test('are tapped', async () => {
    const inlineMessageId = await sent();
    anna.inline.tap(inlineMessageId, 'd');
    const { callback_query: query } = await updateOf(api);
    expect(Object.keys(query ?? {})).toEqual(['id', 'from', 'inline_message_id', 'chat_instance', 'data']);
    expect(query).toMatchObject({ inline_message_id: inlineMessageId, data: 'd' });
    expect(await api.result('answerCallbackQuery', { callback_query_id: query?.id })).toBe(true);
    anna.inline.tap(inlineMessageId, 'd');
    expect((await updateOf(api)).callback_query?.chat_instance).toBe(query?.chat_instance);
  });
});

describe('Web Apps and prepared messages', () => {
  test('a Web App sends one message', async () => {
    const web_app_query_id = anna.inline.openWebApp();
    const params = { web_app_query_id, result: withKeyboard };
    const sent = await api.result<{ inline_message_id: string }>('answerWebAppQuery', params);
    expect(anna.inline.message(sent.inline_message_id)).toMatchObject({ text: 'hi @user1' });
    expect(await api.error('answerWebAppQuery', params)).toBe(
      'Bad Request: query is too old and response timeout expired or query ID is invalid',
    );
    expect(
      await api.result('answerWebAppQuery', {
        ...params,
        web_app_query_id: anna.inline.openWebApp(),
        result: article,
      }),
    ).toEqual({});
    expect(await api.error('answerWebAppQuery', { web_app_query_id })).toBe(
      "Bad Request: result isn't specified",
    );
    expect(await api.error('answerWebAppQuery', { web_app_query_id, result: { type: 'x', id: '1' } })).toBe(
      'Bad Request: type "x" is unsupported for the inline query result',
    );
  });

  test('a prepared message is shared until it expires', async () => {
    const params = { user_id: ANNA.id, result: withKeyboard, allow_group_chats: true };
    const prepared = await api.result<PreparedInlineMessage>('savePreparedInlineMessage', params);
    expect(prepared).toEqual({ id: expect.any(String), expiration_date: 1_800_086_400 });
    api.bot.addChat(GROUP);
    anna.inline.share(prepared.id, { chatId: chatId(GROUP.id) });
    expect((await updateOf(api)).message).toMatchObject({
      chat: { id: GROUP.id },
      via_bot: { id: api.bot.id },
    });
    await api.clock.advance(86_401_000);
    expect(() => anna.inline.share(prepared.id)).toThrow(/no prepared message/);
  });

  test.each([
    ['savePreparedInlineMessage', {}, 'invalid user_id specified'],
    ['savePreparedInlineMessage', { user_id: ANNA.id }, "result isn't specified"],
    ['savePreparedInlineMessage', { user_id: ANNA.id, result: article }, 'PEER_TYPES_INVALID'],
    ['savePreparedKeyboardButton', { user_id: ANNA.id }, "can't parse keyboard button JSON object"],
    [
      'savePreparedKeyboardButton',
      { user_id: ANNA.id, button: [] },
      "can't parse keyboard button: KeyboardButton must be an Object",
    ],
    ['savePreparedKeyboardButton', { user_id: ANNA.id, button: { text: 'x' } }, 'BUTTON_INVALID'],
  ])('%s of %j is refused', async (method, params, why) => {
    expect(await api.error(method, params)).toBe(`Bad Request: ${why}`);
  });

  test('a button that asks for something is prepared', async () => {
    const button = { text: 'x', request_users: { request_id: 1 } };
    expect(await api.result('savePreparedKeyboardButton', { user_id: ANNA.id, button })).toEqual({
      id: expect.any(String),
    });
  });
});
