import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Message } from '@grammyjs/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { MESSAGES_PER_CHAT } from '../../src/telegram/chats/message-store.js';
import { LIMITS, METHODS, type MethodName } from '../../src/telegram/methods/table.generated.js';
import { ANNA, ApiHarness, BORIS, GROUP, SUPERGROUP } from './api-harness.js';

const ALL = Object.keys(METHODS) as MethodName[];
/** These wait, or end what the test needs. They are called for themselves below. */
const APART = ['getUpdates', 'setWebhook', 'deleteWebhook', 'close', 'logOut'];
const NAMES = ALL.filter((name) => !APART.includes(name));
const CHATS = [ANNA.id, BORIS.id, GROUP.id, SUPERGROUP.id];

const keyboard = { inline_keyboard: [[{ text: 'b', callback_data: 'd' }]] };
const VALID_JSON = [keyboard, [], [1, 2], [{ type: 'photo', media: 'https://a.test/p.jpg' }], ['a', 'b'], {}];

/** A value that a careful bot would send, or one that none would. */
function valueFor(method: MethodName, name: string, type: string): fc.Arbitrary<unknown> {
  const wild = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary', maxLength: 20 }));
  return fc.oneof(
    { weight: 6, arbitrary: tame(name, type) },
    { weight: 1, arbitrary: wild },
    { weight: 1, arbitrary: atLimit(method, name) },
  );
}

/** Just inside and just outside of what the documentation allows. */
function atLimit(method: MethodName, name: string): fc.Arbitrary<unknown> {
  const [least, most, of] = LIMITS[method]?.[name] ?? [0, 2 ** 31, 'value'];
  const sizes = fc.constantFrom(least - 1, least, most, most + 1);
  if (of === 'value') return sizes;
  if (of === 'items') return sizes.map((size) => Array(Math.max(size, 0)).fill('1'));
  return sizes.map((size) => '\u00e9'.repeat(Math.max(size, 0)));
}

function tame(name: string, type: string): fc.Arbitrary<unknown> {
  if (name.endsWith('chat_id')) return fc.constantFrom(...CHATS);
  if (name === 'user_id') return fc.constantFrom(ANNA.id, BORIS.id, 77);
  if (name === 'message_id') return fc.integer({ min: 1, max: 40 });
  if (name.endsWith('parse_mode')) return fc.constantFrom('HTML', 'MarkdownV2', 'Markdown');
  if (type === 'number') return fc.integer({ min: -5, max: 100_000 });
  if (type === 'boolean') return fc.boolean();
  if (type.includes('json')) return fc.constantFrom(...VALID_JSON);
  return fc.oneof(
    fc.string({ minLength: 1, maxLength: 30 }),
    fc.constantFrom('*a*', '<b>x</b>', '🦔', 'https://a.b'),
  );
}

interface Call {
  readonly name: MethodName;
  readonly params: Record<string, unknown>;
}

const callOf = (names: readonly MethodName[]): fc.Arbitrary<Call> =>
  fc.constantFrom(...names).chain((name) => {
    const entries = Object.entries(METHODS[name].params).map(([key, type]) => {
      const optional = key.endsWith('?');
      const field = optional ? key.slice(0, -1) : key;
      const value = valueFor(name, field, type);
      return [field, fc.option(value, { freq: optional ? 1 : 9, nil: undefined })] as const;
    });
    return fc.record(Object.fromEntries(entries)).map((params) => ({ name, params }));
  });

const call = callOf(NAMES);

/** An answer that a bot can read, whatever it asked. */
async function checkAnswer(api: ApiHarness, { name, params }: Call): Promise<void> {
  const { status, body, text } = await api.call<unknown>(name, params);
  expect([name, status < 500, typeof body.ok], text).toEqual([name, true, 'boolean']);
  if (body.ok) expect(status).toBe(200);
  else expect([body.error_code, typeof body.description]).toEqual([status, 'string']);
}

test('whatever a bot sends, no call ends in a 500, and every answer is an envelope', async () => {
  const api = await ApiHarness.start();
  try {
    api.hello();
    api.hello('hi', BORIS);
    api.bot.addChat(GROUP);
    api.bot.addChat(SUPERGROUP);
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 10 }), async (calls) => {
        for (const one of calls) await checkAnswer(api, one);
      }),
      { numRuns: 100 },
    );
    expect(api.eventsOf('warning')).toEqual([]);
  } finally {
    await api.server.close();
  }
}, 60_000);

test('every single method survives each of its parameters being wrong, or missing', async () => {
  const api = await ApiHarness.start();
  try {
    api.hello();
    api.bot.addChat(SUPERGROUP);
    for (const name of NAMES) {
      const fields = Object.keys(METHODS[name].params).map((key) => key.replace('?', ''));
      const wrongs = [null, '', '\ud800', -1, 2 ** 53, [null], [[]], { type: 1 }, '[{}]', '{"a":'];
      const calls = [
        { name, params: {} },
        ...fc.sample(callOf([name]), { numRuns: 3, seed: 7 }),
        ...wrongs.map((wrong) => ({
          name,
          params: Object.fromEntries(fields.map((field) => [field, wrong])),
        })),
      ];
      await Promise.all(calls.map((one) => checkAnswer(api, one)));
    }
    expect(api.eventsOf('warning')).toEqual([]);
  } finally {
    await api.server.close();
  }
}, 60_000);

test('methods that wait or end things answer too, whatever they are given', async () => {
  await fc.assert(
    fc.asyncProperty(callOf(APART as MethodName[]), async (one) => {
      const api = await ApiHarness.start();
      try {
        api.hello();
        // An update ends a poll that waits; a refused one may be held back for 3 s.
        const answered = checkAnswer(api, one);
        await Promise.race([
          answered,
          (async () => {
            for (;;) {
              await new Promise((resolve) => setImmediate(resolve));
              await api.clock.advance(1_000);
            }
          })(),
        ]);
        await answered;
      } finally {
        await api.server.close();
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('a thousand random calls leave a bounded world behind', async () => {
  const api = await ApiHarness.start();
  try {
    api.hello();
    api.hello('hi', BORIS);
    api.bot.addChat(GROUP);
    api.bot.addChat(SUPERGROUP);
    const before = heap();
    for (const one of fc.sample(call, { numRuns: 1_000, seed: 11 })) await checkAnswer(api, one);
    api.events.length = 0;
    expect((heap() - before) / 1_000).toBeLessThan(16 * 1024);
  } finally {
    await api.server.close();
  }
}, 60_000);

function heap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test('a chat keeps its last messages, however they came and went', async () => {
  const api = await ApiHarness.start();
  const chat = chatId(ANNA.id);
  try {
    api.hello();
    const { message_id: first } = await api.result<Message>('sendMessage', { chat_id: chat, text: 'x' });
    for (let i = 0; i < MESSAGES_PER_CHAT; i += 1) {
      api.hello(`${i}`);
      if (i % 100 > 0) continue;
      await api.result('pinChatMessage', { chat_id: chat, message_id: first + 1 + i });
      await api.result('forwardMessage', { chat_id: chat, from_chat_id: chat, message_id: first + 1 + i });
    }
    const last = (await api.result<Message>('sendMessage', { chat_id: chat, text: 'last' })).message_id;
    const kept = Array.from({ length: last + 1 }, (_, id) => api.bot.message(chat, id)).filter(
      (m) => m !== undefined,
    );
    expect(kept).toHaveLength(MESSAGES_PER_CHAT);
    expect(kept.at(-1)?.message_id).toBe(last);
  } finally {
    await api.server.close();
  }
});
