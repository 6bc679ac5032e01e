import type { Message } from '@grammyjs/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { MESSAGES_PER_CHAT } from '../../src/telegram/chats/message-store.js';
import { METHODS, type MethodName } from '../../src/telegram/methods/table.generated.js';
import { ANNA, ApiHarness, BORIS, GROUP, SUPERGROUP } from './api-harness.js';

/** These wait, or end what the test needs. */
const SKIPPED = ['getUpdates', 'setWebhook', 'deleteWebhook', 'close', 'logOut'];
const NAMES = (Object.keys(METHODS) as MethodName[]).filter((name) => !SKIPPED.includes(name));
const CHATS = [ANNA.id, BORIS.id, GROUP.id, SUPERGROUP.id];

const keyboard = { inline_keyboard: [[{ text: 'b', callback_data: 'd' }]] };
const VALID_JSON = [keyboard, [], [1, 2], [{ type: 'photo', media: 'https://a.test/p.jpg' }], ['a', 'b'], {}];

/** A value that a careful bot would send, or one that none would. */
function valueFor(name: string, type: string): fc.Arbitrary<unknown> {
  const wild = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary', maxLength: 20 }));
  return fc.oneof({ weight: 3, arbitrary: tame(name, type) }, { weight: 1, arbitrary: wild });
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

const call: fc.Arbitrary<{ name: MethodName; params: Record<string, unknown> }> = fc
  .constantFrom(...NAMES)
  .chain((name) => {
    const entries = Object.entries(METHODS[name].params).map(([key, type]) => {
      const optional = key.endsWith('?');
      const field = optional ? key.slice(0, -1) : key;
      const value = valueFor(field, type);
      return [field, fc.option(value, { freq: optional ? 1 : 9, nil: undefined })] as const;
    });
    return fc.record(Object.fromEntries(entries)).map((params) => ({ name, params }));
  });

test('whatever a bot sends, no call ends in a 500, and every answer is an envelope', async () => {
  const api = await ApiHarness.start();
  try {
    api.hello();
    api.hello('hi', BORIS);
    api.bot.addChat(GROUP);
    api.bot.addChat(SUPERGROUP);
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 10 }), async (calls) => {
        for (const { name, params } of calls) {
          const { status, body, text } = await api.call<unknown>(name, params);
          expect([name, status < 500, typeof body.ok], text).toEqual([name, true, 'boolean']);
          if (body.ok) expect(status).toBe(200);
          else expect([body.error_code, typeof body.description]).toEqual([status, 'string']);
        }
      }),
      { numRuns: 150 },
    );
    expect(api.eventsOf('warning')).toEqual([]);
  } finally {
    await api.server.close();
  }
});

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
