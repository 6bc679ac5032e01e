import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { File, User } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { SendtwiceError } from '../../src/base/errors.js';
import { TelegramServer } from '../../src/telegram/server.js';
import { ANNA, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
});
afterEach(() => api.server.close());

/** Everything the server says on one connection until it hangs up (or `complete` is content). */
function raw(request: string, complete: (text: string) => boolean = () => false): Promise<string> {
  const { hostname, port } = new URL(api.server.origin);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (complete(text)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

function form(method: string, body: string, headers: Record<string, string> = {}) {
  return api.request(method, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
}

test('item 1: getMe tells what the bot can do', async () => {
  const { status, body } = await api.request('getMe');
  expect(status).toBe(200);
  expect(body).toEqual({
    ok: true,
    result: {
      id: api.bot.id,
      is_bot: true,
      first_name: 'Test bot',
      username: 'my_bot',
      can_join_groups: true,
      can_read_all_group_messages: false,
      supports_inline_queries: false,
      supports_guest_queries: false,
      can_connect_to_business: false,
      has_main_web_app: false,
      has_topics_enabled: false,
      allows_users_to_create_topics: false,
      can_manage_bots: false,
    },
  });
});

test('item 2: method names have no case', async () => {
  expect((await api.request('GETME', { method: 'POST' })).body).toEqual((await api.request('getMe')).body);
});

test('item 3: an unknown method is not found', async () => {
  const { status, text } = await api.request('nosuch');
  expect([status, text]).toEqual([
    404,
    '{"ok":false,"error_code":404,"description":"Not Found: method not found"}',
  ]);
});

test('item 4: an empty method name is taken from the arguments', async () => {
  expect(await api.result('', { method: 'getMe' })).toMatchObject({ id: api.bot.id });
});

test('item 5: a token without a slash is no address', async () => {
  const { status, text } = await api.fetch(`${api.server.origin}/bot${api.bot.token}`);
  expect([status, text]).toEqual([404, '{"ok":false,"error_code":404,"description":"Not Found"}']);
});

test.each([
  ['item 6: a wrong token is unauthorized', `1234:${'A'.repeat(35)}`, 401, 'Unauthorized'],
  ['a token without a colon', 'abc', 404, 'Not Found'],
  ['a token with a leading zero', `012:${'A'.repeat(35)}`, 404, 'Not Found'],
  ['a token longer than 80 bytes', `12:${'A'.repeat(90)}`, 404, 'Not Found'],
  ['a token whose id is no number', `x1:${'A'.repeat(35)}`, 404, 'Not Found'],
  ['a token with a short secret', '12:short', 404, 'Not Found'],
])('%s', async (_name, token, status, description) => {
  const answer = await api.fetch(`${api.server.origin}/bot${token}/getMe`);
  expect([answer.status, answer.body]).toEqual([status, { ok: false, error_code: status, description }]);
});

test.each([
  ['item 6: a wrong token', `1234:${'A'.repeat(35)}`, 401, 'Unauthorized'],
  ['a token without a colon', 'abc', 401, 'Unauthorized: invalid token specified'],
  ['a token with a leading zero', `012:${'A'.repeat(35)}`, 401, 'Unauthorized: invalid token specified'],
  ['a token longer than 80 bytes', `12:${'A'.repeat(90)}`, 401, 'Unauthorized: invalid token specified'],
  [
    'a token whose id is no number',
    `x1:${'A'.repeat(35)}`,
    421,
    'Misdirected Request: unallowed token specified',
  ],
  ['a token with a negative id', `-1:${'A'.repeat(35)}`, 401, 'Unauthorized: invalid token specified'],
  [
    'a token with an id of 2^54',
    `${2n ** 54n}:${'A'.repeat(35)}`,
    401,
    'Unauthorized: invalid token specified',
  ],
  ['a token with a short secret', '12:short', 401, 'Unauthorized'],
])('%s, strict', async (_name, token, status, description) => {
  await api.server.close();
  api = await ApiHarness.start({ strict: true });
  const answer = await api.fetch(`${api.server.origin}/bot${token}/getMe`);
  expect([answer.status, answer.body]).toEqual([status, { ok: false, error_code: status, description }]);
  expect((await api.request('getMe')).status).toBe(200);
});

test('item 7: the test environment has bots of its own', async () => {
  expect((await api.request('test/getMe')).status).toBe(401);
  const bot = api.server.addBot({ test: true, username: 'other_bot' });
  const answer = await api.fetch<User>(`${api.server.origin}/bot${bot.token}/test/getMe`);
  expect(answer.body.result.username).toBe('other_bot');
  expect((await api.fetch(`${api.server.origin}/bot${bot.token}/getMe`)).status).toBe(401);
});

test.each(['PUT', 'HEAD', 'OPTIONS'])(
  'item 8: %s is answered with a bare 501 and a closed connection',
  async (verb) => {
    const text = await raw(
      `${verb} /bot${api.bot.token}/getMe HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(text).toBe('HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n');
  },
);

test('item 9: the query wins over the body', async () => {
  api.hello();
  const { body } = await form(`sendMessage?text=query&chat_id=${ANNA.id}`, 'text=body&chat_id=5');
  expect(body.result.text).toBe('query');
});

test('item 10: null in a JSON body is the text "null"', async () => {
  api.hello();
  expect(await api.result('sendMessage', { chat_id: ANNA.id, text: null })).toMatchObject({ text: 'null' });
});

test('item 11: a reply_markup of null is no object', async () => {
  api.hello();
  const params = { chat_id: ANNA.id, text: 'x', reply_markup: null };
  expect(await api.error('sendMessage', params)).toBe('Bad Request: object expected as reply markup');
});

test('item 12: what stands before the end of a truncated JSON body counts', async () => {
  api.hello();
  const { body } = await api.request('sendMessage', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"chat_id":${ANNA.id},"text":"whole","reply_markup":{"inline_key`,
  });
  expect(body.result).toMatchObject({ text: 'whole' });
});

test('item 13: a body of another type is ignored', async () => {
  const { body } = await form('sendMessage', `chat_id=${ANNA.id}&text=x`, { 'content-type': 'text/plain' });
  expect(body.description).toBe('Bad Request: message text is empty');
});

test('item 16: status equals error_code, keys in order', async () => {
  const { status, text } = await api.call('sendMessage', { chat_id: 5, text: 'x' });
  expect([status, text]).toEqual([
    400,
    '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}',
  ]);
});

test('item 17: a 429 has its time in a header too', async () => {
  await api.server.close();
  api = await ApiHarness.start({
    faults: {
      onCall: () => [
        { fault: 'flood', phase: 'before', delayMs: 0, effect: 'error', error: { code: 429, retryAfter: 7 } },
      ],
    },
  });
  const { status, headers, text } = await api.call('getMe');
  expect(status).toBe(429);
  expect(headers.get('retry-after')).toBe('7');
  expect(text).toBe(
    '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}',
  );
});

test('item 18: a form field may carry JSON', async () => {
  api.hello();
  const markup = encodeURIComponent('{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}');
  const { body } = await form('sendMessage', `chat_id=${ANNA.id}&text=x&reply_markup=${markup}`);
  expect(body.result.reply_markup).toEqual({ inline_keyboard: [[{ text: 'a', callback_data: 'b' }]] });
});

test('item 19: more than 1 MiB of parameters is a bare 413', async () => {
  const body = `text=${'x'.repeat(1024 * 1024)}`;
  const head = `POST /bot${api.bot.token}/sendMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
  const bare = 'HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n';
  expect(await raw(`${head}Content-Length: ${body.length}\r\n\r\n`)).toBe(bare);
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  expect(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`)).toBe(bare);
});

test('more than 1 MiB of parameters after decompression is a 413 too', async () => {
  const answer = await fetch(api.url('sendMessage'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
    body: gzipSync(`text=${'x'.repeat(1024 * 1024)}`),
  });
  expect([answer.status, await answer.text()]).toEqual([413, '']);
});

test('a compressed body is read', async () => {
  api.hello();
  const answer = await api.request('sendMessage', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify({ chat_id: ANNA.id, text: 'small' })),
  });
  expect(answer.body.result.text).toBe('small');
});

test.each([
  ['an unknown content encoding', 'Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx', 415],
  ['an unfinished gzip', 'Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd', 400],
])('%s ends in a bare status', async (_name, rest, status) => {
  const text = await raw(
    `POST /bot${api.bot.token}/getMe HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${rest}`,
  );
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Za-z ]+\\r\\nContent-Length: 0\\r\\n\\r\\n$`));
});

test('headers of more than 256 KiB are a bare 431', async () => {
  const text = await raw(`GET /bot${api.bot.token}/getMe HTTP/1.1\r\nX: ${'x'.repeat(300 * 1024)}\r\n\r\n`);
  expect(text).toBe('HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n');
});

test('item 20: letters outside ASCII leave as lower-case escapes', async () => {
  api.hello();
  const { text, body } = await api.call('sendMessage', { chat_id: ANNA.id, text: 'Ёж 🦔' });
  expect(text).toContain('"text":"\\u0401\\u0436 \\ud83e\\udd94"');
  expect(body.result.text).toBe('Ёж 🦔');
});

test('the head of an answer is the official one', async () => {
  const text = await raw(`GET /bot${api.bot.token}/getWebhookInfo HTTP/1.1\r\nHost: x\r\n\r\n`, (t) =>
    t.includes('}}'),
  );
  expect(text.split('\r\n\r\n')[0]).toMatchInlineSnapshot(`
    "HTTP/1.1 200 OK
    Connection: keep-alive
    Content-Type: application/json
    Content-Length: 87"
  `);
});

test('Expect: 100-continue is not answered', async () => {
  const text = await raw(
    `POST /bot${api.bot.token}/getMe HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n`,
    (t) => t.includes('}}'),
  );
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test('multipart parameters and files are read; a file of up to 1 MiB can be downloaded again', async () => {
  api.hello();
  const body = new FormData();
  body.set('chat_id', String(ANNA.id));
  body.set('document', new Blob(['the content'], { type: 'text/plain' }), 'notes.txt');
  const { document } = (await api.request('sendDocument', { method: 'POST', body })).body.result;
  expect(document).toMatchObject({ file_name: 'notes.txt', mime_type: 'text/plain', file_size: 11 });
  const file = await api.result<File>('getFile', { file_id: document?.file_id });
  expect(file.file_path).toBe('documents/file_0.txt');
  const download = await fetch(`${api.server.origin}/file/bot${api.bot.token}/${file.file_path}`);
  expect(await download.text()).toBe('the content');
  expect((await fetch(`${api.server.origin}/file/bot${api.bot.token}/documents/file_9.txt`)).status).toBe(
    404,
  );
});

test('a file part under attach:// is found, and more than 50 files are too many', async () => {
  api.hello();
  const body = new FormData();
  body.set('chat_id', String(ANNA.id));
  body.set('photo', 'attach://here');
  body.set('here', new Blob(['pixels']), 'a.png');
  expect((await api.request('sendPhoto', { method: 'POST', body })).body.result.photo).toHaveLength(3);
  for (let i = 0; i < 50; i += 1) body.set(`more${i}`, new Blob(['x']), 'x');
  const answer = await fetch(api.url('sendPhoto'), { method: 'POST', body });
  expect([answer.status, await answer.text()]).toEqual([413, '']);
});

test('a file of more than 50 MB does not get past the front end', async () => {
  const body = new FormData();
  body.set('document', new Blob([new Uint8Array(50 * 1024 * 1024 + 1)]), 'big.bin');
  const { status, body: answer } = await api.request('sendDocument', { method: 'POST', body });
  expect([status, answer]).toEqual([
    413,
    { ok: false, error_code: 413, description: 'Request Entity Too Large' },
  ]);
});

test('a taken port is said so', async () => {
  const port = Number(new URL(api.server.origin).port);
  const start = TelegramServer.start({ clock: new RealClock(), emit: () => undefined, seed: 'x', port });
  await expect(start).rejects.toThrow(SendtwiceError);
  await expect(start).rejects.toMatchObject({ code: 'listen/port-in-use' });
});

test('a token never reaches the history', async () => {
  await api.request(api.bot.token);
  await api.call('getMe', { token: api.bot.token });
  expect(JSON.stringify(api.events)).not.toContain(api.bot.token.split(':')[1]);
});
