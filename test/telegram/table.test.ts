import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { ApiError } from '../../src/telegram/api-error.js';
import { BusinessBook } from '../../src/telegram/chats/business-book.js';
import { ChatBook } from '../../src/telegram/chats/chat-book.js';
import { genericChecks } from '../../src/telegram/methods/generic-checks.js';
import type { MethodContext } from '../../src/telegram/methods/outcome.js';
import type { MethodShape } from '../../src/telegram/methods/shapes.js';
import { LIMITS, METHODS, OBJECTS } from '../../src/telegram/methods/table.generated.js';
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

test('the table knows what the documentation says about sizes', () => {
  expect(LIMITS.sendMessage).toEqual({ text: [1, 4096, 'characters'] });
  expect(LIMITS.deleteMessages).toEqual({ message_ids: [1, 100, 'items'] });
  expect(LIMITS.getUpdates?.limit).toEqual([1, 100, 'value']);
  expect(LIMITS.sendInvoice?.payload).toEqual([1, 128, 'bytes']);
  for (const [least, most] of Object.values(LIMITS).flatMap(Object.values)) expect(least).toBeLessThan(most);
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
    if ('business_connection_id' in params) {
      expect([method, body.description]).toEqual([method, 'Bad Request: business connection not found']);
      continue;
    }
    expect([method, body.ok, text.includes('null')]).toEqual([method, true, false]);
    if (returns === 'true') expect(body.result).toBe(true);
    else if (returns.endsWith('[]')) expect(Array.isArray(body.result)).toBe(true);
    else expect(body.result).toBeDefined();
  }
});

describe('a method without behaviour of its own', () => {
  const book = new ChatBook(randomStream('checks', 'chats'));
  const group = book.addChat({ id: -5, type: 'group', title: 'G' });
  group.messages.put({ message: { message_id: 3, chat: group.chat, date: 1 }, byBot: true });
  const gone = book.addChat({ id: -6, type: 'group', title: 'Gone' });
  gone.access = 'kicked';
  book.addUser(ANNA);
  const world = { chats: book, business: new BusinessBook(randomStream('checks', 'business')) };

  function complaint(shape: MethodShape, params: Readonly<Record<string, string>>): string {
    try {
      const context = { params: new Map(Object.entries(params)), files: new Map(), world };
      genericChecks(shape).run(context as unknown as MethodContext);
      return '';
    } catch (error) {
      if (error instanceof ApiError) return error.description;
      throw error;
    }
  }

  test.each<[string, MethodShape['params'], Readonly<Record<string, string>>, string]>([
    ['a missing text', { title: 'string' }, {}, 'parameter "title" is required'],
    ['missing JSON', { 'x?': 'number', list: 'json' }, { x: 'abc' }, 'parameter "list" is required'],
    ['JSON that is none', { list: 'json' }, { list: '[1' }, "can't parse list JSON object"],
    ['JSON that is a number', { list: 'json' }, { list: '1' }, 'object expected as list'],
    ['an optional one', { 'list?': 'json' }, { list: 'nonsense' }, "can't parse list JSON object"],
    ['a user of 0', { user_id: 'number' }, { user_id: '0' }, 'invalid user_id specified'],
    ['no user', { user_id: 'number' }, {}, 'invalid user_id specified'],
    ['a stranger', { user_id: 'number' }, { user_id: '77' }, 'user not found'],
    ['no chat', { chat_id: 'string|number' }, {}, 'chat_id is empty'],
    ['an unknown chat', { chat_id: 'string|number' }, { chat_id: '9' }, 'chat not found'],
    [
      'no message',
      { chat_id: 'number', message_id: 'number' },
      { chat_id: '-5', message_id: '4' },
      'message not found',
    ],
    [
      'no connection',
      { business_connection_id: 'string' },
      { business_connection_id: 'x' },
      'business connection not found',
    ],
    [
      'a keyboard',
      { 'reply_markup?': 'json|string' },
      { reply_markup: 'null' },
      'object expected as reply markup',
    ],
    [
      'a parse mode',
      { 'text?': 'string', 'text_parse_mode?': 'string' },
      { text: 'x', text_parse_mode: 'foo' },
      'unsupported parse_mode',
    ],
    [
      'arguments before chats',
      { chat_id: 'number', list: 'json' },
      { chat_id: '9', list: '{' },
      "can't parse list JSON object",
    ],
  ])('refuses %s', (_name, params, given, text) => {
    expect(complaint({ params, returns: 'true' }, given)).toBe(`Bad Request: ${text}`);
  });

  test('takes what is right, and reads numbers and booleans leniently', () => {
    const params = {
      chat_id: 'number',
      message_id: 'number',
      user_id: 'number',
      'flag?': 'boolean',
      'limit?': 'number',
    };
    const given = { chat_id: '-5', message_id: '3x', user_id: '1001', flag: 'maybe', limit: 'abc' };
    expect(complaint({ params, returns: 'true' }, given)).toBe('');
    expect(complaint({ params: { user_id: 'number' }, returns: 'true' }, { user_id: '1001' })).toBe('');
  });

  test('is refused in a chat that threw the bot out', () => {
    const params = { chat_id: 'number' };
    expect(complaint({ params, returns: 'true' }, { chat_id: '-6' })).toBe(
      'Forbidden: bot was kicked from the group chat',
    );
  });

  test('counts as validated only when nothing that it takes is left unread', () => {
    const complete = (params: MethodShape['params']): boolean =>
      genericChecks({ params, returns: 'true' }).complete;
    expect(
      complete({ user_id: 'number', 'limit?': 'number', 'text?': 'string', 'text_entities?': 'json' }),
    ).toBe(true);
    expect(complete({ user_id: 'number', errors: 'json' })).toBe(false);
    expect(complete({ gift_id: 'string' })).toBe(false);
    expect(complete({ photo: 'file' })).toBe(false);
  });
});

test('old names still work', async () => {
  await api.call('kickChatMember', { chat_id: ANNA.id, user_id: 5 });
  expect(api.eventsOf('call.started').at(-1)).toMatchObject({ method: 'banChatMember' });
});
