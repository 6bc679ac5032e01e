import { expect, test } from 'vitest';
import type { ApiError } from '../../../src/telegram/api-error.js';
import {
  answer,
  eventsOf,
  getUpdates,
  message,
  params,
  privateChat,
  push,
  pushMessage,
  pushTap,
  type Rig,
  rig,
  setWebhook,
} from './rig.js';

const OTHER =
  'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';

/** What became of a poll, and when. */
function watch(made: Rig, values: Readonly<Record<string, string | number>> = {}) {
  const outcome: { at?: number; ids?: number[]; error?: string } = {};
  getUpdates(made, values).then(
    (found) => Object.assign(outcome, { at: made.clock.now(), ids: found.map((update) => update.update_id) }),
    (error: ApiError) => Object.assign(outcome, { at: made.clock.now(), error: error.description }),
  );
  return outcome;
}

const pushed = (made: Rig, count: number): number[] => Array.from({ length: count }, () => pushMessage(made));
const pending = (made: Rig) => made.updates.webhookInfo().pending_update_count;

test('item 21: an empty queue and timeout 1 give an empty list after a second', async () => {
  const made = rig();
  const poll = watch(made, { timeout: 1 });
  await made.clock.advance(999);
  expect(poll).toEqual({});
  await made.clock.advance(1);
  expect(poll).toEqual({ at: 1000, ids: [] });
});

test('item 22: no poll waits longer than 50 s', async () => {
  const made = rig();
  const poll = watch(made, { timeout: 3600 });
  await made.clock.advance(60_000);
  expect(poll).toEqual({ at: 50_000, ids: [] });
});

test('item 23: the limit lies between 1 and 100', async () => {
  const made = rig();
  pushed(made, 101);
  expect(await getUpdates(made, { limit: 0 })).toHaveLength(1);
  await made.clock.advance(5000);
  expect(await getUpdates(made, { limit: 1000 })).toHaveLength(100);
});

test('item 24: reading confirms nothing', async () => {
  const made = rig();
  pushed(made, 3);
  const first = await getUpdates(made);
  await made.clock.advance(1000);
  expect(await getUpdates(made)).toEqual(first);
});

test('item 25: a higher offset confirms what is older', async () => {
  const made = rig();
  const [, second = 0, third = 0] = pushed(made, 3);
  await getUpdates(made);
  expect((await getUpdates(made, { offset: second + 1 })).map((update) => update.update_id)).toEqual([third]);
  expect(pending(made)).toBe(1);
});

test('item 26: offset -1 returns the newest and forgets the rest', async () => {
  const made = rig();
  const ids = pushed(made, 5);
  expect((await getUpdates(made, { offset: -1 })).map((update) => update.update_id)).toEqual(ids.slice(-1));
  expect(pending(made)).toBe(1);
  expect(eventsOf(made, 'update.dropped').map(({ updateId, reason }) => [updateId, reason])).toEqual(
    ids.slice(0, 4).map((id) => [id, 'dropped-by-bot']),
  );
});

test('item 27: an offset too far ahead returns everything and confirms nothing', async () => {
  const made = rig();
  const ids = pushed(made, 3);
  const next = (ids.at(-1) ?? 0) + 1;
  expect(await getUpdates(made, { offset: next + 11 })).toHaveLength(3);
  expect(pending(made)).toBe(3);
  expect(await getUpdates(made, { offset: next + 10 })).toHaveLength(0);
  expect(pending(made)).toBe(0);
});

test('an offset a little ahead swallows the updates that come before it', async () => {
  const made = rig();
  const [id = 0] = pushed(made, 1);
  const poll = watch(made, { offset: id + 3, timeout: 10 });
  await made.clock.advance(100);
  pushed(made, 1);
  await made.clock.advance(100);
  expect(poll).toMatchObject({ ids: [] });
  expect(pending(made)).toBe(0);
});

test('item 28: asking for the same too soon waits about three seconds', async () => {
  const made = rig();
  await getUpdates(made);
  await made.clock.advance(1000);
  const poll = watch(made);
  await made.clock.advance(2999);
  expect(poll).toEqual({});
  await made.clock.advance(1);
  expect(poll).toEqual({ at: 4000, ids: [] });
});

test('item 29: asking for the same within half a second gets one update', async () => {
  const made = rig();
  pushed(made, 5);
  expect(await getUpdates(made)).toHaveLength(5);
  await made.clock.advance(499);
  expect(await getUpdates(made)).toHaveLength(1);
});

test('item 30: a second long poll ends the first; item 31: the third one ends it three seconds late', async () => {
  const made = rig();
  const a = watch(made, { timeout: 30 });
  await made.clock.advance(1000);
  const b = watch(made, { timeout: 30 });
  await made.clock.advance(1000);
  expect(a).toEqual({ at: 1000, error: OTHER });
  const c = watch(made, { timeout: 30 });
  await made.clock.advance(2999);
  expect(b).toEqual({});
  await made.clock.advance(1);
  expect(b).toEqual({ at: 5000, error: OTHER });
  expect(c).toEqual({});
});

test('item 32: a short poll does not disturb a long one', async () => {
  const made = rig();
  const long = watch(made, { timeout: 30 });
  await made.clock.advance(1000);
  expect(await getUpdates(made, { offset: 5 })).toEqual([]);
  expect(long).toEqual({});
});

test('item 33: with a webhook getUpdates is refused, the second time three seconds late', async () => {
  const made = rig();
  await setWebhook(made);
  const first = watch(made);
  const second = watch(made);
  await made.clock.advance(10_000);
  const error =
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
  expect(first).toEqual({ at: 0, error });
  expect(second).toEqual({ at: 3000, error });
});

test('item 34: setWebhook ends a long poll, even when it fails', async () => {
  const made = rig();
  const poll = watch(made, { timeout: 30 });
  await expect(setWebhook(made, { secret_token: 'a b' })).rejects.toThrow('unallowed');
  await made.clock.advance(0);
  expect(poll).toEqual({ at: 0, error: 'Conflict: terminated by setWebhook request' });
});

test('item 35: deleteWebhook does not disturb a long poll', async () => {
  const made = rig();
  const poll = watch(made, { timeout: 1 });
  await made.updates.deleteWebhook(params());
  await made.clock.advance(1000);
  expect(poll).toEqual({ at: 1000, ids: [] });
});

test('item 36: an update ends a long poll after 1 ms of quiet, 2 ms at most', async () => {
  const made = rig();
  const poll = watch(made, { timeout: 30 });
  await made.clock.advance(1000);
  const ids = pushed(made, 1);
  await made.clock.advance(0.9);
  ids.push(...pushed(made, 1));
  await made.clock.advance(0.9);
  ids.push(...pushed(made, 1));
  await made.clock.advance(10);
  expect(poll).toEqual({ at: 1002, ids });
});

test('item 37: update ids are consecutive and begin with a large one', () => {
  const made = rig();
  const [first = 0, ...others] = pushed(made, 3);
  expect(first).toBeGreaterThan(200_000);
  expect(others).toEqual([first + 1, first + 2]);
});

test('the result is the text of the updates, and nothing beyond ASCII', async () => {
  const made = rig();
  const payload = { ...message(1, made), text: 'ж😀/', chat: privateChat(1) };
  const id = push(made, 'message', payload);
  const json = await made.updates.getUpdates(params(), new AbortController().signal);
  expect(json.startsWith(`[{"update_id":${id},\n"message":{`)).toBe(true);
  expect(json).toContain(String.raw`"text":"\u0436\ud83d\ude00/"`);
});

test('expired updates are not handed out', async () => {
  const made = rig();
  const tap = pushTap(made);
  const text = pushMessage(made);
  await made.clock.advance(151_000);
  expect((await getUpdates(made)).map((update) => update.update_id)).toEqual([text]);
  expect(eventsOf(made, 'update.dropped')).toMatchObject([{ updateId: tap, reason: 'expired' }]);
});

test('an answer ends before it is larger than 4 MiB', async () => {
  const made = rig();
  for (let round = 0; round < 10; round += 1) {
    push(made, 'message', { ...message(1, made), text: 'x'.repeat(512 * 1024 - 500) });
  }
  expect(await getUpdates(made)).toHaveLength(8);
});

test('allowed_updates of getUpdates holds for later updates', async () => {
  const made = rig();
  pushTap(made);
  await getUpdates(made, { allowed_updates: '["message"]' });
  expect(() => pushTap(made)).toThrow('not queued');
  expect(pending(made)).toBe(1);
});

test('each hand-out is a delivery; the last one is acknowledged by a later offset', async () => {
  const made = rig();
  const id = pushMessage(made);
  await getUpdates(made);
  await made.clock.advance(1000);
  await getUpdates(made);
  await getUpdates(made, { offset: id + 1 });
  expect(eventsOf(made, 'delivery.started')).toMatchObject([
    { delivery: 'd1', updateId: id, attempt: 1, via: 'polling' },
    { delivery: 'd2', updateId: id, attempt: 2, via: 'polling' },
  ]);
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([
    { delivery: 'd1', outcome: 'unknown', retryInMs: 0 },
    { delivery: 'd2', outcome: 'acknowledged' },
  ]);
  expect(eventsOf(made, 'update.dropped')).toEqual([]);
});

test('a negative offset acknowledges what was handed out and drops what was not', async () => {
  const made = rig();
  const seen = pushMessage(made);
  await getUpdates(made);
  const [unseen] = [pushMessage(made), pushMessage(made)];
  await getUpdates(made, { offset: -1 });
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([{ updateId: seen, outcome: 'acknowledged' }]);
  expect(eventsOf(made, 'update.dropped')).toMatchObject([{ updateId: unseen, reason: 'dropped-by-bot' }]);
});

test('a signal that comes after the answer changes nothing', async () => {
  const made = rig();
  const id = pushMessage(made);
  const connection = new AbortController();
  await getUpdates(made, {}, connection.signal);
  connection.abort();
  await getUpdates(made, { offset: id + 1 });
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([{ updateId: id, outcome: 'acknowledged' }]);
});

test('a setWebhook that fails leaves what was handed out to be confirmed', async () => {
  const made = rig();
  const id = pushMessage(made);
  await getUpdates(made);
  await expect(setWebhook(made, { url: 'https://' })).rejects.toThrow('invalid webhook URL');
  await getUpdates(made, { offset: id + 1 });
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([{ updateId: id, outcome: 'acknowledged' }]);
});

test('a poll whose connection is gone takes no updates', async () => {
  const made = rig();
  const connection = new AbortController();
  const poll = getUpdates(made, { timeout: 30 }, connection.signal);
  connection.abort();
  expect(await poll).toEqual([]);
  pushMessage(made);
  await made.clock.advance(100);
  expect(eventsOf(made, 'delivery.started')).toEqual([]);
});

test('setting a webhook abandons what polling handed out; the webhook gets it again', async () => {
  const made = rig();
  const id = pushMessage(made);
  await getUpdates(made);
  made.bot.react = () => answer(200);
  await setWebhook(made);
  await made.clock.advance(100);
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([
    { updateId: id, attempt: 1, outcome: 'abandoned' },
    { updateId: id, attempt: 2, outcome: 'acknowledged' },
  ]);
});

test('closing ends a waiting poll and leaves no timer', async () => {
  const made = rig();
  pushMessage(made);
  const [{ update_id: id } = { update_id: 0 }] = await getUpdates(made);
  const poll = watch(made, { offset: id + 1, timeout: 30 });
  await made.updates.close();
  await made.clock.advance(0);
  expect(poll).toEqual({ at: 0, error: 'Internal Server Error: restart' });
  expect(made.clock.pending).toBe(0);
});
