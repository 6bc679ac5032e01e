import type { Location, Message } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANNA, ANNAS_CHAT, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const where = { chat_id: ANNA.id, latitude: 1, longitude: 2 };
const send = (params: object = { live_period: 60 }) =>
  api.result<Message.LocationMessage>('sendLocation', { ...where, ...params });
const move = (message_id: number, params: object = {}) =>
  api.result<Message.LocationMessage>('editMessageLiveLocation', { ...where, message_id, ...params });
const error = (method: string, params: object) => api.error(method, { ...where, ...params });
const shown = (id: number) => api.bot.message(ANNAS_CHAT, id)?.location as Location;

test('moves, and is a place like any other when its time is up', async () => {
  const { message_id: id, location } = await send({ live_period: 60, heading: 90 });
  expect(Object.keys(location)).toEqual(['latitude', 'longitude', 'live_period', 'heading']);
  await api.clock.advance(5_000);
  const moved = await move(id, { latitude: 3, horizontal_accuracy: 10 });
  expect(moved).toMatchObject({ edit_date: 1_800_000_005, location: { latitude: 3, live_period: 60 } });
  expect(Object.keys(moved.location)).toEqual([
    'latitude',
    'longitude',
    'live_period',
    'horizontal_accuracy',
  ]);
  await api.clock.advance(55_000);
  expect(shown(id)).toEqual({ latitude: 3, longitude: 2, horizontal_accuracy: 10 });
  expect(await error('editMessageLiveLocation', { message_id: id })).toBe(
    "Bad Request: message can't be edited",
  );
  expect(await error('stopMessageLiveLocation', { message_id: id })).toBe(
    "Bad Request: message can't be edited",
  );
});

test('is stopped', async () => {
  const { message_id: id } = await send();
  const stopped = await api.result<Message>('stopMessageLiveLocation', { chat_id: ANNA.id, message_id: id });
  expect(stopped.location).toEqual({ latitude: 1, longitude: 2 });
  expect(stopped).toHaveProperty('edit_date');
});

test('gets more time, or all of it', async () => {
  const { message_id: id } = await send();
  await move(id, { live_period: 120 });
  await api.clock.advance(60_000);
  expect(shown(id)).toHaveProperty('live_period', 120);
  await move(id, { live_period: 0x7fff_ffff });
  await api.clock.advance(86_400_000);
  expect(shown(id)).toHaveProperty('live_period', 0x7fff_ffff);
});

test.each([
  [
    {},
    'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
  ],
  [{ heading: 361 }, 'wrong live location heading specified'],
  [{ proximity_alert_radius: 100_001 }, 'wrong live location proximity alert radius specified'],
  [{ latitude: 91 }, 'invalid live location specified'],
  [{ latitude: '' }, 'latitude is empty'],
  [{ message_id: 99 }, 'message to edit not found'],
  [{ message_id: 1 }, "message can't be edited"],
])('editMessageLiveLocation %j: %s', async (params, text) => {
  const { message_id } = await send();
  expect(await error('editMessageLiveLocation', { message_id, ...params })).toBe(`Bad Request: ${text}`);
});

test('a text does not move', async () => {
  const { message_id } = await api.result('sendMessage', { chat_id: ANNA.id, text: 'x' });
  expect(await error('editMessageLiveLocation', { message_id })).toBe(
    'Bad Request: there is no live location in the message to edit',
  );
});
