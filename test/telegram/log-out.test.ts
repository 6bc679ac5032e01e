import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
});
afterEach(() => api.server.close());

const MINUTES = 60_000;

test('a bot that has logged out is told so for ten minutes', async () => {
  api.hello();
  await api.result('setWebhook', { url: 'http://127.0.0.1:9/' });
  expect(await api.result('logOut')).toBe(true);
  for (const method of ['getMe', 'getUpdates', 'logOut', 'close', 'nosuch']) {
    const { status, body } = await api.call(method);
    expect([method, status, body]).toEqual([
      method,
      400,
      { ok: false, error_code: 400, description: 'Logged out' },
    ]);
  }
  await api.clock.advance(10 * MINUTES);
  expect(await api.result('getMe')).toMatchObject({ id: api.bot.id });
  expect(await api.result('getUpdates')).toEqual([]);
});

test('a bot that was started with its server can be closed at once', async () => {
  await api.result('getMe');
  expect(await api.result('close')).toBe(true);
  expect(await api.error('close')).toBe('Bad Request: the bot has already been closed');
});

test('a bot that was started later cannot be closed for ten minutes', async () => {
  await api.clock.advance(11 * MINUTES);
  await api.result('getMe');
  await api.clock.advance(4 * MINUTES);
  const { status, headers, body } = await api.call('close');
  expect([status, headers.get('retry-after')]).toEqual([429, '360']);
  expect(body).toMatchObject({
    description: 'Too Many Requests: retry after 360',
    parameters: { retry_after: 360 },
  });
  await api.clock.advance(6 * MINUTES);
  expect(await api.result('close')).toBe(true);
});

test('the next call starts a closed bot again, with its updates', async () => {
  await api.result('getMe');
  api.hello();
  await api.result('close');
  expect(await api.result('getUpdates')).toHaveLength(1);
});

test('a bot that was never called does not run, so it cannot be closed', async () => {
  expect(await api.error('close')).toBe('Bad Request: the bot has already been closed');
});
