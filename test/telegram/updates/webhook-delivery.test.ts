import { expect, test } from 'vitest';
import {
  answer,
  eventsOf,
  person,
  privateChat,
  push,
  pushMessage,
  pushTap,
  type Rig,
  rig,
  setWebhook,
  silence,
} from './rig.js';

const ids = ({ bot }: Rig) => bot.requests.map((request) => request.updateId);

/** Gaps between the attempts, in seconds. */
const gaps = ({ bot }: Rig) => {
  const times = bot.requests.map((request) => request.at);
  return times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1000);
};

const healthy = async (made: Rig): Promise<void> => {
  await setWebhook(made);
  pushMessage(made, 1_000_000);
  await made.clock.advance(0);
  made.bot.requests.length = 0;
};

test('item 58: a chat waits for the answer to its first message', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = () => answer(200, { afterMs: 3000 });
  const [first, second] = [pushMessage(made), pushMessage(made)];
  await made.clock.advance(2999);
  expect(ids(made)).toEqual([first]);
  await made.clock.advance(1);
  expect(ids(made)).toEqual([first, second]);
});

test('item 59: two chats are served at the same time', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = () => silence;
  const both = [pushMessage(made, 1), pushMessage(made, 2)];
  await made.clock.advance(0);
  expect(ids(made)).toEqual(both);
});

test('item 60: a message and a tap of the same user are in flight at the same time', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = () => silence;
  const both = [pushMessage(made, 7), pushTap(made, 7)];
  await made.clock.advance(0);
  expect(ids(made)).toEqual(both);
});

test('item 61: two taps of one user wait for each other, even in different chats', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = () => answer(200, { afterMs: 10 });
  const [first, second] = [pushTap(made, 7, -100), pushTap(made, 7, -200)];
  await made.clock.advance(9);
  expect(ids(made)).toEqual([first]);
  await made.clock.advance(1);
  expect(ids(made)).toEqual([first, second]);
});

test('item 62: an edit waits for the message before it', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = () => answer(200, { afterMs: 10 });
  const first = pushMessage(made, 7);
  const now = made.clock.unixSeconds();
  const edited = {
    message_id: 1,
    date: now,
    edit_date: now,
    chat: privateChat(7),
    from: person(7),
    text: 'x',
  };
  const second = push(made, 'edited_message', edited);
  await made.clock.advance(9);
  expect(ids(made)).toEqual([first]);
  await made.clock.advance(1);
  expect(ids(made)).toEqual([first, second]);
});

test('item 63: a poll and its answers wait for each other', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = () => answer(200, { afterMs: 10 });
  const first = push(made, 'poll', { id: '5368324170671202286' });
  const second = push(made, 'poll_answer', {
    poll_id: '5368324170671202286',
    user: person(7),
    option_ids: [],
  });
  const other = push(made, 'poll', { id: '5368324170671202287' });
  await made.clock.advance(9);
  expect(ids(made)).toEqual([first, other]);
  await made.clock.advance(1);
  expect(ids(made)).toEqual([first, other, second]);
});

test('item 64: max_connections 1 means one request at a time', async () => {
  const made = rig();
  await setWebhook(made, { max_connections: 1 });
  made.bot.react = () => answer(200, { afterMs: 10 });
  for (const chat of [1, 2, 3]) pushMessage(made, chat);
  await made.clock.advance(29);
  expect(made.bot.requests.map((request) => request.at)).toEqual([0, 10, 20]);
  expect(made.bot.targets).toHaveLength(1);
});

test('item 65: a failing update is sent after 0, 2, 4, 8, 16 and 32 s', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(500, { reason: 'Internal Server Error' });
  pushMessage(made);
  await made.clock.advance(65_000);
  expect(gaps(made)).toEqual([0, 2, 4, 8, 16, 32]);
  expect(made.updates.webhookInfo()).toMatchObject({
    last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
    pending_update_count: 1,
  });
});

test('item 66: from the eighth failure on it waits 60 to 120 s, never the same', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(500);
  pushMessage(made);
  await made.clock.advance(3_600_000);
  const [seventh, ...later] = gaps(made).slice(6);
  expect(seventh).toBeGreaterThanOrEqual(60);
  expect(seventh).toBeLessThanOrEqual(64);
  expect(Math.min(...later)).toBeGreaterThanOrEqual(60);
  expect(Math.max(...later)).toBeLessThanOrEqual(120);
  expect(new Set(later).size).toBeGreaterThan(5);
});

test('item 67: Retry-After replaces the wait and uses up the immediate retry', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(500, { retryAfterS: made.bot.requests.length === 1 ? 7 : 0 });
  pushMessage(made);
  await made.clock.advance(10_000);
  expect(gaps(made)).toEqual([7, 2]);
  expect(eventsOf(made, 'delivery.ended').map((ended) => ended.retryInMs)).toEqual([7000, 2000, 4000]);
});

test('item 68: Retry-After is capped at an hour', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(500, { retryAfterS: 99_999 });
  pushMessage(made);
  await made.clock.advance(3_600_000);
  expect(gaps(made)).toEqual([3600]);
});

test('item 69: 429 without Retry-After is a failure like any other', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(429);
  pushMessage(made);
  await made.clock.advance(7000);
  expect(gaps(made)).toEqual([0, 2, 4]);
});

test('item 70: a redirect is a failure', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(302, { reason: 'Found' });
  pushMessage(made);
  await made.clock.advance(0);
  expect(made.updates.webhookInfo().last_error_message).toBe('Wrong response from the webhook: 302 Found');
  expect(eventsOf(made, 'delivery.ended')[0]).toMatchObject({
    outcome: 'refused',
    status: 302,
    retryInMs: 0,
  });
});

test.each([
  [200, true],
  [204, true],
  [299, true],
  [199, false],
  [300, false],
])('item 71: %i counts as success: %s', async (status, success) => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => (made.bot.requests.length === 1 ? answer(status) : silence);
  pushMessage(made);
  await made.clock.advance(0);
  expect(made.updates.webhookInfo().pending_update_count).toBe(success ? 0 : 1);
});

test('item 72: no answer for 60 s closes the connection, and the update is sent again at once', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => silence;
  pushMessage(made);
  await made.clock.advance(59_999);
  expect(made.bot.requests).toHaveLength(1);
  await made.clock.advance(1);
  expect(gaps(made)).toEqual([60]);
  expect(made.updates.webhookInfo().last_error_message).toBe('Read timeout expired');
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([{ outcome: 'unknown', retryInMs: 0 }]);
  expect(made.bot.requests.map((request) => request.connection)).toEqual([1, 2]);
});

test('a connection that is never established expires while writing', async () => {
  const made = rig();
  made.bot.network = 'hang';
  await setWebhook(made);
  pushMessage(made);
  await made.clock.advance(60_000);
  expect(made.updates.webhookInfo().last_error_message).toBe('Write timeout expired');
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([{ outcome: 'undelivered' }]);
});

test('item 74: a clean close without an answer records no error', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => (made.bot.requests.length === 1 ? { is: 'end' } : answer(200));
  pushMessage(made);
  await made.clock.advance(2000);
  expect(made.bot.requests).toHaveLength(2);
  expect(made.updates.webhookInfo().last_error_message).toBeUndefined();
  expect(eventsOf(made, 'delivery.ended').map((ended) => ended.outcome)).toEqual(['unknown', 'acknowledged']);
});

test('item 75: a refused connection is tried again once in two seconds', async () => {
  const made = rig();
  made.bot.network = 'refuse';
  await setWebhook(made);
  pushMessage(made);
  await made.clock.advance(5000);
  expect(made.updates.webhookInfo().last_error_message).toBe('Connection refused');
  // Attempts fall due after 0, 0, 2 and 4 s; connections are allowed at 0, 2, 4 s.
  expect(eventsOf(made, 'delivery.started').map((started) => started.at)).toEqual([0, 2000, 4000]);
  expect(eventsOf(made, 'delivery.ended').every((ended) => ended.outcome === 'undelivered')).toBe(true);
});

test('item 76: a success leaves the last error where it was', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(made.bot.requests.length === 1 ? 500 : 200, { reason: '' });
  pushMessage(made);
  await made.clock.advance(1000);
  expect(made.updates.webhookInfo()).toMatchObject({
    pending_update_count: 0,
    last_error_date: 1_800_000_000,
    last_error_message: 'Wrong response from the webhook: 500 ',
  });
});

test('item 77: a failing chat stops no other', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = (request) => answer(request.text.includes('"id":1,') ? 500 : 200);
  pushMessage(made, 1);
  for (let round = 0; round < 5; round += 1) pushMessage(made, 2);
  await made.clock.advance(1000);
  expect(made.bot.requests.filter((request) => request.text.includes('"id":2,'))).toHaveLength(5);
  expect(made.updates.webhookInfo().pending_update_count).toBe(1);
});

test('item 78: an update is dropped as soon as its next attempt would come too late', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(500);
  const tap = pushTap(made);
  const query = push(made, 'inline_query', { id: '1', from: person(7), query: '', offset: '' });
  const text = pushMessage(made, 9);
  await made.clock.advance(86_400_000);
  const attempts = (id: number) => made.bot.requests.filter((request) => request.updateId === id).length;
  // 0, 0, 2, 6, 14, 30, 62, 122 s: the next would come after 150 s.
  expect(attempts(tap)).toBeGreaterThanOrEqual(7);
  expect(attempts(tap)).toBeLessThanOrEqual(8);
  expect(attempts(query)).toBeGreaterThanOrEqual(5);
  expect(attempts(query)).toBeLessThanOrEqual(6);
  expect(attempts(text)).toBeGreaterThan(700);
  const dropped = eventsOf(made, 'update.dropped');
  expect(dropped.map(({ updateId, reason }) => [updateId, reason])).toEqual([
    [query, 'expired'],
    [tap, 'expired'],
    [text, 'expired'],
  ]);
  expect(made.updates.webhookInfo().pending_update_count).toBe(0);
});

test('item 79: 410 for more than 23 hours removes the webhook and keeps the updates', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(410, { reason: 'Gone' });
  pushMessage(made);
  await made.clock.advance(23 * 3_600_000);
  expect(made.updates.webhookInfo().url).not.toBe('');
  await made.clock.advance(200_000);
  expect(made.updates.webhookInfo()).toEqual({
    url: '',
    has_custom_certificate: false,
    pending_update_count: 1,
  });
  expect(made.bot.open).toBe(0);
});

test('item 79: one success in between starts the count anew', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = (request) => answer(request.text.includes('"id":1,') ? 410 : 200);
  pushMessage(made, 1);
  await made.clock.advance(12 * 3_600_000);
  pushMessage(made, 2);
  await made.clock.advance(11.5 * 3_600_000);
  expect(made.updates.webhookInfo().url).not.toBe('');
});

test('item 86: updates share a connection while the bot keeps it open', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(200, { keepAlive: made.bot.requests.length !== 2 });
  for (let round = 0; round < 3; round += 1) pushMessage(made);
  await made.clock.advance(100);
  expect(made.bot.requests.map((request) => request.connection)).toEqual([1, 1, 2]);
});

test('item 87: an idle connection is closed after 60 s without an error', async () => {
  const made = rig();
  await healthy(made);
  await made.clock.advance(59_999);
  expect(made.bot.open).toBe(1);
  await made.clock.advance(1);
  expect(made.bot.open).toBe(0);
  expect(made.updates.webhookInfo().last_error_message).toBeUndefined();
});

test('connections are opened ten at once and twenty a second while deliveries succeed', async () => {
  const made = rig();
  await healthy(made);
  made.bot.react = () => silence;
  for (let chat = 1; chat <= 30; chat += 1) pushMessage(made, chat);
  expect(made.bot.open).toBe(11);
  await made.clock.advance(500);
  expect(made.bot.open).toBe(21);
});

test('without a recent success there is one connection only', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => silence;
  for (let chat = 1; chat <= 5; chat += 1) pushMessage(made, chat);
  await made.clock.advance(30_000);
  expect(made.bot.open).toBe(1);
});

test('no more than twice max_connections queues are loaded: when all of them are stuck, new chats wait', async () => {
  const made = rig();
  await setWebhook(made, { max_connections: 2 });
  made.bot.react = () => answer(500);
  for (let chat = 1; chat <= 5; chat += 1) pushMessage(made, chat);
  await made.clock.advance(100_000);
  expect(new Set(ids(made)).size).toBe(4);
});

test('a backlog leaves by queue id, not by update id', async () => {
  const made = rig();
  const [late, early] = [pushMessage(made, 200), pushMessage(made, 100)];
  await setWebhook(made, { max_connections: 1 });
  await made.clock.advance(100);
  expect(ids(made)).toEqual([early, late]);
});

test('the traceparent is the last header and stands in the history, only when the run traces', async () => {
  const made = rig({ trace: true });
  await setWebhook(made);
  pushMessage(made);
  await made.clock.advance(0);
  const traceparent = eventsOf(made, 'delivery.started')[0]?.traceparent;
  expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const head = made.bot.requests[0]?.text.split('\r\n\r\n')[0];
  expect(head?.split('\r\n').at(-1)).toBe(`traceparent: ${traceparent}`);
});
