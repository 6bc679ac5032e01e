import { afterEach, expect, test } from 'vitest';
import type { FloodLimits } from '../../src/telegram/flood.js';
import { ANNA, ApiHarness, BORIS, SUPERGROUP, until } from './api-harness.js';

let api: ApiHarness;
afterEach(() => api.server.close());

async function limited(flood?: FloodLimits): Promise<void> {
  api = await ApiHarness.start(flood === undefined ? {} : { flood });
  api.hello();
  api.hello('hi', BORIS);
  api.write({ from: ANNA, chat: SUPERGROUP, text: 'hi' });
}
const send = (chat_id: number) => api.call('sendMessage', { chat_id, text: 'x' });

test('without the option nothing is limited', async () => {
  await limited();
  for (let i = 0; i < 50; i += 1) expect((await send(SUPERGROUP.id)).status).toBe(200);
});

test('one message a second to one chat; the next gets an official 429', async () => {
  await limited({ perChatPerSecond: 1 });
  expect((await send(ANNA.id)).status).toBe(200);
  await api.clock.advance(100);
  const { status, headers, text } = await send(ANNA.id);
  expect([status, headers.get('retry-after')]).toEqual([429, '1']);
  expect(text).toBe(
    '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}',
  );
  expect((await send(BORIS.id)).status).toBe(200);
  await api.clock.advance(900);
  expect((await send(ANNA.id)).status).toBe(200);
  expect((await api.ended(4))[1]).toMatchObject({ errorCode: 429, applied: false });
});

test('twenty a minute to a group, edits included; retry_after says when there is room again', async () => {
  await limited({ perGroupPerMinute: 20 });
  for (let i = 0; i < 20; i += 1) {
    expect((await send(SUPERGROUP.id)).status).toBe(200);
    await api.clock.advance(1_000);
  }
  expect((await send(SUPERGROUP.id)).body.parameters).toEqual({ retry_after: 40 });
  const edit = await api.call('editMessageText', { chat_id: SUPERGROUP.id, message_id: 2, text: 'y' });
  expect(edit.body.parameters).toEqual({ retry_after: 40 });
  expect((await send(ANNA.id)).status).toBe(200);
  await api.clock.advance(40_000);
  expect((await send(SUPERGROUP.id)).status).toBe(200);
});

test('an album counts its items, and is sent whole or not at all', async () => {
  await limited({ overallPerSecond: 3 });
  await send(BORIS.id);
  const media = Array(3).fill({ type: 'photo', media: 'https://a.test/p.jpg' });
  const { body } = await api.call('sendMediaGroup', { chat_id: ANNA.id, media });
  expect(body.parameters).toEqual({ retry_after: 1 });
  expect((await send(ANNA.id)).body.result.message_id).toBe(4);
  await api.clock.advance(1_000);
  expect((await api.call('sendMediaGroup', { chat_id: ANNA.id, media })).status).toBe(200);
});

test('answers to taps, chat actions and edits in private chats are free', async () => {
  await limited({ perChatPerSecond: 1, overallPerSecond: 1 });
  const { message_id } = (await send(ANNA.id)).body.result;
  for (let i = 0; i < 5; i += 1) {
    const { callbackQueryId } = api.tap(message_id);
    await api.result('answerCallbackQuery', { callback_query_id: callbackQueryId });
    await api.result('sendChatAction', { chat_id: ANNA.id, action: 'typing' });
    await api.result('editMessageText', { chat_id: ANNA.id, message_id, text: `${i}` });
  }
});

test('waits of up to 8 s in all are a slow answer, as the official server absorbs them', async () => {
  await limited({ perGroupPerMinute: 2, perChatPerSecond: 1, absorbMs: 8_000 });
  await send(ANNA.id);
  const slow = send(ANNA.id);
  await until(() => api.clock.pending > 0);
  expect(api.eventsOf('call.ended').filter(({ answered }) => answered)).toHaveLength(1);
  await api.clock.advance(1_000);
  expect((await slow).status).toBe(200);
  expect((await api.ended(2))[1]).toMatchObject({ ok: true, applied: true });

  expect((await send(SUPERGROUP.id)).status).toBe(200);
  await api.clock.advance(10_000);
  expect((await send(SUPERGROUP.id)).status).toBe(200);
  expect((await send(SUPERGROUP.id)).body.parameters).toEqual({ retry_after: 50 });
});

test('waits add up: the call that would wait for a ninth second gets the last wait', async () => {
  await limited({ perChatPerSecond: 1, absorbMs: 8_000 });
  const answers = Promise.all(Array.from({ length: 10 }, () => send(ANNA.id)));
  // Each second one of those that wait gets through, and the others wait for one more.
  for (let second = 0; second <= 8; second += 1) {
    await until(() => api.clock.pending >= 9 - second || api.eventsOf('call.ended').length === 10);
    await api.clock.advance(1_000);
  }
  const statuses = (await answers).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(9);
  expect(statuses.filter((status) => status === 429)).toHaveLength(1);
});

test('a call that is held back does not keep the server from closing', async () => {
  await limited({ perChatPerSecond: 1, absorbMs: 8_000 });
  await send(ANNA.id);
  const held = send(ANNA.id).then(
    () => 'answered',
    () => 'reset',
  );
  await until(() => api.clock.pending > 0);
  await api.server.close();
  expect(await held).toBe('reset');
});
