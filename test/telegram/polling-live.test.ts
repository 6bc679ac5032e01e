import type { Update, WebhookInfo } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiAnswer, ApiHarness, barrier, until } from './api-harness.js';

/** getUpdates as a bot meets it: over HTTP, on the test's clock. */

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
});
afterEach(() => api.server.close());

type Values = Readonly<Record<string, string | number>>;
interface Poll {
  answer?: ApiAnswer<Update[]>;
  done: Promise<void>;
}

/** A poll that has reached the server. */
async function poll(values: Values = {}): Promise<Poll> {
  const before = api.eventsOf('call.started').length;
  const call = api.call<Update[]>('getUpdates', values);
  const made: Poll = { done: Promise.resolve() };
  made.done = call.then(
    (answer) => {
      made.answer = answer;
    },
    // A poll that still waits when its test is over loses its connection: it stays without an answer.
    () => undefined,
  );
  await until(() => api.eventsOf('call.started').length > before);
  return made;
}

const ids = ({ answer }: Poll) => answer?.body.result.map((update) => update.update_id);
const get = async (values: Values = {}): Promise<number[]> =>
  (await api.result<Update[]>('getUpdates', values)).map((update) => update.update_id);
const say = (count: number): number[] => Array.from({ length: count }, () => Number(api.hello().updateId));
const pending = async () => (await api.result<WebhookInfo>('getWebhookInfo')).pending_update_count;
const conflict = (answer: ApiAnswer<unknown> | undefined) => [answer?.status, answer?.body.description];
const OTHER =
  'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';
const ACTIVE =
  "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

test('item 15: garbage is a number too: limit "abc" is clamped from 0 to 1', async () => {
  const [first, second] = say(3);
  expect(await get({ limit: 'abc' })).toEqual([first]);
  await api.clock.advance(1_000);
  expect(await get({ limit: '2x' })).toEqual([first, second]);
});

test('item 21: an empty queue and timeout 1, over HTTP', async () => {
  const made = await poll({ timeout: 1 });
  await api.clock.advance(999);
  await barrier(api);
  expect(made.answer).toBeUndefined();
  await api.clock.advance(1);
  await made.done;
  expect(made.answer?.text).toBe('{"ok":true,"result":[]}');
});

test('item 22: timeout 3600 ends after 50 s, over HTTP', async () => {
  const made = await poll({ timeout: 3600 });
  await api.clock.advance(49_999);
  await barrier(api);
  expect(made.answer).toBeUndefined();
  await api.clock.advance(1);
  await made.done;
  expect(ids(made)).toEqual([]);
});

test('item 23: limits, over HTTP', async () => {
  say(101);
  expect(await get({ limit: 0 })).toHaveLength(1);
  await api.clock.advance(1_000);
  expect(await get({ limit: 1000 })).toHaveLength(100);
});

test('item 24: the same call twice, over HTTP', async () => {
  const all = say(2);
  expect(await get()).toEqual(all);
  await api.clock.advance(1_000);
  expect(await get()).toEqual(all);
});

test('item 25: an offset confirms, over HTTP', async () => {
  const [first = 0, second] = say(2);
  expect(await get({ offset: first + 1 })).toEqual([second]);
  expect(await pending()).toBe(1);
});

test('item 26: offset -1, over HTTP', async () => {
  const all = say(5);
  expect(await get({ offset: -1 })).toEqual(all.slice(-1));
  expect(await pending()).toBe(1);
});

test('item 27: an offset too far ahead, over HTTP', async () => {
  const all = say(3);
  expect(await get({ offset: Number(all[2]) + 12 })).toEqual(all);
  expect(await pending()).toBe(3);
});

test('item 28: short polls with the same offset, over HTTP', async () => {
  expect(await get()).toEqual([]);
  const made = await poll();
  await api.clock.advance(2_999);
  await barrier(api);
  expect(made.answer).toBeUndefined();
  await api.clock.advance(1);
  await made.done;
  expect(ids(made)).toEqual([]);
});

test('item 29: the same offset within half a second, over HTTP', async () => {
  const all = say(5);
  await get();
  await api.clock.advance(499);
  expect(await get()).toEqual(all.slice(0, 1));
});

test('item 30: a second long poll ends the first, over HTTP', async () => {
  const first = await poll({ timeout: 50 });
  const second = await poll({ timeout: 50 });
  await first.done;
  expect(conflict(first.answer)).toEqual([409, OTHER]);
  await barrier(api);
  expect(second.answer).toBeUndefined();
});

test('item 31: the third poll ends the second three seconds late, over HTTP', async () => {
  await poll({ timeout: 50 });
  const second = await poll({ timeout: 50 });
  await api.clock.advance(1_000);
  await poll({ timeout: 50 });
  await api.clock.advance(2_999);
  await barrier(api);
  expect(second.answer).toBeUndefined();
  await api.clock.advance(1);
  await second.done;
  expect(conflict(second.answer)).toEqual([409, OTHER]);
});

test('item 32: a short poll beside a long one, over HTTP', async () => {
  const long = await poll({ timeout: 50 });
  expect(await get({ offset: 5 })).toEqual([]);
  await barrier(api);
  expect(long.answer).toBeUndefined();
});

test('item 33: getUpdates beside a webhook, over HTTP', async () => {
  await api.result('setWebhook', { url: 'http://127.0.0.1:9/' });
  expect(conflict(await api.call('getUpdates'))).toEqual([409, ACTIVE]);
  const second = await poll();
  await api.clock.advance(2_999);
  await barrier(api);
  expect(second.answer).toBeUndefined();
  await api.clock.advance(1);
  await second.done;
  expect(conflict(second.answer)).toEqual([409, ACTIVE]);
});

test('item 34: setWebhook ends a long poll, over HTTP', async () => {
  const made = await poll({ timeout: 50 });
  await api.result('setWebhook', { url: 'http://127.0.0.1:9/' });
  await made.done;
  expect(conflict(made.answer)).toEqual([409, 'Conflict: terminated by setWebhook request']);
});

test('item 35: deleteWebhook leaves a long poll alone, over HTTP', async () => {
  const made = await poll({ timeout: 50 });
  await api.result('deleteWebhook');
  await barrier(api);
  expect(made.answer).toBeUndefined();
});

test('item 36: an update ends a long poll, over HTTP', async () => {
  const made = await poll({ timeout: 50 });
  const all = say(2);
  await api.clock.advance(2);
  await made.done;
  expect(ids(made)).toEqual(all);
});

test('item 37: update ids, over HTTP', async () => {
  const [first = 0, second, third] = say(3);
  expect(first).toBeGreaterThan(200_000);
  expect(await get()).toEqual([first, first + 1, first + 2]);
  expect([second, third]).toEqual([first + 1, first + 2]);
});

test('item 123: what the bot sends and edits is no update, neither by polling nor in the count', async () => {
  const { chatId } = api.hello();
  const [hello] = await get();
  const long = await poll({ timeout: 50, offset: Number(hello) + 1 });
  const { message_id } = await api.result('sendMessage', { chat_id: chatId, text: 'x' });
  await api.result('editMessageText', { chat_id: chatId, message_id, text: 'y' });
  await api.result('copyMessage', { chat_id: chatId, from_chat_id: chatId, message_id });
  await api.clock.advance(10);
  await barrier(api);
  expect(long.answer).toBeUndefined();
  expect(await pending()).toBe(0);
  const next = api.hello('next').updateId;
  await api.clock.advance(2);
  await long.done;
  expect(ids(long)).toEqual([next]);
  expect(next).toBe(Number(hello) + 1);
});
