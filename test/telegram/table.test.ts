import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { METHODS, OBJECTS } from '../../src/telegram/methods/table.generated.js';
import { ANNA, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

test('the committed table is what the generator writes', async () => {
  const script = new URL('../../scripts/generate-methods.mjs', import.meta.url).pathname;
  await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toBeDefined();
});

test('the table knows methods, parameters and results', () => {
  expect(Object.keys(METHODS).length).toBeGreaterThan(180);
  expect(METHODS.sendPhoto.params).toMatchObject({ photo: 'file|string', 'caption?': 'string' });
  expect(METHODS.getChatAdministrators.returns).toBe('ChatMember[]');
  expect(METHODS.copyMessage.returns).toBe('MessageId');
});

test('every type that a result names is in the table', () => {
  const scalar = /^(?:number|date|string|url|boolean|true|=.*|\d+)$/;
  const types = [
    ...Object.values(METHODS).map((method) => method.returns),
    ...Object.values(OBJECTS).flatMap((shape) =>
      typeof shape === 'string' ? [shape] : Object.values(shape),
    ),
  ].map((type) => type.replace(/(?:\[\])+$/, ''));
  expect(types.filter((type) => !scalar.test(type) && OBJECTS[type] === undefined)).toEqual([]);
});

test('every method without behaviour answers with its shape, and says so', async () => {
  const values: Record<string, unknown> = { chat_id: ANNA.id, user_id: ANNA.id, from_chat_id: ANNA.id };
  const skipped = ['getUpdates', 'logOut', 'close'];
  let calls = 0;
  for (const [method, { params, returns }] of Object.entries(METHODS)) {
    if (skipped.includes(method)) continue;
    const given = Object.entries(params)
      .filter(([name]) => !name.endsWith('?'))
      .map(([name, type]) => [
        name,
        values[name] ?? (type.includes('number') ? 1 : type === 'json' ? [] : 'x'),
      ]);
    const { body, text } = await api.call(method, Object.fromEntries(given));
    calls += 1;
    const end = (await api.ended(calls)).at(-1);
    expect(end?.method).toBe(method);
    if (end?.fidelity !== 'shape') continue;
    expect([method, body.ok, text.includes('null')]).toEqual([method, true, false]);
    if (returns === 'true') expect(body.result).toBe(true);
    else if (returns.endsWith('[]')) expect(Array.isArray(body.result)).toBe(true);
    else expect(body.result).toBeDefined();
  }
});

test('a required parameter that is missing is named', async () => {
  expect(await api.error('setChatTitle', { chat_id: ANNA.id })).toBe(
    'Bad Request: parameter "title" is required',
  );
  expect(await api.error('setChatTitle', { title: 'x' })).toBe('Bad Request: chat_id is empty');
});

test('a message of a method without behaviour is one all the same', async () => {
  const sent = await api.result('sendGame', { chat_id: ANNA.id, game_short_name: 'x' });
  expect(sent).toMatchObject({ message_id: 2, chat: { id: ANNA.id }, from: { id: api.bot.id } });
  expect(await api.result('deleteMessage', { chat_id: ANNA.id, message_id: 2 })).toBe(true);
  expect((await api.ended(2))[0]).toMatchObject({ fidelity: 'shape', contents: [{ kind: 'other' }] });
});

test('old names still work', async () => {
  const params = { chat_id: ANNA.id, user_id: 5 };
  await api.result('kickChatMember', params);
  expect(api.eventsOf('call.started').at(-1)).toMatchObject({ method: 'banChatMember' });
});
