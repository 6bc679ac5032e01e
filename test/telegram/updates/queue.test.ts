import { expect, test } from 'vitest';
import type { UpdateKind } from '../../../src/telegram/contracts.js';
import { expiryOf, queueIdOf } from '../../../src/telegram/updates/kinds.js';
import { MAX_UPDATE_BYTES, MAX_UPDATES, UpdateQueue } from '../../../src/telegram/updates/queue.js';
import {
  answer,
  eventsOf,
  getUpdates,
  message,
  person,
  privateChat,
  push,
  pushMessage,
  pushTap,
  rig,
  setWebhook,
  silence,
} from './rig.js';

const SLOT = 2 ** 33;
const DAY_S = 86_400;
const chat = privateChat(7);
const from = person(8);

test.each<[UpdateKind, Record<string, unknown>, number, number]>([
  ['message', { chat, date: 900 }, 7, 900 + DAY_S],
  ['edited_message', { chat, date: 900, edit_date: 950 }, 7, 950 + DAY_S],
  ['inline_query', { from }, 8 + SLOT, 1030],
  ['chosen_inline_result', { from }, 8 + 2 * SLOT, 1600],
  ['callback_query', { from, message: { chat } }, 8 + 3 * SLOT, 1150],
  ['shipping_query', { from }, 8 + 4 * SLOT, 1150],
  ['pre_checkout_query', { from }, 8 + 4 * SLOT, 1150],
  ['my_chat_member', { chat, from, date: 900 }, 7 + 5 * SLOT, 900 + DAY_S],
  ['chat_member', { chat, from, date: 900, new_chat_member: { user: person(9) } }, 9 + 6 * SLOT, 900 + DAY_S],
  ['chat_join_request', { chat, from, date: 900 }, 8 + 6 * SLOT, 900 + DAY_S],
  ['message_reaction', { chat, user: from, date: 900 }, 7 + 8 * SLOT, 900 + DAY_S],
  ['business_connection', { user: from }, 8 + 10 * SLOT, 1000 + DAY_S],
  ['deleted_business_messages', { chat }, 7 + 11 * SLOT, 1000 + DAY_S],
  ['poll', { id: '77' }, 77, 1000 + DAY_S],
  ['poll_answer', { poll_id: '77' }, 77, 1000 + DAY_S],
])('%s has its queue and its expiry', (kind, payload, queue, expiry) => {
  expect(queueIdOf(kind, payload)).toBe(BigInt(queue));
  expect(expiryOf(kind, payload, 1000)).toBe(expiry);
});

test('what is older than a day is not queued', () => {
  const made = rig();
  const payload = { ...message(7, made), date: made.clock.unixSeconds() - DAY_S };
  expect(made.updates.push('message', payload, {})).toBeUndefined();
  expect(made.events).toEqual([]);
});

test('the history knows what was queued, and until when', async () => {
  const made = rig();
  await made.clock.advance(5000);
  const id = pushTap(made, 7, -100);
  expect(made.events).toEqual([
    {
      type: 'update.queued',
      at: 5000,
      bot: 42,
      updateId: id,
      kind: 'callback_query',
      queue: String(7 + 3 * SLOT),
      chatId: -100,
      userId: 7,
      expiresAt: 155_000,
    },
  ]);
});

test('an update that is too large is lost, and the history says so', () => {
  const made = rig();
  const id = push(made, 'message', { ...message(7, made), text: 'x'.repeat(MAX_UPDATE_BYTES) });
  expect(made.events).toMatchObject([{ type: 'update.dropped', updateId: id, reason: 'queue-full' }]);
  expect(made.updates.webhookInfo().pending_update_count).toBe(0);
});

test('a full queue loses updates until there is room', () => {
  const queue = new UpdateQueue(() => 0);
  const add = () => queue.push('message', '"message":{}', 2_000_000_000, 1n, {});
  let queued = 0;
  while (add().update !== undefined) queued += 1;
  expect(queued).toBe(MAX_UPDATES);
  queue.forget(queue.headId);
  expect(add().update).toBeDefined();
  expect(queue.size).toBe(MAX_UPDATES);
});

test('expired updates count until they are swept out: after 600 s, then every 60 s', async () => {
  const made = rig();
  const tap = pushTap(made);
  await made.clock.advance(599_000);
  expect(made.updates.webhookInfo().pending_update_count).toBe(1);
  await made.clock.advance(1000);
  expect(made.updates.webhookInfo().pending_update_count).toBe(0);
  expect(eventsOf(made, 'update.dropped')).toMatchObject([{ at: 600_000, updateId: tap, reason: 'expired' }]);
  pushTap(made);
  await made.clock.advance(151_000);
  expect(made.updates.webhookInfo().pending_update_count).toBe(1);
  await made.clock.advance(29_000);
  expect(made.updates.webhookInfo().pending_update_count).toBe(0);
});

test('an update that waits behind a blocked head is sent even when it has expired', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => silence;
  // 30 s each: both have expired when the first attempt of the head times out.
  const query = { id: '1', from: person(7), query: '', offset: '' };
  const [head, behind] = [push(made, 'inline_query', query), push(made, 'inline_query', query)];
  await made.clock.advance(59_000);
  made.bot.react = () => answer(200);
  await made.clock.advance(3000);
  expect(made.bot.requests.map((request) => request.updateId)).toEqual([head, behind]);
  expect(eventsOf(made, 'update.dropped')).toMatchObject([{ updateId: head, reason: 'expired' }]);
  expect(eventsOf(made, 'delivery.ended').at(-1)).toMatchObject({
    updateId: behind,
    outcome: 'acknowledged',
  });
});

test('an update that was swept out while it waited is dropped when the webhook goes', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => answer(500, { retryAfterS: 3600 });
  pushMessage(made, 7);
  const old = { ...message(7, made), date: made.clock.unixSeconds() - DAY_S + 100 };
  const behind = push(made, 'message', old);
  await made.clock.advance(600_000);
  expect(made.updates.webhookInfo().pending_update_count).toBe(1);
  expect(eventsOf(made, 'update.dropped')).toEqual([]);
  await made.updates.close();
  expect(eventsOf(made, 'update.dropped')).toMatchObject([{ updateId: behind, reason: 'expired' }]);
});

test('an update that expired before it was loaded is not sent', async () => {
  const made = rig();
  const tap = pushTap(made);
  const text = pushMessage(made);
  await made.clock.advance(151_000);
  await setWebhook(made);
  await made.clock.advance(0);
  expect(made.bot.requests.map((request) => request.updateId)).toEqual([text]);
  expect(eventsOf(made, 'update.dropped')).toMatchObject([{ updateId: tap, reason: 'expired' }]);
});

test('ids stay consecutive while the queue empties and fills', async () => {
  const made = rig();
  let last = pushMessage(made) as number;
  for (let round = 0; round < 50; round += 1) {
    await getUpdates(made, { offset: last + 1 });
    await made.clock.advance(5000);
    for (let count = 0; count < 100; count += 1) {
      const next = pushMessage(made);
      expect(next).toBe(last + 1);
      last = next;
    }
  }
  expect(made.updates.webhookInfo().pending_update_count).toBe(100);
});
