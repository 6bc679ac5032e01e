import { expect, test } from 'vitest';
import { actionId } from '../../../src/base/ids.js';
import type { DeliveryFacts, DeliveryFault } from '../../../src/telegram/contracts.js';
import { answer, eventsOf, getUpdates, message, push, pushMessage, rig, setWebhook, silence } from './rig.js';

/** Hits each first attempt. */
const onFirst = (effect: DeliveryFault['effect'], delayMs = 0) => ({
  onDelivery: ({ attempt }: DeliveryFacts): DeliveryFault[] =>
    attempt === 1 ? [{ fault: 'f', effect, delayMs }] : [],
});

test('faults are asked once an attempt, and know what it is about', async () => {
  const asked: DeliveryFacts[] = [];
  const made = rig({
    faults: {
      onDelivery: (facts) => {
        asked.push(facts);
        return [];
      },
    },
  });
  await setWebhook(made);
  made.bot.react = () => answer(made.bot.requests.length === 1 ? 500 : 200);
  const id = push(made, 'message', message(7, made), { step: 3, action: actionId('u1.3.1') });
  await made.clock.advance(0);
  const facts = { bot: 42, updateId: id, kind: 'message', via: 'webhook', step: 3, action: 'u1.3.1' };
  expect(asked).toEqual([
    { ...facts, delivery: 'd1', attempt: 1 },
    { ...facts, delivery: 'd2', attempt: 2 },
  ]);
});

test('a duplicate is a delivery of its own beside the first', async () => {
  const made = rig({ faults: onFirst('duplicate', 500) });
  await setWebhook(made);
  made.bot.react = () => silence;
  const id = pushMessage(made);
  await made.clock.advance(500);
  expect(made.bot.requests.map(({ at, updateId, connection }) => [at, updateId, connection])).toEqual([
    [0, id, 1],
    [500, id, 2],
  ]);
  expect(eventsOf(made, 'delivery.started')[1]).toMatchObject({ delivery: 'd2', attempt: 2, fault: 'f' });
});

test('a duplicate comes even after the first was acknowledged, and moves nothing', async () => {
  const made = rig({ faults: onFirst('duplicate', 500) });
  await setWebhook(made);
  made.bot.react = (request) => answer(request.at === 500 ? 500 : 200);
  pushMessage(made);
  await made.clock.advance(100_000);
  expect(made.bot.requests).toHaveLength(2);
  expect(
    eventsOf(made, 'delivery.ended').map(({ outcome, status, fault }) => [outcome, status, fault]),
  ).toEqual([
    ['acknowledged', 200, undefined],
    ['refused', 500, 'f'],
  ]);
  expect(made.updates.webhookInfo()).toMatchObject({ pending_update_count: 0 });
  expect(made.updates.webhookInfo().last_error_message).toBeUndefined();
});

test('an acknowledged duplicate does not acknowledge the update', async () => {
  const made = rig({ faults: onFirst('duplicate', 500) });
  await setWebhook(made);
  made.bot.react = (request) => (request.at === 500 ? answer(200) : silence);
  pushMessage(made);
  await made.clock.advance(1000);
  expect(made.updates.webhookInfo().pending_update_count).toBe(1);
});

test('the method in the answer to a duplicate is run like any other', async () => {
  const made = rig({ faults: onFirst('duplicate') });
  await setWebhook(made);
  const body = Buffer.from('{"method":"sendMessage","text":"x"}');
  made.bot.react = () => answer(200, { contentType: 'application/json', body });
  pushMessage(made);
  await made.clock.advance(100);
  await made.updates.close();
  expect(made.calls.map(({ delivery }) => delivery)).toEqual(['d1', 'd2']);
});

test('an unanswered duplicate ends after 60 s, or abandoned when the webhook goes', async () => {
  const made = rig({ faults: onFirst('duplicate') });
  await setWebhook(made);
  made.bot.react = ({ connection }) => (connection === 2 ? silence : answer(200));
  pushMessage(made);
  await made.clock.advance(60_000);
  expect(eventsOf(made, 'delivery.ended')[1]).toMatchObject({
    at: 60_000,
    outcome: 'unknown',
    error: 'Read timeout expired',
    fault: 'f',
  });
  made.bot.react = () => silence;
  pushMessage(made);
  await made.clock.advance(3000);
  await made.updates.close();
  expect(eventsOf(made, 'delivery.ended').slice(2)).toMatchObject([
    { outcome: 'abandoned', fault: 'f' },
    { outcome: 'abandoned' },
  ]);
  expect(made.bot.open).toBe(0);
});

test('a lost acknowledgement is unknown, records no error and is sent again at once', async () => {
  const made = rig({ faults: onFirst('lose-acknowledgement') });
  await setWebhook(made);
  const body = Buffer.from('{"method":"sendMessage","text":"x"}');
  made.bot.react = () => answer(200, { contentType: 'application/json', body });
  pushMessage(made);
  await made.clock.advance(2000);
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([
    { delivery: 'd1', outcome: 'unknown', retryInMs: 0, fault: 'f' },
    { delivery: 'd2', outcome: 'acknowledged' },
  ]);
  expect(made.updates.webhookInfo().last_error_message).toBeUndefined();
  await made.updates.close();
  expect(made.calls.map(({ delivery }) => delivery)).toEqual(['d2']);
});

test('a shorter timeout ends the wait for the answer', async () => {
  const made = rig({ faults: onFirst('timeout', 1500) });
  await setWebhook(made);
  made.bot.react = () => silence;
  pushMessage(made);
  await made.clock.advance(1500);
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([
    { at: 1500, outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0, fault: 'f' },
  ]);
});

test('over polling a duplicate is handed out once more after it was confirmed', async () => {
  const made = rig({ faults: onFirst('duplicate') });
  const id = pushMessage(made);
  await getUpdates(made);
  expect((await getUpdates(made, { offset: id + 1 })).map((update) => update.update_id)).toEqual([id]);
  await made.clock.advance(5000);
  expect(await getUpdates(made, { offset: id + 1 })).toEqual([]);
  expect(eventsOf(made, 'delivery.started')).toMatchObject([{ attempt: 1 }, { attempt: 2, fault: 'f' }]);
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([
    { attempt: 1, outcome: 'acknowledged' },
    { attempt: 2, outcome: 'acknowledged', fault: 'f' },
  ]);
});

test('over polling a late duplicate ends the long poll that waits when it is due', async () => {
  const made = rig({ faults: onFirst('duplicate', 700) });
  const id = pushMessage(made);
  await getUpdates(made);
  let found: readonly { update_id: number }[] | undefined;
  void getUpdates(made, { offset: id + 1, timeout: 30 }).then((updates) => {
    found = updates;
  });
  await made.clock.advance(699);
  expect(found).toBeUndefined();
  await made.clock.advance(3);
  expect(found?.map((update) => update.update_id)).toEqual([id]);
});

test('who gets a delivery is asked before it is sent, and told how it ended when the history knows it', async () => {
  const heard: string[] = [];
  const made = rig({
    faults: {
      onDelivery: ({ attempt }) =>
        attempt === 2 ? [{ fault: 'f', effect: 'route', delayMs: 0, instance: 3 }] : [],
    },
    path: {
      started: ({ delivery, attempt }, wanted) => {
        heard.push(`${delivery} starts, ${made.bot.requests.length} were sent, wanted ${wanted}`);
        return wanted ?? attempt;
      },
      reached: (delivery) => delivery !== 'd1',
      ended: ({ delivery }, outcome) => {
        const last = eventsOf(made, 'delivery.ended').at(-1);
        heard.push(`${delivery} ended ${outcome}, as the history says of ${last?.delivery}`);
      },
    },
  });
  await setWebhook(made);
  made.bot.react = () => answer(made.bot.requests.length === 1 ? 502 : 200);
  pushMessage(made);
  await made.clock.advance(100);
  expect(heard).toEqual([
    'd1 starts, 0 were sent, wanted undefined',
    'd1 ended undelivered, as the history says of d1',
    'd2 starts, 1 were sent, wanted 3',
    'd2 ended acknowledged, as the history says of d2',
  ]);
  expect(eventsOf(made, 'delivery.started').map(({ instance }) => instance)).toEqual([1, 3]);
  // Telegram itself got an answer, and says so.
  expect(eventsOf(made, 'delivery.ended')[0]).toMatchObject({ outcome: 'undelivered', status: 502 });
  expect(made.updates.webhookInfo().last_error_message).toMatch(/502/);
});
