import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { METHODS } from '../../src/telegram/methods/table.generated.js';
import { ANNA, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const TOPICS =
  /sticker|invoice|star|gift|business|inline|prepared|webapp|query|profile|story|verif|emoji|refund/i;
const methods = Object.keys(METHODS).filter((name) => TOPICS.test(name)) as (keyof typeof METHODS)[];

const result = fc.record(
  {
    type: fc.constantFrom(
      'article',
      'photo',
      'video',
      'voice',
      'contact',
      'venue',
      'game',
      'sticker',
      'x',
      1,
      null,
    ),
    id: fc.constantFrom('1', '', 5, null, 'x'.repeat(70)),
    title: fc.constantFrom('t', '', null),
    photo_url: fc.constantFrom('https://a.test/p.jpg', 'a.b', '', 7),
    video_file_id: fc.constantFrom('abcde', '', {}),
    latitude: fc.constantFrom(1, 'x', null),
    longitude: fc.constantFrom(1, 1e9),
    input_message_content: fc.constantFrom(
      { message_text: 'x' },
      { payload: 'p' },
      { latitude: 1 },
      {},
      [],
      null,
    ),
    reply_markup: fc.constantFrom({ inline_keyboard: [[{ text: 'x', callback_data: 'd' }]] }, {}, [], null),
  },
  { requiredKeys: [] },
);
const value = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    'x',
    '0',
    '-1',
    ANNA.id,
    1e20,
    true,
    null,
    {},
    [],
    [[]],
    '{',
    'tea_by_my_bot',
    '🍵',
    ['🍵'],
  ),
  result,
  fc.array(result, { maxLength: 2 }),
  fc.jsonValue({ maxDepth: 2 }),
);

test('whatever a bot sends, it gets an answer of the Bot API, and no defect', async () => {
  const call = fc.constantFrom(...methods).chain((method) => {
    const names = Object.keys(METHODS[method].params).map((name) => name.replace('?', ''));
    return fc.record({
      method: fc.constant(method as string),
      params: fc.dictionary(fc.constantFrom('user_id', ...names), value),
    });
  });
  await fc.assert(
    // Ten at a time, as bots do: one after the other the test would mostly wait.
    fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 10 }), async (calls) => {
      const answers = await Promise.all(
        calls.map(({ method, params }) => api.call(method, { user_id: ANNA.id, ...params })),
      );
      for (const { status, body } of answers) {
        expect(status).toBeLessThan(500);
        expect(body.ok).toBe(status === 200);
        if (!body.ok) expect(body.description).toMatch(/^(?:Bad Request|Forbidden|Too Many Requests): \S/);
      }
    }),
    { numRuns: 150 },
  );
  expect(api.eventsOf('warning')).toEqual([]);
}, 60_000);
