import { expect, test } from 'vitest';
import { ApiError } from '../../../src/telegram/api-error.js';
import type { Files } from '../../../src/telegram/contracts.js';
import {
  eventsOf,
  getUpdates,
  NO_FILES,
  params,
  person,
  privateChat,
  push,
  pushMessage,
  pushTap,
  type Rig,
  rig,
  setWebhook,
  silence,
  URL,
} from './rig.js';

const HTTPS = 'https://93.184.216.34/hook';
const info = ({ updates }: Rig) => updates.webhookInfo();
const deleteWebhook = ({ updates }: Rig, values: Record<string, string> = {}) =>
  updates.deleteWebhook(params(values));

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error(`expected an ApiError, got ${String(error)}`);
  return `${error.errorCode} ${error.description}`;
}

test('item 38: a webhook is set without a request to it', async () => {
  const made = rig();
  expect(await setWebhook(made)).toEqual({ result: true, description: 'Webhook was set' });
  await made.clock.advance(10_000);
  expect(made.bot.requests).toEqual([]);
  expect(made.bot.targets).toEqual([{ secure: false, host: '127.0.0.1', port: 8080, address: '127.0.0.1' }]);
});

test('item 39: the same again changes nothing, but not within a second', async () => {
  const made = rig();
  await setWebhook(made);
  await made.clock.advance(999);
  expect(await failure(setWebhook(made))).toBe('429 Too Many Requests: retry after 1');
  await made.clock.advance(1);
  expect((await setWebhook(made)).description).toBe('Webhook is already set');
});

test('item 40: deleteWebhook says whether there was one', async () => {
  const made = rig();
  await setWebhook(made);
  expect((await deleteWebhook(made)).description).toBe('Webhook was deleted');
  expect((await deleteWebhook(made)).description).toBe('Webhook is already deleted');
});

test('setWebhook with an empty URL deletes it', async () => {
  const made = rig();
  await setWebhook(made);
  const { description } = await made.updates.setWebhook(params(), NO_FILES);
  expect(description).toBe('Webhook was deleted');
});

test.each([
  [41, 'a'.repeat(257), 'secret token is too long'],
  [42, 'a b', 'secret token contains unallowed characters'],
])('item %i: a bad secret is refused, and the old webhook is gone (item 43)', async (_item, secret, text) => {
  const made = rig();
  await setWebhook(made);
  await made.clock.advance(1000);
  expect(await failure(setWebhook(made, { secret_token: secret }))).toBe(`400 Bad Request: ${text}`);
  expect(info(made)).toEqual({ url: '', has_custom_certificate: false, pending_update_count: 0 });
});

test('item 44: a webhook that nobody serves can be set', async () => {
  const made = rig();
  made.bot.network = 'refuse';
  expect((await setWebhook(made)).description).toBe('Webhook was set');
  await made.clock.advance(0);
  expect(info(made).last_error_message).toBe('Connection refused');
});

test.each([
  ['0', 1],
  ['500', 100],
  ['12abc', 12],
  [undefined, 40],
])('item 45: max_connections %s is %i', async (given, expected) => {
  const made = rig({ local: false });
  await setWebhook(made, { url: HTTPS, ...(given !== undefined && { max_connections: given }) });
  expect(info(made).max_connections).toBe(expected);
});

test('a local server has 100 connections by default and 100000 at most', async () => {
  const made = rig();
  await setWebhook(made);
  expect(info(made).max_connections).toBe(100);
  await made.clock.advance(1000);
  await setWebhook(made, { max_connections: 1_000_000 });
  expect(info(made).max_connections).toBe(100_000);
});

test.each([
  [46, { url: 'http://93.184.216.34/' }, 'An HTTPS URL must be provided for webhook'],
  [47, { url: 'https://93.184.216.34:1234/' }, 'Webhook can be set up only on ports 80, 88, 443 or 8443'],
  [48, { url: HTTPS, ip_address: '127.0.0.1' }, 'IP address 127.0.0.1 is reserved'],
  [48, { url: HTTPS, ip_address: 'localhost' }, 'Invalid IP address specified'],
  [48, { url: 'https://[::1]/' }, 'IPv6-only addresses are not allowed'],
  [48, { url: 'https://192.168.1.1/' }, 'IP address 192.168.1.1 is reserved'],
])('item %i: away from --local, %o is refused', async (_item, values, text) => {
  const made = rig({ local: false });
  expect(await failure(setWebhook(made, values))).toBe(`400 Bad Request: bad webhook: ${text}`);
  expect(info(made).url).toBe('');
});

test.each(['https://', 'ftp://a/', 'https://a:0/', 'https://a:70000/', 'https://a b/', 'https://./'])(
  'item 49: %s is no URL',
  async (url) => {
    expect(await failure(setWebhook(rig(), { url }))).toBe('400 Bad Request: invalid webhook URL specified');
  },
);

test('item 50: drop_pending_updates empties the queue, and the numbers go on', async () => {
  const made = rig();
  const last = [pushMessage(made), pushMessage(made)];
  await setWebhook(made, { drop_pending_updates: 'True' });
  expect(info(made).pending_update_count).toBe(0);
  expect(eventsOf(made, 'update.dropped').map(({ updateId, reason }) => [updateId, reason])).toEqual(
    last.map((id) => [id, 'dropped-by-bot']),
  );
  expect(pushMessage(made)).toBe((last[1] ?? 0) + 1);
});

test('deleteWebhook with drop_pending_updates empties the queue, webhook or not', async () => {
  const made = rig();
  pushMessage(made);
  expect((await deleteWebhook(made, { drop_pending_updates: '1' })).description).toBe(
    'Webhook is already deleted',
  );
  expect(info(made).pending_update_count).toBe(0);
});

test('item 51: allowed_updates holds for updates created later', async () => {
  const made = rig();
  const before = pushTap(made);
  await setWebhook(made, { allowed_updates: '["message"]' });
  expect(() => pushTap(made)).toThrow('not queued');
  await made.clock.advance(0);
  expect(made.bot.requests.map((request) => request.updateId)).toEqual([before]);
  expect(info(made).allowed_updates).toEqual(['message']);
});

test('item 52: an empty list means the default set', async () => {
  const made = rig();
  await setWebhook(made, { allowed_updates: '["poll","message"]' });
  expect(info(made).allowed_updates).toEqual(['message', 'poll']);
  await made.clock.advance(1000);
  await setWebhook(made, { allowed_updates: '[]' });
  expect(info(made).allowed_updates).toBeUndefined();
});

test.each([undefined, '', 'message', '{"a":1}', '[1]', '["message"'])(
  'item 53: allowed_updates %s changes nothing',
  async (given) => {
    const made = rig();
    await setWebhook(made, { allowed_updates: '["POLL"]' });
    await made.clock.advance(1000);
    await setWebhook(made, given === undefined ? {} : { allowed_updates: given });
    expect(info(made).allowed_updates).toEqual(['poll']);
  },
);

test('item 53: only unknown names mean the default set', async () => {
  const made = rig();
  await setWebhook(made, { allowed_updates: '["poll"]' });
  await made.clock.advance(1000);
  await setWebhook(made, { allowed_updates: '["bogus"]' });
  expect(info(made).allowed_updates).toBeUndefined();
});

test('item 54: three kinds are off by default', () => {
  const made = rig();
  const about = { chat: privateChat(1), date: made.clock.unixSeconds(), user: person(1) };
  for (const kind of ['chat_member', 'message_reaction', 'message_reaction_count'] as const) {
    expect(() => push(made, kind, about), kind).toThrow('not queued');
  }
  expect(push(made, 'my_chat_member', about)).toBeGreaterThan(0);
});

test('item 55: without a webhook there is no max_connections and no ip_address', () => {
  expect(Object.keys(info(rig()))).toEqual(['url', 'has_custom_certificate', 'pending_update_count']);
});

test('getWebhookInfo has its keys in the official order', async () => {
  const made = rig();
  made.bot.network = 'refuse';
  await setWebhook(made, { allowed_updates: '["message"]' });
  await made.clock.advance(0);
  expect(Object.keys(info(made))).toEqual([
    'url',
    'has_custom_certificate',
    'pending_update_count',
    'last_error_date',
    'last_error_message',
    'max_connections',
    'ip_address',
    'allowed_updates',
  ]);
});

test('item 80: a new URL gets the update that was in flight to the old one', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => silence;
  const id = pushMessage(made);
  await made.clock.advance(1000);
  await setWebhook(made, { url: 'http://127.0.0.1:9090/' });
  await made.clock.advance(0);
  expect(made.bot.requests.map((request) => [request.updateId, request.connection])).toEqual([
    [id, 1],
    [id, 2],
  ]);
  expect(made.bot.targets[1]?.port).toBe(9090);
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([{ delivery: 'd1', outcome: 'abandoned' }]);
});

test('item 81: after deleteWebhook the update in flight comes through getUpdates', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => silence;
  const id = pushMessage(made);
  await deleteWebhook(made);
  expect((await getUpdates(made)).map((update) => update.update_id)).toEqual([id]);
});

test('a certificate always counts as a change, and shows', async () => {
  const made = rig();
  const file = { field: 'certificate', fileName: 'c.pem', mimeType: '', size: 10, hash: '' };
  const files: Files = new Map([['certificate', file]]);
  await made.updates.setWebhook(params({ url: URL }), files);
  expect(info(made).has_custom_certificate).toBe(true);
  await made.clock.advance(1000);
  const again = await made.updates.setWebhook(params({ url: URL }), files);
  expect(again.description).toBe('Webhook was set');
  await made.clock.advance(1000);
  const large: Files = new Map([['certificate', { ...file, size: 3 * 1024 * 1024 + 1 }]]);
  expect(await failure(made.updates.setWebhook(params({ url: URL }), large))).toBe(
    '400 Bad Request: certificate size is too big (3145729 bytes)',
  );
});

test('a host that cannot be resolved is refused', async () => {
  const made = rig({ resolveHost: () => Promise.reject(new Error('Name or service not known')) });
  expect(await failure(setWebhook(made, { url: 'http://nowhere.invalid/' }))).toBe(
    '400 Bad Request: bad webhook: Failed to resolve host: Name or service not known',
  );
  expect(info(made).url).toBe('');
});

test('a name that leads to a reserved address is refused', async () => {
  const made = rig({ local: false, resolveHost: async () => '10.0.0.1' });
  expect(await failure(setWebhook(made, { url: 'https://inside.example/' }))).toBe(
    '400 Bad Request: bad webhook: IP address 10.0.0.1 is reserved',
  );
  expect(info(made).url).toBe('');
});

test('a newer setWebhook ends one that still waits for its address', async () => {
  const made = rig({ resolveHost: () => new Promise(() => {}) });
  const first = failure(setWebhook(made, { url: 'http://slow.example/' }));
  expect(info(made)).toMatchObject({ url: 'http://slow.example/', ip_address: '<unknown>' });
  await made.clock.advance(1000);
  expect((await setWebhook(made)).description).toBe('Webhook was set');
  expect(await first).toBe('409 Conflict: terminated by other setWebhook');
});

test('a host with a new address is found after half an hour, and the old connection is given up', async () => {
  let address = '127.0.0.1';
  const made = rig({ resolveHost: async () => address });
  await setWebhook(made, { url: 'http://bot.example/' });
  address = '127.0.0.2';
  await made.clock.advance(1_980_000);
  expect(info(made).ip_address).toBe('127.0.0.2');
  pushMessage(made);
  await made.clock.advance(0);
  expect(made.bot.targets.at(-1)?.address).toBe('127.0.0.2');
});

test('closing abandons what is in flight and leaves no timer and no connection', async () => {
  const made = rig();
  await setWebhook(made);
  made.bot.react = () => silence;
  pushMessage(made);
  await made.updates.close();
  expect(eventsOf(made, 'delivery.ended')).toMatchObject([{ outcome: 'abandoned' }]);
  expect(made.clock.pending).toBe(0);
  expect(made.bot.open).toBe(0);
});

test('after closing nothing can be set any more', async () => {
  const made = rig({ resolveHost: () => new Promise(() => {}) });
  const pending = failure(setWebhook(made, { url: 'http://slow.example/' }));
  await made.updates.close();
  expect(await pending).toBe('500 Internal Server Error: restart');
  await made.clock.advance(1000);
  expect(await failure(setWebhook(made))).toBe('500 Internal Server Error: restart');
  expect(made.bot.targets).toEqual([]);
});
