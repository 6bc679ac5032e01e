import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { chatId } from '../../../src/base/ids.js';
import type { Files } from '../../../src/telegram/contracts.js';
import { resolveHost } from '../../../src/telegram/updates/resolve-host.js';
import { http, LiveRig, RawBot, type RawRequest } from './live-rig.js';
import { NO_FILES, params, privateChat } from './rig.js';
import { CERTIFICATE, PRIVATE_KEY } from './self-signed.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type React = (request: RawRequest, count: number) => void;

async function bot(react: React, tls?: { key: string; cert: string }): Promise<RawBot> {
  const made = await RawBot.listen(react, tls);
  cleanUps.push(() => made.close());
  return made;
}

function live(more: ConstructorParameters<typeof LiveRig>[0] = {}): LiveRig {
  const made = new LiveRig(more);
  cleanUps.push(() => made.updates.close());
  return made;
}

const set = (made: LiveRig, url: string, more: Record<string, string> = {}, files: Files = NO_FILES) =>
  made.updates.setWebhook(params({ url, ...more }), files);

function say(made: LiveRig, text = 'hi', chat = 7): number {
  const payload = { message_id: 1, date: made.clock.unixSeconds(), chat: privateChat(chat), text };
  const id = made.updates.push('message', payload, { chatId: chatId(chat) });
  if (id === undefined) throw new Error('not queued');
  return id;
}

/** Sets the webhook, says something and returns how the first delivery ended. */
async function deliver(react: React, more: ConstructorParameters<typeof LiveRig>[0] = {}) {
  const made = live(more);
  const { port } = await bot(react);
  await set(made, `http://127.0.0.1:${port}/`);
  say(made);
  return { made, ended: await made.nth('delivery.ended') };
}

const reply =
  (text: string): React =>
  ({ socket }) =>
    socket.write(text);
const hangUp =
  (text: string): React =>
  ({ socket }) =>
    socket.end(text);
const JSON_TYPE = { 'Content-Type': 'application/json' };

test('item 56: the request has exactly the official headers, in order', async () => {
  const made = live();
  const raw = await bot(reply(http('200 OK')));
  await set(made, `http://user:pass@127.0.0.1:${raw.port}/a/b?c=d`, { secret_token: 'S-e_c' });
  const id = say(made, 'ж');
  await made.nth('delivery.ended');
  const [request] = raw.requests;
  expect(request?.body.startsWith(`{"update_id":${id},\n"message":{`)).toBe(true);
  expect(request?.body).toContain(String.raw`\u0436`);
  expect(request?.head).toEqual([
    'POST /a/b?c=d HTTP/1.1',
    `Host: 127.0.0.1:${raw.port}`,
    'Authorization: Basic dXNlcjpwYXNz',
    'X-Telegram-Bot-Api-Secret-Token: S-e_c',
    'Content-Type: application/json',
    `Content-Length: ${request?.body.length}`,
    'Connection: keep-alive',
    'Accept-Encoding: gzip, deflate',
  ]);
});

test('item 57: without a secret there is no such header', async () => {
  const made = live();
  const raw = await bot(reply(http('200 OK')));
  await set(made, `http://127.0.0.1:${raw.port}`);
  say(made);
  await made.nth('delivery.ended');
  expect(raw.requests[0]?.head.map((line) => line.split(':')[0])).toEqual([
    'POST / HTTP/1.1',
    'Host',
    'Content-Type',
    'Content-Length',
    'Connection',
    'Accept-Encoding',
  ]);
});

test('item 38: one connection is opened at once, and nothing is sent over it', async () => {
  const made = live();
  const raw = await bot(reply(http('200 OK')));
  await set(made, `http://127.0.0.1:${raw.port}/`);
  say(made);
  await made.nth('delivery.ended');
  expect(raw.sockets).toHaveLength(1);
  expect(raw.requests).toHaveLength(1);
});

/** A webhook that has just succeeded, so that new connections may be opened at once; then `react` counts from 1. */
async function deliverWarm(react: React, more: ConstructorParameters<typeof LiveRig>[0] = {}) {
  const { made } = await deliver((request, count) => {
    if (count === 1) request.socket.write(http('200 OK'));
    else react(request, count - 1);
  }, more);
  say(made);
  return { made, ended: await made.nth('delivery.ended', 2) };
}

test('item 73: dribbling bytes do not make it wait longer', async () => {
  let dribble: NodeJS.Timeout | undefined;
  let asked = 0;
  const onDelivery = () => {
    asked += 1;
    return asked === 2 ? [{ fault: 'short', effect: 'timeout' as const, delayMs: 150 }] : [];
  };
  const { ended, made } = await deliverWarm(
    ({ socket }, count) => {
      if (count > 1) return void socket.write(http('200 OK'));
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
      dribble = setInterval(() => socket.write('x'), 20);
    },
    { faults: { onDelivery } },
  );
  clearInterval(dribble);
  expect(ended).toMatchObject({
    outcome: 'unknown',
    error: 'Read timeout expired',
    fault: 'short',
    retryInMs: 0,
  });
  expect((await made.nth('delivery.ended', 3)).outcome).toBe('acknowledged');
});

test('item 74: a clean close is no error, a reset is one', async () => {
  const { ended, made } = await deliverWarm(({ socket }, count) => {
    if (count === 1) socket.end();
    else socket.resetAndDestroy();
  });
  expect(ended).toMatchObject({ outcome: 'unknown', retryInMs: 0 });
  expect(ended).not.toHaveProperty('error');
  expect(await made.nth('delivery.ended', 3)).toMatchObject({
    outcome: 'unknown',
    error: 'Connection reset by peer',
  });
});

test('item 75: a port where nobody listens', async () => {
  const made = live();
  const gone = await RawBot.listen(reply(''));
  const { port } = gone;
  await gone.close();
  await set(made, `http://127.0.0.1:${port}/`);
  say(made);
  expect(await made.nth('delivery.ended')).toMatchObject({
    outcome: 'undelivered',
    error: 'Connection refused',
  });
  expect(made.updates.webhookInfo().last_error_message).toBe('Connection refused');
});

test.each([
  ['JSON', JSON_TYPE, JSON.stringify({ method: 'sendMessage', chat_id: 7, text: 'a "b"' })],
  [
    'a form',
    { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
    'method=sendMessage&chat_id=7&text=a+%22b%22',
  ],
  [
    'multipart',
    { 'Content-Type': 'multipart/form-data; boundary=B' },
    ['method', 'chat_id', 'text']
      .map((name, index) => {
        const value = ['sendMessage', '7', 'a "b"'][index];
        return `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      })
      .join('')
      .concat('--B--\r\n'),
  ],
])('item 82: a method in the answer, as %s, is run', async (_name, headers, body) => {
  const { made, ended } = await deliver(reply(http('200 OK', headers, body)));
  expect(ended.outcome).toBe('acknowledged');
  await made.until(() => made.calls.length > 0);
  expect(made.calls).toEqual([
    {
      method: 'sendmessage',
      params: { method: 'sendMessage', chat_id: '7', text: 'a "b"' },
      files: [],
    },
  ]);
});

test('item 82: chunked and compressed answers are read as well', async () => {
  const body = gzipSync(JSON.stringify({ method: 'sendMessage', text: 'x' }));
  const head = [
    'HTTP/1.1 200 OK',
    'content-type: application/json',
    'content-encoding: gzip',
    'transfer-encoding: chunked',
  ];
  const { made } = await deliver(({ socket }) => {
    socket.write(`${head.join('\r\n')}\r\n\r\n${(body.length - 5).toString(16)}\r\n`);
    socket.write(body.subarray(0, -5));
    socket.write('\r\n5\r\n');
    socket.write(body.subarray(-5));
    socket.write('\r\n0\r\n\r\n');
  });
  await made.until(() => made.calls.length > 0);
  expect(made.calls[0]?.params).toEqual({ method: 'sendMessage', text: 'x' });
});

test.each(['getMe', 'setWebhook', 'deleteWebhook', 'close', 'logOut', ''])(
  'item 83: the method "%s" in the answer is ignored',
  async (method) => {
    const { made, ended } = await deliver(reply(http('200 OK', JSON_TYPE, JSON.stringify({ method }))));
    expect(ended.outcome).toBe('acknowledged');
    await made.updates.close();
    expect(made.calls).toEqual([]);
  },
);

test('item 84: other types, and bodies that end with the connection, are not looked at', async () => {
  const body = JSON.stringify({ method: 'sendMessage', chat_id: 7, text: 'x' });
  const plain = await deliver(reply(http('200 OK', { 'Content-Type': 'text/plain' }, body)));
  expect(plain.ended.outcome).toBe('acknowledged');
  const lengthless = await deliver(
    hangUp(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n${body}`),
  );
  expect(lengthless.ended.outcome).toBe('acknowledged');
  await plain.made.updates.close();
  await lengthless.made.updates.close();
  expect([...plain.made.calls, ...lengthless.made.calls]).toEqual([]);
});

test('item 85: what the method in the answer comes to is not in getWebhookInfo', async () => {
  const { made } = await deliver(reply(http('200 OK', JSON_TYPE, '{"method":"noSuchMethod"}')));
  await made.until(() => made.calls.length > 0);
  expect(made.updates.webhookInfo().last_error_message).toBeUndefined();
});

test('malformed JSON counts up to the mistake', async () => {
  const { made } = await deliver(
    reply(http('200 OK', JSON_TYPE, '{"method":"sendMessage","text":"x","chat')),
  );
  await made.until(() => made.calls.length > 0);
  expect(made.calls[0]?.params).toEqual({ method: 'sendMessage', text: 'x' });
});

test('item 86: the connection is kept, unless the answer closes it', async () => {
  const made = live();
  const raw = await bot(({ socket }, count) => {
    if (count === 2) socket.end(http('200 OK', { Connection: 'close' }));
    else socket.write(http('200 OK'));
  });
  await set(made, `http://127.0.0.1:${raw.port}/`);
  for (let round = 1; round <= 3; round += 1) {
    say(made);
    await made.nth('delivery.ended', round);
  }
  const places = raw.requests.map(({ socket }) => raw.sockets.indexOf(socket));
  expect(places[0]).toBe(places[1]);
  expect(places[2]).not.toBe(places[1]);
});

test.each([
  ['HTTP/2 200 OK\r\n\r\n', 'HTTP Version Not Supported'],
  ['SSH-2.0-OpenSSH\r\n\r\n', 'Not Implemented'],
  ['GET / HTTP/1.1\r\n\r\n', 'Wrong response from the webhook: GET / HTTP/1.1'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n', 'Unimplemented: unsupported transfer-encoding'],
  [
    http('200 OK', { ...JSON_TYPE, 'Content-Encoding': 'br' }, '{}'),
    'Unsupported Media Type: unsupported content-encoding',
  ],
  [
    http('200 OK', JSON_TYPE, `"${'x'.repeat(1024 * 1024)}"`),
    'Request Entity Too Large: too many parameters',
  ],
])('an answer that cannot be understood is a failure: %#', async (text, error) => {
  const { made, ended } = await deliver(reply(text));
  expect(ended).toMatchObject({ outcome: 'unknown', error });
  expect(made.updates.webhookInfo().last_error_message).toBe(error);
});

test('https with the certificate that was uploaded', async () => {
  const tls = { key: PRIVATE_KEY, cert: CERTIFICATE };
  const raw = await bot(reply(http('200 OK')), tls);
  const trusting = live();
  const content = Buffer.from(CERTIFICATE);
  const file = {
    field: 'certificate',
    fileName: 'c.pem',
    mimeType: '',
    size: content.length,
    hash: '',
    content,
  };
  await set(trusting, `https://127.0.0.1:${raw.port}/`, {}, new Map([['certificate', file]]));
  say(trusting);
  expect((await trusting.nth('delivery.ended')).outcome).toBe('acknowledged');

  const careful = live();
  await set(careful, `https://127.0.0.1:${raw.port}/`);
  say(careful);
  const ended = await careful.nth('delivery.ended');
  expect(ended.outcome).toBe('undelivered');
  expect(ended.error).toBe('SSL error {error:0A000086:SSL routines::certificate verify failed}');
});

test('closing drops the connections', async () => {
  const made = live();
  let arrive: (request: RawRequest) => void = () => {};
  const arrived = new Promise<RawRequest>((resolve) => {
    arrive = resolve;
  });
  const raw = await bot((request) => arrive(request));
  await set(made, `http://127.0.0.1:${raw.port}/`);
  say(made);
  const { socket } = await arrived;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await made.updates.close();
  await closed;
  expect(made.of('delivery.ended').map((ended) => ended.outcome)).toEqual(['abandoned']);
});

test('the system finds the address of a host', async () => {
  expect(await resolveHost('127.0.0.1')).toBe('127.0.0.1');
  const made = live();
  const raw = await bot(reply(http('200 OK')));
  await set(made, `http://localhost:${raw.port}/`);
  say(made);
  expect((await made.nth('delivery.ended')).outcome).toBe('acknowledged');
  expect(raw.requests[0]?.head[1]).toBe(`Host: localhost:${raw.port}`);
  expect(made.updates.webhookInfo().ip_address).toBe('127.0.0.1');
});
