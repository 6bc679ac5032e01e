import type { Message } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANNA, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const photo = { type: 'photo', media: 'https://a.test/p.jpg' };
const video = { type: 'video', media: 'https://a.test/v.mp4', duration: 9, width: 10, height: 20 };
const params = (more: object = {}) => ({ chat_id: ANNA.id, star_count: 5, media: [photo], ...more });

test('paid media has a price, and a caption behind it', async () => {
  const sent = await api.result<Message.PaidMediaMessage>(
    'sendPaidMedia',
    params({ media: [photo, video], caption: 'c', show_caption_above_media: true, payload: 'p' }),
  );
  expect(sent.paid_media).toMatchObject({
    star_count: 5,
    paid_media: [
      { type: 'photo', photo: [{}, {}, {}] },
      { type: 'video', video: { duration: 9, width: 10, height: 20 } },
    ],
  });
  expect(Object.keys(sent).slice(-3)).toEqual(['paid_media', 'caption', 'show_caption_above_media']);
  const stored = api.bot.world.chats.chat(ANNA.id)?.messages.get(sent.message_id);
  expect(stored?.paidMediaPayload).toBe('p');
});

test('a caption is edited, a copy is refused', async () => {
  const { message_id } = await api.result('sendPaidMedia', params());
  const where = { chat_id: ANNA.id, message_id };
  expect(await api.result('editMessageCaption', { ...where, caption: 'new' })).toMatchObject({
    caption: 'new',
  });
  expect(await api.error('copyMessage', { ...where, from_chat_id: ANNA.id })).toBe(
    "Bad Request: the message can't be copied",
  );
});

test.each([
  [{ star_count: 0 }, 'invalid media price specified'],
  [{ star_count: 1_000_001 }, 'invalid media price specified'],
  [{ media: '' }, 'parameter "media" is required'],
  [{ media: '{' }, "can't parse paid media JSON object"],
  [{ media: {} }, 'expected an Array of InputPaidMedia'],
  [{ media: [1] }, "can't parse InputPaidMedia: expected an Object"],
  [{ media: [{ type: 'photo' }] }, "can't parse InputPaidMedia: media not found"],
  [{ media: [{ media: 'https://a.test/p.jpg' }] }, 'can\'t parse InputPaidMedia: Can\'t find field "type"'],
  [{ media: [{ ...photo, type: 'audio' }] }, 'can\'t parse InputPaidMedia: type "audio" is unsupported'],
  [{ media: [{ ...photo, type: 'live_photo' }] }, "can't parse InputPaidMedia: photo not found"],
  [{ media: [] }, 'invalid number of paid media specified'],
  [{ media: Array(11).fill(photo) }, 'invalid number of paid media specified'],
])('sendPaidMedia %j: %s', async (more, text) => {
  expect(await api.error('sendPaidMedia', params(more))).toBe(`Bad Request: ${text}`);
});

test('a live photo has a picture and a video', async () => {
  const given = { chat_id: ANNA.id, live_photo: 'https://a.test/v.mp4', photo: 'https://a.test/p.jpg' };
  expect(await api.result('sendLivePhoto', { ...given, caption: 'c', has_spoiler: true })).toMatchObject({
    live_photo: { photo: [{}, {}, {}], file_id: expect.any(String), duration: 1 },
    caption: 'c',
    has_media_spoiler: true,
  });
  expect(await api.error('sendLivePhoto', { ...given, live_photo: '' })).toBe(
    'Bad Request: there is no live photo in the request',
  );
  expect(await api.error('sendLivePhoto', { ...given, photo: '' })).toBe(
    'Bad Request: there is no photo in the request',
  );
});
