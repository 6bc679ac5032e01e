import type { Message } from '@grammyjs/types';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nearest } from '../../src/telegram/methods/replies.js';
import { ANNA, ApiHarness, SUPERGROUP } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello('one two one two');
});
afterEach(() => api.server.close());

const reply = (reply_parameters: object, params: object = {}) =>
  api.call<Message>('sendMessage', {
    chat_id: ANNA.id,
    text: 'x',
    reply_parameters: { message_id: 1, ...reply_parameters },
    ...params,
  });

describe('a quote', () => {
  test('is where it was said to be, or as near as possible', async () => {
    const quote = async (quote_position?: number) =>
      (await reply({ quote: 'two', quote_position })).body.result.quote;
    expect(await quote()).toEqual({ text: 'two', position: 4, is_manual: true });
    expect(await quote(9)).toEqual({ text: 'two', position: 12, is_manual: true });
    expect(await quote(1000)).toEqual({ text: 'two', position: 12, is_manual: true });
  });

  test('stands behind the reply, and keeps some entities', async () => {
    const { body } = await reply({
      quote: '<b>one</b> <a href="https://a.test">two</a>',
      quote_parse_mode: 'HTML',
    });
    expect(body.result.quote?.entities).toEqual([{ offset: 0, length: 3, type: 'bold' }]);
    expect(Object.keys(body.result)).toEqual([
      'message_id',
      'from',
      'chat',
      'date',
      'reply_to_message',
      'quote',
      'text',
    ]);
  });

  test('is of a caption, too', async () => {
    const photo = await api.result('sendPhoto', {
      chat_id: ANNA.id,
      photo: 'https://a.test/p.jpg',
      caption: 'a caption',
    });
    const { body } = await reply({ message_id: photo.message_id, quote: 'caption' });
    expect(body.result.quote).toMatchObject({ position: 2 });
  });

  test.each([
    [{ quote: 'three' }, 'QUOTE_TEXT_INVALID'],
    [
      { quote: '<b>', quote_parse_mode: 'HTML' },
      'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"',
    ],
    [{ quote: [] }, 'field "quote" must be of type String'],
    [{ quote_position: 'x' }, 'field "quote_position" must be a valid Number'],
    [{ chat_id: 77 }, 'chat not found'],
    [{ message_id: 77 }, 'message to be replied not found'],
  ])('%j: %s', async (parameters, text) => {
    expect((await reply(parameters)).body.description).toBe(`Bad Request: ${text}`);
  });

  test('is found nearest (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), fc.integer(), (text, at) => {
        const found = nearest(text, 'ab', at);
        const places = [...text.matchAll(/ab/g)].map(({ index }) => index);
        const start = Math.min(Math.max(at, 0), Math.max(text.length - 1, 0));
        const least = Math.min(...places.map((place) => Math.abs(place - start)));
        if (places.length === 0) expect(found).toBe(-1);
        else expect([text.slice(found, found + 2), Math.abs(found - start)]).toEqual(['ab', least]);
      }),
    );
  });
});

describe('a reply in another chat', () => {
  beforeEach(() => {
    api.write({ from: ANNA, chat: SUPERGROUP, text: 'secret' });
  });

  test('shows where the message is, in supergroups and channels', async () => {
    const { body } = await reply({ chat_id: SUPERGROUP.id, message_id: 1, quote: 'secret' });
    expect(body.result).not.toHaveProperty('reply_to_message');
    expect(body.result).toMatchObject({
      external_reply: {
        origin: { type: 'user', sender_user: { id: ANNA.id } },
        chat: { id: SUPERGROUP.id },
        message_id: 1,
      },
      quote: { text: 'secret' },
    });
  });

  test('shows media, not texts, and nothing of private chats', async () => {
    const photo = await api.result('sendPhoto', {
      chat_id: ANNA.id,
      photo: 'https://a.test/p.jpg',
      has_spoiler: true,
    });
    const { body } = await reply(
      { chat_id: ANNA.id, message_id: photo.message_id },
      { chat_id: SUPERGROUP.id },
    );
    const shown = body.result.external_reply;
    expect(shown).toMatchObject({ photo: photo.photo, has_media_spoiler: true });
    expect(shown).not.toHaveProperty('chat');
  });
});

describe('beside the content', () => {
  test('an effect is echoed, in private chats only', async () => {
    const { body } = await reply({}, { message_effect_id: '5104841245755180586' });
    expect(body.result).toHaveProperty('effect_id', '5104841245755180586');
    api.write({ from: ANNA, chat: SUPERGROUP, text: 'x' });
    expect(
      await api.error('sendMessage', { chat_id: SUPERGROUP.id, text: 'x', message_effect_id: '5' }),
    ).toBe("Bad Request: can't use message effects in the chat");
  });

  test('a suggested post needs a chat for that', async () => {
    const suggest = (parameters: object | string) =>
      api.error('sendMessage', { chat_id: ANNA.id, text: 'x', suggested_post_parameters: parameters });
    expect(await suggest({})).toBe(
      'Bad Request: suggested posts can be sent only to channel direct messages',
    );
    expect(await suggest('{')).toBe("Bad Request: can't parse suggested post parameters JSON object");
    expect(await suggest({ price: { currency: 'EUR', amount: 1 } })).toBe(
      'Bad Request: invalid suggested post price currency specified',
    );
    expect(await suggest({ price: { currency: 'TON', amount: 1 } })).toBe(
      'Bad Request: suggested post price must be divisible by 10000000 nanotoncoins',
    );
  });

  test('a caption above, a spoiler, and what is said of a file', async () => {
    const video = await api.result('sendVideo', {
      chat_id: ANNA.id,
      video: 'https://a.test/v.mp4',
      caption: 'c',
      show_caption_above_media: true,
      has_spoiler: true,
      duration: 7,
      width: 100,
      height: 50,
    });
    expect(video).toMatchObject({
      video: { duration: 7, width: 100, height: 50 },
      caption: 'c',
      show_caption_above_media: true,
      has_media_spoiler: true,
    });
    const media = (above: boolean) => ({
      type: 'photo',
      media: 'https://a.test/p.jpg',
      caption: 'c',
      show_caption_above_media: above,
    });
    const params = { chat_id: ANNA.id, media: [media(true), media(false)] };
    expect(await api.error('sendMediaGroup', params)).toBe(
      'Bad Request: parameter show_caption_above_media must be the same for all messages',
    );
  });
});
