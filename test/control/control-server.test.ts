import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ControlServer, Refused, type Route } from '../../src/control/control-server.js';

const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/', about: 'hello', answer: () => ({ status: 200, body: { hello: 'you' } }) },
  {
    method: 'POST',
    path: '/things/:name/:how',
    about: 'echoes',
    answer: ({ parts, body }) => ({ status: 201, body: { parts, body } }),
  },
  {
    method: 'DELETE',
    path: '/things',
    about: 'refuses',
    answer: () => {
      throw new Refused(409, 'Not now', 'Later.');
    },
  },
  {
    method: 'GET',
    path: '/broken',
    about: 'fails',
    answer: async () => {
      throw new TypeError('of ours');
    },
  },
];

async function started(): Promise<ControlServer> {
  const server = await ControlServer.listen(0, ROUTES);
  onTestFinished(() => server.close());
  return server;
}

interface Got {
  readonly status: number;
  readonly body: unknown;
}

async function ask(server: ControlServer, path: string, init: RequestInit = {}): Promise<Got> {
  const response = await fetch(`${server.url}${path}`, init);
  return { status: response.status, body: await response.json() };
}

/** What is said to these bytes, until the server hangs up. */
async function raw(server: ControlServer, ...lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  // A server that has said why it reads no further may hang up with a reset.
  socket.on('error', () => {});
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return text;
}

test('answers in JSON, with the parts of the path and what the body says', async () => {
  const server = await started();
  expect(await ask(server, '/?a=1')).toEqual({ status: 200, body: { hello: 'you' } });
  const echoed = await ask(server, '/things/a-1/on', { method: 'POST', body: '{"n":[1]}' });
  expect(echoed).toEqual({
    status: 201,
    body: { parts: { name: 'a-1', how: 'on' }, body: { n: [1] } },
  });
  expect(await ask(server, '/things/a/b', { method: 'POST' })).toEqual({
    status: 201,
    body: { parts: { name: 'a', how: 'b' } },
  });
});

test('says what there is to whoever asks for something else', async () => {
  const server = await started();
  expect(await ask(server, '/thing')).toEqual({
    status: 404,
    body: {
      error: 'There is nothing at /thing',
      routes: [
        'GET /                    hello',
        'POST /things/:name/:how  echoes',
        'DELETE /things           refuses',
        'GET /broken              fails',
      ],
    },
  });
  expect(await ask(server, '/things')).toMatchObject({
    status: 405,
    body: { error: '/things cannot be asked with GET' },
  });
  expect(await ask(server, '/things//on', { method: 'POST' })).toMatchObject({ status: 404 });
});

test('tells refusals with their hint, and its own failures as such', async () => {
  const server = await started();
  expect(await ask(server, '/things', { method: 'DELETE' })).toEqual({
    status: 409,
    body: { error: 'Not now', hint: 'Later.' },
  });
  expect(await ask(server, '/broken')).toEqual({ status: 500, body: { error: 'of ours' } });
});

test.each(['http://evil.example', 'null', 'http://127.0.0.1:1'])(
  'keeps web pages away: Origin %s',
  async (origin) => {
    const server = await started();
    const got = await ask(server, '/', { headers: { origin } });
    expect(got).toEqual({
      status: 403,
      body: { error: `Requests from web pages are refused (Origin: ${origin})` },
    });
  },
);

test.each([
  ['evil.example', 'is evil.example, which is not this machine'],
  ['127.0.0.1.evil.example:80', 'is 127.0.0.1.evil.example:80, which is not this machine'],
  ['127.0.0.1@evil.example', 'is 127.0.0.1@evil.example, which is not this machine'],
  ['', 'is missing'],
])('keeps names away that were bound to this machine: Host %s', async (host, why) => {
  const server = await started();
  const text = await raw(server, 'GET / HTTP/1.1', `Host: ${host}`, 'Connection: close');
  expect(text).toMatch(/^HTTP\/1.1 403 /);
  expect(text).toContain(`The host ${why}`);
});

test.each(['127.0.0.1', 'localhost:9', '[::1]:80'])('serves Host %s', async (host) => {
  const server = await started();
  const text = await raw(server, 'GET / HTTP/1.1', `Host: ${host}`, 'Connection: close');
  expect(text).toMatch(/^HTTP\/1.1 200 /);
});

test('reads no more than 64 KB, whether their number was told or not', async () => {
  const server = await started();
  const path = '/things/a/b';
  const fits = JSON.stringify('x'.repeat(64 * 1024 - 2));
  expect(await ask(server, path, { method: 'POST', body: fits })).toMatchObject({ status: 201 });
  const head = [`POST ${path} HTTP/1.1`, 'Host: localhost'];
  const told = await raw(server, ...head, `Content-Length: ${64 * 1024 + 1}`);
  expect(told).toMatch(/^HTTP\/1.1 413 /);
  const chunk = 'x'.repeat(66_000);
  const untold = await raw(server, ...head, 'Transfer-Encoding: chunked', '', '101d0', chunk);
  expect(untold).toMatch(/^HTTP\/1.1 413 [\s\S]*The body is longer than 64 KB/);
  expect(await ask(server, path, { method: 'POST', body: '{"a":' })).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^The body is no JSON: /) },
  });
  expect(await ask(server, '/')).toMatchObject({ status: 200 });
});

test('says so when its port is taken', async () => {
  const { url } = await started();
  const port = Number(new URL(url).port);
  await expect(ControlServer.listen(port, ROUTES)).rejects.toMatchObject({
    code: 'listen/port-in-use',
    message: `The control server cannot listen on 127.0.0.1:${port}: the port is in use`,
    hint: 'Choose another port, or 0 to get a free one.',
  });
});

test('closes although clients keep their connections', async () => {
  const server = await ControlServer.listen(0, ROUTES);
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const ended = once(socket, 'close');
  await server.close();
  await ended;
});
