import type { Message, MessageId } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANNA, ANNAS_CHAT, ApiHarness, BORIS } from './api-harness.js';

const CHANNEL = { id: -1_000_000_000_900, type: 'channel', title: 'News' } as const;

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
  api.hello('hi', BORIS);
});
afterEach(() => api.server.close());

const send = (method: string, params: object = {}) => api.result(method, { chat_id: ANNA.id, ...params });
const pass = <T = Message>(method: string, params: object) =>
  api.call<T>(method, { chat_id: BORIS.id, from_chat_id: ANNA.id, ...params });
const ids = (count: number, first = 3) => Array.from({ length: count }, (_, index) => first + index);
const shown = (id: number) => api.bot.message(ANNAS_CHAT, id);
const inBoris = ({ message_id: id }: MessageId) => api.bot.message(BORIS.id as never, id);
const photo = { type: 'photo', media: 'https://a.test/p.jpg' };

describe('the origin of a forward', () => {
  test('is a user; and that of a forward is the first one', async () => {
    const first = await pass('forwardMessage', { message_id: 1 });
    expect(first.body.result).toMatchObject({
      forward_origin: { type: 'user', sender_user: { id: ANNA.id } },
      forward_from: { id: ANNA.id },
      text: 'hello',
    });
    expect(Object.keys(first.body.result)).toEqual([
      'message_id',
      'from',
      'chat',
      'date',
      'forward_origin',
      'forward_from',
      'forward_date',
      'text',
    ]);
    const params = { chat_id: ANNA.id, from_chat_id: BORIS.id, message_id: first.body.result.message_id };
    const second = await api.result('forwardMessage', params);
    expect(second.forward_origin).toEqual(first.body.result.forward_origin);
  });

  test('is a channel', async () => {
    api.bot.addChat(CHANNEL);
    const post = await api.result('sendMessage', { chat_id: CHANNEL.id, text: 'news' });
    const { body } = await pass('forwardMessage', { from_chat_id: CHANNEL.id, message_id: post.message_id });
    expect(body.result).toMatchObject({
      forward_origin: { type: 'channel', chat: CHANNEL, message_id: post.message_id },
      forward_from_chat: CHANNEL,
      forward_from_message_id: post.message_id,
    });
  });
});

describe('several at once', () => {
  test('an album stays one, under a new id', async () => {
    await send('sendMediaGroup', { media: [photo, photo] });
    await send('sendMessage', { text: 'x' });
    const { body } = await pass<MessageId[]>('forwardMessages', { message_ids: ids(3) });
    const groups = body.result.map((it) => inBoris(it)?.media_group_id);
    expect(groups).toEqual([expect.any(String), groups[0], undefined]);
    expect(groups[0]).not.toBe(shown(3)?.media_group_id);
  });

  test('one item of an album is none', async () => {
    await send('sendMediaGroup', { media: [photo, photo] });
    const { body } = await pass<MessageId[]>('copyMessages', { message_ids: [3] });
    expect(body.result.map((it) => inBoris(it)?.media_group_id)).toEqual([undefined]);
  });

  test('documents become an album', async () => {
    for (const name of ['a', 'b']) await send('sendDocument', { document: `https://a.test/${name}.pdf` });
    const { body } = await pass<MessageId[]>('forwardMessages', { message_ids: ids(2) });
    const groups = body.result.map((it) => inBoris(it)?.media_group_id);
    expect(groups).toEqual([expect.any(String), groups[0]]);
  });

  test('copies can be without captions', async () => {
    await send('sendPhoto', { photo: 'https://a.test/p.jpg', caption: 'c' });
    const { body } = await pass<MessageId[]>('copyMessages', { message_ids: [3], remove_caption: true });
    expect(body.result.map((it) => inBoris(it)?.caption)).toEqual([undefined]);
  });

  test.each([
    [{ message_ids: [] }, 'message identifiers are not specified'],
    [{ message_ids: [77] }, 'there are no messages to forward'],
    [{ message_ids: [3, 1] }, 'message identifiers must be in a strictly increasing order'],
    [{ message_ids: [4] }, "messages can't be forwarded"],
    [{ message_ids: [1], chat_id: 77 }, 'chat not found'],
    [{ message_ids: [1], from_chat_id: '' }, 'parameter "from_chat_id" is required'],
  ])('forwardMessages %j: %s', async (params, text) => {
    await send('sendMessage', { text: 'x' });
    await send('pinChatMessage', { message_id: 3 });
    expect((await pass('forwardMessages', params)).body.description).toBe(`Bad Request: ${text}`);
  });

  test('what cannot go is left out', async () => {
    await send('sendMessage', { text: 'x' });
    await send('pinChatMessage', { message_id: 3 });
    const { body } = await pass<MessageId[]>('forwardMessages', { message_ids: [1, 4, 77] });
    expect(body.result).toHaveLength(1);
  });
});

describe('what cannot go', () => {
  test('protected messages are copied, not forwarded', async () => {
    await send('sendMessage', { text: 'x', protect_content: true });
    expect((await pass('forwardMessage', { message_id: 3 })).body.description).toBe(
      "Bad Request: the message can't be forwarded",
    );
    expect((await pass('copyMessage', { message_id: 3 })).body.ok).toBe(true);
  });

  test('nothing of a protected chat is forwarded', async () => {
    api.bot.addChat({ ...CHANNEL, has_protected_content: true } as never);
    const { message_id } = await api.result('sendMessage', { chat_id: CHANNEL.id, text: 'x' });
    const { body } = await pass('forwardMessage', { from_chat_id: CHANNEL.id, message_id });
    expect(body.description).toBe("Bad Request: message has protected content and can't be forwarded");
  });

  test('service messages', async () => {
    await send('sendMessage', { text: 'x' });
    await send('pinChatMessage', { message_id: 3 });
    expect((await pass('forwardMessage', { message_id: 4 })).body.description).toBe(
      "Bad Request: the message can't be forwarded",
    );
    expect((await pass('copyMessage', { message_id: 4 })).body.description).toBe(
      "Bad Request: the message can't be copied",
    );
  });

  test('what is to be copied is looked for before where to', async () => {
    expect((await pass('copyMessage', { message_id: 77, chat_id: 78 })).body.description).toBe(
      'Bad Request: message to copy not found',
    );
  });
});

test('a copy gets a new caption, above if wanted; a text has none', async () => {
  await send('sendPhoto', { photo: 'https://a.test/p.jpg', caption: 'old', has_spoiler: true });
  const params = { caption: 'new', show_caption_above_media: true };
  const { body } = await pass<MessageId>('copyMessage', { message_id: 3, ...params });
  expect(inBoris(body.result)).toMatchObject({
    caption: 'new',
    show_caption_above_media: true,
    has_media_spoiler: true,
  });
  const text = await pass<MessageId>('copyMessage', { message_id: 1, ...params });
  expect(inBoris(text.body.result)).not.toHaveProperty('caption');
});

test('a copy of a live location stands still', async () => {
  await send('sendLocation', { latitude: 1, longitude: 2, live_period: 60, heading: 5 });
  const { body } = await pass<MessageId>('copyMessage', { message_id: 3 });
  expect(inBoris(body.result)?.location).toEqual({ latitude: 1, longitude: 2 });
});
