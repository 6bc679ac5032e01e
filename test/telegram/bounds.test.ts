import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import { chatId } from '../../src/base/ids.js';
import { MESSAGES_PER_BOT, MessageStore, MessageTotal } from '../../src/telegram/chats/message-store.js';
import { TelegramServer } from '../../src/telegram/server.js';

const CHATS = 3_000;
/** Per chat with one person who wrote once: docs/measurements.md. */
const MOST_BYTES = 3_000;

const put = (store: MessageStore): number => {
  const id = store.nextId();
  const chat = { id: 1, type: 'private', first_name: 'A' } as const;
  store.put({ message: { message_id: id, chat, date: 1, text: 'x' }, byBot: false });
  return id;
};

test('beyond the total, the chat that was quiet for longest loses its oldest message', () => {
  const total = new MessageTotal(5);
  const [a, b] = [new MessageStore({ last: 0 }, total), new MessageStore({ last: 0 }, total)];
  for (let i = 0; i < 3; i += 1) put(a);
  for (let i = 0; i < 3; i += 1) put(b);
  const kept = (store: MessageStore): number[] => [...store.all()].map(({ message }) => message.message_id);
  expect([total.held, kept(a), kept(b)]).toEqual([5, [2, 3], [1, 2, 3]]);
  put(a); // now b is the quiet one
  expect([total.held, kept(a), kept(b)]).toEqual([5, [2, 3, 4], [2, 3]]);
  expect([a.delete(3), a.delete(3), total.held]).toEqual([true, false, 4]);
  for (let i = 0; i < 20; i += 1) put(b);
  expect([total.held, kept(a), kept(b)]).toEqual([5, [], [19, 20, 21, 22, 23]]);
});

test('an edit and a chat that is full count once', () => {
  const total = new MessageTotal();
  const store = new MessageStore({ last: 0 }, total);
  for (let i = 0; i < 1_200; i += 1) put(store);
  const last = store.get(1_200);
  if (last !== undefined) store.put(last);
  expect([total.held, MESSAGES_PER_BOT]).toEqual([1_000, 200_000]);
});

test('several bots with thousands of idle chats need little memory, and do not mix', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const server = await TelegramServer.start({ clock: new ManualClock(), emit: () => {}, seed: 'memory' });
  try {
    const bots = [server.addBot(), server.addBot(), server.addBot({ test: true })];
    collect();
    const before = process.memoryUsage().heapUsed;
    for (const bot of bots) {
      for (let i = 1; i <= CHATS; i += 1) {
        const from = { id: i, is_bot: false, first_name: `Person ${i}` };
        const chat = { id: i, first_name: from.first_name, type: 'private' };
        bot.receive({ kind: 'message', payload: { from, chat, text: '/start' } });
      }
      // Delivered updates are gone; what stays is the chat, the person and the message.
      await fetch(
        `${server.origin}/bot${bot.token}/${bot === bots[2] ? 'test/' : ''}deleteWebhook?drop_pending_updates=1`,
      );
    }
    collect();
    const bytes = (process.memoryUsage().heapUsed - before) / (CHATS * bots.length);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(bytes).toBeGreaterThan(100);
    for (const bot of bots) expect(bot.message(chatId(CHATS), CHATS)?.text).toBe('/start');
    expect(bots[0]?.message(chatId(1), CHATS)).toBeUndefined();
  } finally {
    await server.close();
  }
});
