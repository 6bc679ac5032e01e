import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import { chatId } from '../../src/base/ids.js';
import { randomStream } from '../../src/base/random.js';
import { CALLBACK_ANSWERABLE_MS, CallbackBook } from '../../src/telegram/chats/callback-book.js';

const made = () => {
  const clock = new ManualClock();
  return { clock, book: new CallbackBook(clock, randomStream('seed', 'callbacks')) };
};
const where = { chatId: chatId(5) };

test('a query can be answered to the end of its time, whatever comes meanwhile', async () => {
  const { clock, book } = made();
  const ids: string[] = [];
  for (let i = 0; i < 100; i += 1) {
    ids.push(book.open(7, where));
    await clock.advance(1_000);
    const oldest = ids[i - 29];
    if (oldest !== undefined) expect(book.take(oldest)).toMatchObject(where);
  }
});

test('a query that is too old cannot be answered, remembered or not', async () => {
  const { clock, book } = made();
  const id = book.open(7, where);
  await clock.advance(CALLBACK_ANSWERABLE_MS + 1);
  book.open(7, where);
  expect(book.get(id)).toMatchObject(where);
  expect(() => book.take(id)).toThrow('query is too old');
});

test('the last 50,000 are kept, and not many more than 100,000 at a time', () => {
  const { book } = made();
  const ids = Array.from({ length: 150_001 }, (_, user) => book.open(user, where));
  const kept = ids.filter((id) => book.get(id) !== undefined);
  expect(kept.length).toBeLessThanOrEqual(100_000);
  expect(ids.slice(-50_000).every((id) => book.get(id) !== undefined)).toBe(true);
});
