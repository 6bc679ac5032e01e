import type { Message } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import type { Person } from '../../src/telegram/people/person.js';
import type { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { type ApiHarness, SUPERGROUP } from './api-harness.js';
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

function ask(reply_markup: object, chat_id = 1001): Promise<Message> {
  return api.result('sendMessage', { chat_id, text: 'What?', reply_markup });
}

/** The code and the words of what a person cannot do. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SendtwiceError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('this should be impossible');
}

describe('buttons under a message', () => {
  const KEYBOARD = {
    inline_keyboard: [
      [
        { text: 'Yes', callback_data: 'y' },
        { text: 'No', callback_data: 'n' },
      ],
      [{ text: 'y', callback_data: 'other' }],
    ],
  };

  test.each([
    ['its text', 'Yes', 'y'],
    ['its text rather than the data of another', 'y', 'other'],
    ['its data', 'n', 'n'],
    ['its text in words', { text: 'No' }, 'n'],
    ['its data in words', { data: 'y' }, 'y'],
    ['its place', { row: 1, column: 0 }, 'other'],
    ['what fits', ({ text }: { text: string }) => text.startsWith('N'), 'n'],
  ])('are found by %s', async (_, button, data) => {
    const tapped = chat.tap(await ask(KEYBOARD), button);
    expect(tapped.effect).toBe('asks-bot');
    expect((await updateOf(api)).callback_query?.data).toBe(data);
  });

  test('give a callback query as Telegram writes it', async () => {
    const message = await ask(KEYBOARD);
    const { callbackQueryId } = chat.tap(message, 'Yes');
    const { callback_query: query } = await updateOf(api);
    expect(query).toEqual({
      id: callbackQueryId,
      from: anna.user,
      message,
      chat_instance: expect.stringMatching(/^-?\d+$/),
      data: 'y',
    });
    expect(Object.keys(query ?? {})).toEqual(['id', 'from', 'message', 'chat_instance', 'data']);
  });

  test('must be there', async () => {
    const message = await ask(KEYBOARD);
    expect(refusal(() => chat.tap(message, 'Maybe'))).toBe(
      `people/impossible: message ${message.message_id} has no button “Maybe”; its buttons: “Yes” “No” / “y”`,
    );
    expect(refusal(() => chat.tap(message, { row: 2, column: 0 }))).toMatch(/no button at row 2, column 0/);
    expect(refusal(() => chat.tap(1, 'Yes'))).toBe('people/impossible: message 1 has no buttons');
    expect(refusal(() => chat.tap(99, 'Yes'))).toMatch(
      /^people\/impossible: cannot tap a button of message 99/,
    );
    await api.result('editMessageReplyMarkup', { chat_id: 1001, message_id: message.message_id });
    expect(refusal(() => chat.tap(message, 'Yes'))).toMatch(/has no buttons/);
  });

  test('that do not ask the bot say what they do', async () => {
    const message = await ask({
      inline_keyboard: [
        [
          { text: 'url', url: 'https://example.com/' },
          { text: 'login', login_url: { url: 'https://example.com/in' } },
          { text: 'copy', copy_text: { text: 'code' } },
          { text: 'app', web_app: { url: 'https://example.com/app' } },
          { text: 'share', switch_inline_query: 'q' },
        ],
      ],
    });
    const effects = ['url', 'login', 'copy', 'app', 'share'].map((text) => {
      const { effect, button, updateId } = chat.tap(message, text);
      return [effect, Object.keys(button)[1], updateId];
    });
    expect(effects).toEqual([
      ['opens-url', 'url', undefined],
      ['opens-url', 'url', undefined],
      ['copies-text', 'copy_text', undefined],
      ['opens-web-app', 'web_app', undefined],
      ['chooses-chat', 'switch_inline_query', undefined],
    ]);
    expect(await updatesOf(api)).toEqual([]);
  });

  test('can begin an inline query', async () => {
    const message = await ask({
      inline_keyboard: [[{ text: 'find', switch_inline_query_current_chat: 'tea' }]],
    });
    const { effect, inlineQueryId } = chat.tap(message, 'find');
    expect(effect).toBe('searches-inline');
    expect((await updateOf(api)).inline_query).toEqual({
      id: inlineQueryId,
      from: anna.user,
      chat_type: 'sender',
      query: 'tea',
      offset: '',
    });
  });
});

describe('buttons of the reply keyboard', () => {
  test('write their text, and stay until the bot takes them away', async () => {
    const asked = await ask({ keyboard: [['Tea', { text: 'Coffee' }]] });
    expect(chat.sees().keyboard).toEqual({
      messageId: asked.message_id,
      rows: [[{ text: 'Tea' }, { text: 'Coffee' }]],
    });
    chat.tapReply('Coffee');
    const { message } = await updateOf(api);
    expect(message?.text).toBe('Coffee');
    expect(message).not.toHaveProperty('reply_to_message');
    expect(refusal(() => chat.tapReply('Milk'))).toBe(
      'people/impossible: there is no button “Milk” on the reply keyboard; its buttons: “Tea” “Coffee”',
    );
    await ask({ remove_keyboard: true });
    expect(refusal(() => chat.tapReply('Tea'))).toMatch(/Anna \(1001\) sees no reply keyboard in chat 1001/);
    const { message_id: id } = await ask({ force_reply: true });
    expect(chat.sees().forceReplyTo).toBe(id);
  });

  test('send what they ask for', async () => {
    const { message_id: asked } = await ask({
      keyboard: [
        [
          { text: 'me', request_contact: true },
          { text: 'here', request_location: true },
          { text: 'app', web_app: { url: 'https://example.com/' } },
          { text: 'who', request_users: { request_id: 5, max_quantity: 2, request_name: true } },
          { text: 'where', request_chat: { request_id: 6, chat_is_channel: false, request_title: true } },
        ],
      ],
    });
    const bob = api.bot.person({ id: 8, first_name: 'Bob', username: 'bobby' });
    chat.tapReply('me');
    chat.tapReply('here', { place: { latitude: 3, longitude: 4 } });
    chat.tapReply('app', { data: '{"a":1}' });
    chat.tapReply('who', { users: [bob.user] });
    chat.tapReply('who', { users: [bob.user, anna.user] });
    chat.tapReply('where', { chat: SUPERGROUP });
    const messages = (await updatesOf(api)).map((update) => update.message);
    expect(messages[0]).toMatchObject({
      reply_to_message: { message_id: asked },
      contact: { phone_number: '4930123456', user_id: 1001 },
    });
    expect(messages[1]?.location).toEqual({ latitude: 3, longitude: 4 });
    expect(messages[2]?.web_app_data).toEqual({ button_text: 'app', data: '{"a":1}' });
    expect(messages[3]?.users_shared).toEqual({
      user_ids: [8],
      users: [{ user_id: 8, first_name: 'Bob' }],
      request_id: 5,
    });
    expect(messages[3]).toHaveProperty('user_shared', { user_id: 8, request_id: 5 });
    expect(messages[4]?.users_shared?.users).toHaveLength(2);
    expect(messages[4]).not.toHaveProperty('user_shared');
    expect(messages[5]?.chat_shared).toEqual({ chat_id: SUPERGROUP.id, title: 'Supergroup', request_id: 6 });
    expect(refusal(() => chat.tapReply('here'))).toMatch(/asks for something that was not given/);
    expect(refusal(() => chat.tapReply('who', { users: [bob.user, bob.user, bob.user] }))).toMatch(
      /3 users cannot be shared/,
    );
    const channel = { id: -1_000_000_000_555, type: 'channel', title: 'C' } as const;
    expect(refusal(() => chat.tapReply('where', { chat: channel }))).toMatch(
      /cannot be shared by this button/,
    );
  });
});

describe('polls of people', () => {
  test('are made by a button, or without', async () => {
    await ask({ keyboard: [[{ text: 'quiz', request_poll: { type: 'quiz' } }]] });
    const poll = { question: 'Is it?', options: ['yes', 'no'] };
    expect(refusal(() => chat.tapReply('quiz', { poll }))).toMatch(/“quiz” takes no regular poll/);
    chat.tapReply('quiz', { poll: { ...poll, correct: 1 } });
    chat.sendPoll(poll);
    const [quiz, regular] = (await updatesOf(api)).map((update) => update.message?.poll);
    expect(quiz).toMatchObject({ type: 'quiz', question: 'Is it?', is_closed: false });
    expect(quiz).not.toHaveProperty('correct_option_id');
    expect(regular?.options.map(({ text, voter_count: count }) => [text, count])).toEqual([
      ['yes', 0],
      ['no', 0],
    ]);
    expect(refusal(() => chat.sendPoll({ question: '?', options: ['a'] }))).toMatch(/1 options/);
  });
});

describe('what a person sees', () => {
  test('is the chat as it is now, with keyboards and toasts', async () => {
    const sent = await ask({ inline_keyboard: [[{ text: 'a', callback_data: 'b' }]] });
    const { callbackQueryId } = chat.tap(sent, 'a');
    await api.result('answerCallbackQuery', { callback_query_id: callbackQueryId, text: 'done' });
    expect(await chat.nextAnswer()).toEqual({ callbackQueryId, text: 'done' });
    const view = chat.sees();
    expect(view.messages.map(({ text }) => text)).toEqual(['/start', 'What?']);
    expect(view.fromBot).toEqual(sent);
    expect(view.toasts).toEqual(['done']);
  });

  test('is waited for: what came already first, then what comes', async () => {
    await ask({});
    expect((await chat.nextReply()).text).toBe('What?');
    const waiting = chat.nextReply({ match: /two/ });
    await api.result('sendMessage', { chat_id: 1001, text: 'one' });
    const second = await api.result('sendMessage', { chat_id: 1001, text: 'two' });
    expect((await waiting).message_id).toBe(second.message_id);
    await api.result('editMessageText', { chat_id: 1001, message_id: second.message_id, text: 'three' });
    expect((await chat.nextEdit()).text).toBe('three');
  });

  test('comes in time, or an error says what came instead', async () => {
    await api.result('sendMessage', { chat_id: 1001, text: 'something else' });
    const late = chat.nextReply({ match: 'two', timeoutMs: 1_000 }).then(
      () => 'came',
      (error: unknown) => error,
    );
    await api.clock.advance(1_001);
    expect(await late).toMatchObject({
      code: 'people/no-reply',
      message:
        'Anna (1001) in chat 1001: no message with “two” came within 1000 ms; what came: “something else”',
    });
  });

  test('of taps is for who tapped', async () => {
    const bob = api.bot.person({ first_name: 'Bob' });
    const [hers, his] = [anna.in(SUPERGROUP), bob.in(SUPERGROUP)];
    const message = await ask({ inline_keyboard: [[{ text: 'a', callback_data: 'b' }]] }, SUPERGROUP.id);
    const { callbackQueryId } = his.tap(message, 'a');
    await api.result('answerCallbackQuery', { callback_query_id: callbackQueryId, text: 'psst' });
    expect(his.sees().toasts).toEqual(['psst']);
    expect(hers.sees().toasts).toEqual([]);
    expect((await hers.nextReply()).message_id).toBe(message.message_id);
    expect((await his.nextReply()).message_id).toBe(message.message_id);
  });
});
