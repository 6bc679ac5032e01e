import type { Update, WebhookInfo } from '@grammyjs/types';
import { afterEach, expect, test } from 'vitest';
import type { TelegramServerOptions } from '../../src/telegram/server.js';
import { ANNA, ApiHarness, BORIS, barrier, GROUP, SUPERGROUP, until } from './api-harness.js';
import { http, RawBot, type RawRequest } from './updates/live-rig.js';

/** Webhooks as a bot meets them: set over HTTP, delivered over sockets, on the test's clock. */

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type React = (request: RawRequest, count: number) => void;
const OK = http('200 OK');
const accept: React = ({ socket }) => socket.write(OK);
const hold: React = () => undefined;
const answers =
  (text: string): React =>
  ({ socket }) =>
    socket.write(text);

async function start(options: Partial<TelegramServerOptions> = {}): Promise<ApiHarness> {
  const api = await ApiHarness.start(options);
  cleanUps.push(() => api.server.close());
  return api;
}

interface Hooked {
  readonly api: ApiHarness;
  readonly bot: RawBot;
  /** Replaces the reaction to later requests. */
  react: React;
  readonly url: string;
}

/** A webhook that is set, and has had a first success: from then on connections are opened freely. */
async function hooked(params: Readonly<Record<string, unknown>> = {}): Promise<Hooked> {
  const api = await start();
  const made: { react: React } = { react: accept };
  const bot = await RawBot.listen((request, count) => made.react(request, count));
  cleanUps.push(() => bot.close());
  const url = `http://127.0.0.1:${bot.port}/hook`;
  await api.result('setWebhook', { url, ...params });
  api.hello();
  await until(() => api.eventsOf('delivery.ended').length === 1);
  bot.requests.length = 0;
  return Object.assign(made, { api, bot, url });
}

const idOf = ({ body }: RawRequest) => Number(/"update_id":(\d+)/.exec(body)?.[1]);
const ids = ({ bot }: Hooked) => bot.requests.map(idOf);
const info = (api: ApiHarness) => api.result<WebhookInfo>('getWebhookInfo');
const arrived = (made: Hooked, count: number) => until(() => made.bot.requests.length >= count);
/** Nothing but these has come, and nothing more is on its way. */
async function only(made: Hooked, expected: readonly unknown[]): Promise<void> {
  await arrived(made, expected.length);
  await barrier(made.api);
  expect(ids(made)).toEqual(expected);
}
const group = (from: object, chat: object = GROUP) => ({ from, chat, text: 'hi' });
const described = async (api: ApiHarness, method: string, params: object = {}) =>
  (await api.call(method, { ...params })).body.description;

test('item 39: the same webhook again, over HTTP', async () => {
  const { api, url } = await hooked();
  const early = await api.call('setWebhook', { url });
  expect([early.status, early.headers.get('retry-after')]).toEqual([429, '1']);
  await api.clock.advance(1_000);
  expect(await described(api, 'setWebhook', { url })).toBe('Webhook is already set');
});

test('item 40: deleteWebhook, over HTTP', async () => {
  const { api } = await hooked();
  expect(await described(api, 'deleteWebhook')).toBe('Webhook was deleted');
  expect(await described(api, 'deleteWebhook')).toBe('Webhook is already deleted');
});

test.each([
  [41, 'a'.repeat(257), 'secret token is too long'],
  [42, 'a b', 'secret token contains unallowed characters'],
])('item %i: a bad secret, over HTTP', async (_item, secret_token, why) => {
  const { api, url } = await hooked();
  await api.clock.advance(1_000);
  expect(await described(api, 'setWebhook', { url, secret_token })).toBe(`Bad Request: ${why}`);
});

test('item 43: a webhook that is refused takes the old one away', async () => {
  const { api, url } = await hooked();
  await api.clock.advance(1_000);
  await api.error('setWebhook', { url, secret_token: '!' });
  expect((await info(api)).url).toBe('');
});

test('item 44: a dead webhook can be set, over HTTP', async () => {
  const api = await start();
  expect(await described(api, 'setWebhook', { url: 'http://127.0.0.1:9/' })).toBe('Webhook was set');
});

test.each([
  [0, 1],
  [500, 500],
  [undefined, 100],
])('item 45: max_connections %s is %i on a local server, over HTTP', async (given, expected) => {
  const api = await start();
  await api.result('setWebhook', { url: 'http://127.0.0.1:9/', max_connections: given });
  expect((await info(api)).max_connections).toBe(expected);
});

test.each([
  ['item 46', 'http://127.0.0.1:9/', {}, 'An HTTPS URL must be provided for webhook'],
  ['item 47', 'https://127.0.0.1:1234/', {}, 'Webhook can be set up only on ports 80, 88, 443 or 8443'],
  ['item 48', 'https://127.0.0.1:443/', { ip_address: '127.0.0.1' }, 'IP address 127.0.0.1 is reserved'],
])('%s: %s is refused when strict or not local, and taken otherwise', async (_item, url, more, why) => {
  for (const options of [{ strict: true }, { local: false }]) {
    const api = await start(options);
    expect(await described(api, 'setWebhook', { url, ...more })).toBe(`Bad Request: bad webhook: ${why}`);
  }
  expect(await described(await start(), 'setWebhook', { url, ...more })).toBe('Webhook was set');
});

test('item 49: a garbage URL, over HTTP', async () => {
  const api = await start();
  expect(await described(api, 'setWebhook', { url: 'https://' })).toBe(
    'Bad Request: invalid webhook URL specified',
  );
});

test('item 50: pending updates are dropped, over HTTP', async () => {
  const api = await start();
  const last = api.hello().updateId;
  await api.result('deleteWebhook', { drop_pending_updates: true });
  expect((await info(api)).pending_update_count).toBe(0);
  expect(api.hello().updateId).toBe(Number(last) + 1);
});

test('item 51: allowed_updates holds for what comes later, over HTTP', async () => {
  const api = await start();
  api.tap(1);
  await api.result('setWebhook', { url: 'http://127.0.0.1:9/', allowed_updates: ['message'] });
  expect(api.tap(1).updateId).toBeUndefined();
  await api.result('deleteWebhook');
  expect(await api.result('getUpdates')).toHaveLength(1);
});

test.each([
  ['item 52', [], undefined],
  ['item 53', undefined, ['message']],
  ['item 53', ['bogus'], undefined],
])('%s: allowed_updates %j after ["message"], over HTTP', async (_item, allowed_updates, shown) => {
  const api = await start();
  await api.result('getUpdates', { allowed_updates: ['message'] });
  await api.result(
    'getUpdates',
    allowed_updates === undefined ? { offset: 1 } : { offset: 1, allowed_updates },
  );
  expect((await info(api)).allowed_updates).toEqual(shown);
});

test('item 54: kinds that are off by default', async () => {
  const api = await start();
  for (const kind of ['chat_member', 'message_reaction', 'message_reaction_count'] as const) {
    expect(api.bot.receive({ kind, payload: { chat: GROUP, user: ANNA } }).updateId).toBeUndefined();
  }
  expect(await api.result('getUpdates')).toEqual([]);
});

test('item 55: getWebhookInfo without a webhook, over HTTP', async () => {
  const { text } = await (await start()).call('getWebhookInfo');
  expect(text).toBe(
    '{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}',
  );
});

test('item 58: the second message of a chat waits, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  const [first, second] = [made.api.hello().updateId, made.api.hello().updateId];
  await only(made, [first]);
  made.bot.requests[0]?.socket.write(OK);
  await only(made, [first, second]);
});

test('item 59: two chats at the same time, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  await only(made, [made.api.hello().updateId, made.api.hello('hi', BORIS).updateId]);
});

test('item 60: a message and a tap at the same time, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  await only(made, [made.api.hello().updateId, made.api.tap(1).updateId]);
});

test('item 61: taps of one user in two chats, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  const [first, second] = [made.api.tap(1).updateId, made.api.tap(1, 'x', SUPERGROUP).updateId];
  await only(made, [first]);
  made.bot.requests[0]?.socket.write(OK);
  await only(made, [first, second]);
});

test('item 62: a message and its edit, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  const first = made.api.write(group(ANNA));
  const payload = { message_id: first.messageId, from: ANNA, chat: GROUP, text: 'new' };
  const second = made.api.bot.receive({ kind: 'edited_message', payload });
  await only(made, [first.updateId]);
  made.bot.requests[0]?.socket.write(OK);
  await only(made, [first.updateId, second.updateId]);
});

test('item 63: a poll and its answer, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  const poll = made.api.bot.receive({ kind: 'poll', payload: { id: '77', question: 'x' } });
  const answer = made.api.bot.receive({ kind: 'poll_answer', payload: { poll_id: '77', user: ANNA } });
  await only(made, [poll.updateId]);
  made.bot.requests[0]?.socket.write(OK);
  await only(made, [poll.updateId, answer.updateId]);
});

test('item 64: max_connections 1, over sockets', async () => {
  const made = await hooked({ max_connections: 1 });
  made.react = hold;
  const first = made.api.hello().updateId;
  made.api.hello('hi', BORIS);
  made.api.write(group(ANNA));
  await only(made, [first]);
  made.bot.requests[0]?.socket.write(OK);
  await arrived(made, 2);
  await barrier(made.api);
  expect(made.bot.requests).toHaveLength(2);
});

/** Waits until the attempt has ended, and shows that the next one comes after this time, and not before. */
async function nextAfter(made: Hooked, attempts: number, seconds: number): Promise<void> {
  const { api, bot } = made;
  await until(() => api.eventsOf('delivery.ended').length >= attempts + 1);
  if (seconds > 0) {
    await api.clock.advance(seconds * 1_000 - 1);
    await barrier(api);
    expect(bot.requests).toHaveLength(attempts);
    await api.clock.advance(1);
  }
  await arrived(made, attempts + 1);
}

test('item 65: the schedule of a failing update, over sockets', async () => {
  const made = await hooked();
  made.react = answers(http('500 Internal Server Error'));
  made.api.hello();
  for (const [index, seconds] of [0, 2, 4, 8, 16, 32].entries()) await nextAfter(made, index + 1, seconds);
  expect(new Set(ids(made)).size).toBe(1);
  expect((await info(made.api)).last_error_message).toBe(
    'Wrong response from the webhook: 500 Internal Server Error',
  );
});

test('item 67: Retry-After replaces the wait, over sockets', async () => {
  const made = await hooked();
  made.react = ({ socket }, count) => {
    socket.write(http('500 Internal Server Error', count === 1 ? { 'Retry-After': 7 } : {}));
  };
  made.api.hello();
  await nextAfter(made, 1, 7);
  await nextAfter(made, 2, 2);
});

test('item 66: from the eighth failure on, over sockets', async () => {
  const made = await hooked();
  made.react = answers(http('500 Oops'));
  made.api.hello();
  for (const [index, seconds] of [0, 2, 4, 8, 16, 32].entries()) await nextAfter(made, index + 1, seconds);
  const gaps: number[] = [];
  for (let attempts = 7; attempts < 11; attempts += 1) {
    await until(() => made.api.eventsOf('delivery.ended').length >= attempts + 1);
    let seconds = 0;
    for (; made.bot.requests.length === attempts; seconds += 1) {
      await made.api.clock.advance(1_000);
      await barrier(made.api);
    }
    gaps.push(seconds);
  }
  const [seventh = 0, ...later] = gaps;
  // The idle connection has gone by then; a new one may take its two seconds.
  expect(seventh).toBeGreaterThanOrEqual(60);
  expect(seventh).toBeLessThanOrEqual(66);
  for (const gap of later) expect(gap >= 60 && gap <= 122, `${gap} s`).toBe(true);
  expect(new Set(later).size).toBeGreaterThan(1);
});

test.each([
  ['99999', 3_600],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 0],
])('item 68: Retry-After %s, over sockets', async (value, seconds) => {
  const made = await hooked();
  made.react = answers(http('500 Oops', { 'Retry-After': value }));
  made.api.hello();
  await nextAfter(made, 1, seconds);
});

test('item 69: 429 without Retry-After, over sockets', async () => {
  const made = await hooked();
  made.react = answers(http('429 Too Many Requests'));
  made.api.hello();
  for (const [index, seconds] of [0, 2, 4].entries()) await nextAfter(made, index + 1, seconds);
});

test('item 70: a redirect is not followed, over sockets', async () => {
  const made = await hooked();
  const other = await RawBot.listen(accept);
  cleanUps.push(() => other.close());
  made.react = ({ socket }, count) =>
    socket.write(count === 1 ? http('302 Found', { Location: `http://127.0.0.1:${other.port}/` }) : OK);
  const { updateId } = made.api.hello();
  await only(made, [updateId, updateId]);
  expect(other.sockets).toEqual([]);
  expect((await info(made.api)).last_error_message).toBe('Wrong response from the webhook: 302 Found');
});

test.each([
  [199, 2],
  [204, 1],
  [299, 1],
  [300, 2],
])('item 71: after %i the update is sent %i times, over sockets', async (status, times) => {
  const made = await hooked();
  made.react = ({ socket }, count) => socket.write(count === 1 ? http(`${status} X`) : OK);
  const { updateId } = made.api.hello();
  await only(made, Array(times).fill(updateId));
});

test('item 72: no answer for 60 s, over sockets', async () => {
  const made = await hooked();
  made.react = ({ socket }, count) => void (count > 1 && socket.write(OK));
  const { updateId } = made.api.hello();
  await arrived(made, 1);
  const closed = new Promise((resolve) => made.bot.requests[0]?.socket.once('close', resolve));
  await made.api.clock.advance(60_000);
  await closed;
  await only(made, [updateId, updateId]);
  expect((await info(made.api)).last_error_message).toBe('Read timeout expired');
});

test('item 76: a success leaves the last error, over sockets', async () => {
  const made = await hooked();
  made.react = ({ socket }, count) => socket.write(count === 1 ? http('500 Oops') : OK);
  made.api.hello();
  await until(() => made.api.eventsOf('delivery.ended').length === 3);
  expect(await info(made.api)).toMatchObject({
    pending_update_count: 0,
    last_error_date: 1_800_000_000,
    last_error_message: 'Wrong response from the webhook: 500 Oops',
  });
});

test('item 77: a failing chat stops no other, over sockets', async () => {
  const made = await hooked();
  made.react = ({ body, socket }) => socket.write(body.includes('"Anna"') ? http('500 Oops') : OK);
  made.api.hello();
  await arrived(made, 2);
  const { updateId } = made.api.hello('hi', BORIS);
  await until(() => made.api.eventsOf('delivery.ended').some((end) => end.updateId === updateId));
  expect(made.api.eventsOf('delivery.ended').at(-1)).toMatchObject({ updateId, status: 200 });
});

test('item 78: a tap that fails for 150 s is dropped, over sockets', async () => {
  const made = await hooked();
  made.react = answers(http('500 Oops'));
  const { updateId } = made.api.tap(1);
  while (made.api.eventsOf('update.dropped').length === 0) {
    await made.api.clock.advance(1_000);
    await barrier(made.api);
  }
  expect(made.api.eventsOf('update.dropped')).toMatchObject([{ updateId, reason: 'expired' }]);
  expect(made.bot.requests.length).toBeGreaterThanOrEqual(7);
  expect(made.bot.requests.length).toBeLessThanOrEqual(8);
  expect(await info(made.api)).toMatchObject({
    pending_update_count: 0,
    last_error_message: 'Wrong response from the webhook: 500 Oops',
  });
});

test('item 79: 410 for more than 23 hours, over sockets', async () => {
  const made = await hooked();
  made.react = answers(http('410 Gone', { 'Retry-After': 3600 }));
  made.api.hello();
  await arrived(made, 1);
  const { clock } = made.api;
  await clock.advance(1_000);
  // The first message expires after a day; this one is tried a second later each hour.
  made.api.hello('hi', BORIS);
  for (let hour = 0; hour < 23; hour += 1) {
    await until(() => made.api.eventsOf('delivery.ended').length >= 2 * hour + 3);
    expect((await info(made.api)).url).toBe(made.url);
    await clock.advance(3_600_000);
  }
  while ((await info(made.api)).url !== '') await clock.advance(1_000);
  expect((await info(made.api)).pending_update_count).toBe(2);
});

test('item 80: a new URL gets what was in flight, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  const { updateId } = made.api.hello();
  await arrived(made, 1);
  await made.api.clock.advance(1_000);
  await made.api.result('setWebhook', { url: `${made.url}/new` });
  await only(made, [updateId, updateId]);
  expect(made.bot.requests[1]?.head[0]).toBe('POST /hook/new HTTP/1.1');
});

test('item 81: after deleteWebhook polling gets what was in flight, over sockets', async () => {
  const made = await hooked();
  made.react = hold;
  const { updateId } = made.api.hello();
  await arrived(made, 1);
  await made.api.result('deleteWebhook');
  const updates = await made.api.result<Update[]>('getUpdates');
  expect(updates.map((update) => update.update_id)).toEqual([updateId]);
});

test('item 87: an idle connection is closed after 60 s, over sockets', async () => {
  const made = await hooked();
  const [socket] = made.bot.sockets;
  const closed = new Promise((resolve) => socket?.once('close', resolve));
  await made.api.clock.advance(60_000);
  await closed;
  expect(await info(made.api)).not.toHaveProperty('last_error_message');
});

test('item 123: the webhook hears nothing of the bot’s own messages', async () => {
  const made = await hooked();
  await made.api.result('sendMessage', { chat_id: ANNA.id, text: 'x' });
  const { updateId } = made.api.hello();
  await only(made, [updateId]);
});
