import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallFacts, CallFault } from '../../src/telegram/contracts.js';
import { ANNA, ANNAS_CHAT, ApiHarness } from './api-harness.js';

let api: ApiHarness;
let faults: CallFault[];
let facts: CallFacts[];
beforeEach(async () => {
  faults = [];
  facts = [];
  api = await ApiHarness.start({
    faults: {
      onCall: (it) => {
        facts.push(it);
        return it.method === 'sendMessage' ? faults : [];
      },
    },
  });
  api.hello();
});
afterEach(() => api.server.close());

const send = (params: object = {}) => api.call('sendMessage', { chat_id: ANNA.id, text: 'x', ...params });

test('a call is told from its start to its end', async () => {
  const headers = { 'content-type': 'application/json', traceparent: '00-ab-cd-01' };
  const body = JSON.stringify({ chat_id: ANNA.id, text: 'x', reply_parameters: { message_id: 1 } });
  await api.request('SENDMESSAGE', { method: 'POST', headers, body });
  await api.ended();
  expect(api.events.filter(({ type }) => type.startsWith('call.'))).toEqual([
    {
      type: 'call.started',
      call: 'c1',
      bot: api.bot.id,
      method: 'sendMessage',
      via: 'http',
      chatId: ANNA.id,
      replyToMessageId: 1,
      traceparent: '00-ab-cd-01',
    },
    {
      type: 'call.ended',
      call: 'c1',
      bot: api.bot.id,
      method: 'sendMessage',
      ok: true,
      applied: true,
      answered: true,
      messageIds: [2],
      contents: [{ kind: 'text', text: 'x' }],
      fidelity: 'modelled',
    },
  ]);
});

test('people see what a message shows besides itself: its reply keyboard', async () => {
  const seen: unknown[] = [];
  api.bot.onSeen(({ what, content }) => seen.push({ what, content }));
  await send({ reply_markup: { keyboard: [['Yes', 'No']] } });
  await send();
  await api.call('editMessageText', { chat_id: ANNA.id, message_id: 3, text: 'y' });
  await api.call('deleteMessage', { chat_id: ANNA.id, message_id: 3 });
  const keyboard = { type: 'reply', rows: [[{ text: 'Yes' }, { text: 'No' }]] };
  expect(seen).toMatchObject([
    { what: 'sent', content: { kind: 'text', text: 'x', keyboard } },
    { what: 'sent', content: { kind: 'text', text: 'x' } },
    { what: 'edited', content: { kind: 'text', text: 'y' } },
    { what: 'deleted', content: undefined },
  ]);
});

test('a failed call is told too, and an unknown one', async () => {
  await send({ chat_id: 5 });
  await api.call('nosuch');
  const [first, second] = await api.ended(2);
  expect(first).toMatchObject({
    ok: false,
    errorCode: 400,
    description: 'Bad Request: chat not found',
    applied: false,
    answered: true,
  });
  expect(second).toMatchObject({ method: 'nosuch', errorCode: 404, applied: false });
});

test('an edit and a delete tell which message they are about', async () => {
  await api.call('editMessageText', { chat_id: ANNA.id, message_id: 1, text: 'y' });
  await api.call('copyMessage', { chat_id: ANNA.id, from_chat_id: ANNA.id, message_id: 1 });
  const [edit, copy] = api.eventsOf('call.started');
  expect(edit).toMatchObject({ messageId: 1 });
  expect(copy).not.toHaveProperty('messageId');
});

test('methods that the bot has called are remembered, and told as they start', async () => {
  const methods: string[] = [];
  const stop = api.bot.onCall((method) => methods.push(method));
  expect(api.bot.hasCalled('getMe')).toBe(false);
  await api.call('GETME');
  stop();
  await api.call('getWebhookInfo');
  expect(api.bot.hasCalled('getMe')).toBe(true);
  expect(methods).toEqual(['getMe']);
});

describe('faults', () => {
  test('see what they may hit', async () => {
    await send();
    expect(facts).toEqual([{ call: 'c1', bot: api.bot.id, method: 'sendMessage', chatId: ANNA.id }]);
  });

  test('before, error: nothing happens', async () => {
    faults = [{ fault: 'f', phase: 'before', delayMs: 0, effect: 'error', error: { code: 502 } }];
    const { status, text } = await send();
    expect([status, text]).toEqual([502, '{"ok":false,"error_code":502,"description":"Bad Gateway"}']);
    const [event] = await api.ended();
    expect(event).toMatchObject({ ok: false, errorCode: 502, applied: false, answered: true, fault: 'f' });
    expect(event).not.toHaveProperty('messageIds');
  });

  test('after, error: it happened, and the bot is told otherwise', async () => {
    faults = [
      { fault: 'f', phase: 'after', delayMs: 0, effect: 'error', error: { code: 500, message: 'Oops' } },
    ];
    const seen: string[] = [];
    api.bot.onSeen(({ what }) => seen.push(what));
    expect((await send()).body.description).toBe('Oops');
    expect((await api.ended())[0]).toMatchObject({
      ok: false,
      applied: true,
      answered: true,
      messageIds: [2],
    });
    expect(seen).toEqual(['sent']);
  });

  test.each([
    ['before', false],
    ['after', true],
  ] as const)('%s, reset: the connection ends without an answer', async (phase, applied) => {
    faults = [{ fault: 'f', phase, delayMs: 0, effect: 'reset' }];
    await expect(send()).rejects.toThrow('fetch failed');
    expect((await api.ended())[0]).toMatchObject({ ok: false, applied, answered: false, fault: 'f' });
  });

  test('delays of one phase add up; the person sees the message before the late answer', async () => {
    faults = [
      { fault: 'slow', phase: 'after', delayMs: 1_000 },
      { fault: 'slower', phase: 'after', delayMs: 2_000 },
    ];
    const seen = new Promise((resolve) => api.bot.onSeen(resolve));
    const answer = send();
    await seen;
    expect(api.eventsOf('call.ended')).toEqual([]);
    await api.clock.advance(2_999);
    expect(api.eventsOf('call.ended')).toEqual([]);
    await api.clock.advance(1);
    expect((await answer).status).toBe(200);
    expect((await api.ended())[0]).toMatchObject({ ok: true, fault: 'slow' });
  });

  test('the first effect wins', async () => {
    faults = [
      { fault: 'slow', phase: 'before', delayMs: 0 },
      { fault: 'first', phase: 'after', delayMs: 0, effect: 'error', error: { code: 500 } },
      { fault: 'second', phase: 'before', delayMs: 0, effect: 'reset' },
    ];
    expect((await send()).status).toBe(500);
    expect((await api.ended())[0]).toMatchObject({ applied: true, fault: 'first' });
  });

  test('a call that waits does not keep the server from closing', async () => {
    faults = [{ fault: 'slow', phase: 'before', delayMs: 1_000_000 }];
    const answer = send();
    const failed = expect(answer).rejects.toThrow();
    while (facts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await api.server.close();
    await failed;
    expect((await api.ended())[0]).toMatchObject({ applied: false, answered: false });
    expect(api.bot.message(ANNAS_CHAT, 2)).toBeUndefined();
  });
});

test('a bot that hangs up during a long poll gets no answer', async () => {
  await api.result('getUpdates', { offset: 0 });
  const last = (await api.result<Update[]>('getUpdates', { offset: 0 }))[0]?.update_id ?? 0;
  const hangUp = new AbortController();
  const poll = fetch(`${api.url('getUpdates')}?timeout=50&offset=${last + 1}`, { signal: hangUp.signal });
  const failed = expect(poll).rejects.toThrow();
  while (api.eventsOf('call.started').length < 3) await new Promise((resolve) => setImmediate(resolve));
  hangUp.abort();
  await failed;
  expect((await api.ended(3))[2]).toMatchObject({ method: 'getUpdates', answered: false });
});

test('a method in the answer of the webhook runs as a call of its own', async () => {
  const bot = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: 'sendMessage', chat_id: ANNA.id, text: 'from the answer' }));
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/`;
    const set = await api.call('setWebhook', { url, drop_pending_updates: true });
    expect(set.text).toBe('{"ok":true,"result":true,"description":"Webhook was set"}');
    const seen = new Promise((resolve) => api.bot.onSeen(resolve));
    api.hello();
    expect(await seen).toMatchObject({ what: 'sent', message: { text: 'from the answer' } });
    const started = api.eventsOf('call.started').at(-1);
    expect(started).toMatchObject({ method: 'sendMessage', via: 'webhook-answer', delivery: 'd1' });
    expect((await api.ended(2)).at(-1)).toMatchObject({ call: started?.call, ok: true, answered: true });
  } finally {
    bot.closeAllConnections();
    bot.close();
  }
});
