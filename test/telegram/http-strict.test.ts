import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANNA, ApiHarness, BORIS, barrier, until } from './api-harness.js';

/** What the HTTP reader of the official server does with odd requests, over raw sockets. */

let api: ApiHarness;
const sockets: Socket[] = [];
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
  api.hello('hi', BORIS);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await api.server.close();
});

/** One connection that is written to piece by piece. */
class Wire {
  text = '';
  closed = false;
  readonly #socket: Socket;

  constructor() {
    const { hostname, port } = new URL(api.server.origin);
    this.#socket = connect({ port: Number(port), host: hostname, noDelay: true });
    sockets.push(this.#socket);
    this.#socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
    });
    this.#socket.on('error', () => {
      this.closed = true;
    });
    this.#socket.on('close', () => {
      this.closed = true;
    });
  }

  write(piece: string | Buffer): Promise<void> {
    return new Promise((resolve) => this.#socket.write(piece, () => resolve()));
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  /** The bodies of the answers so far. */
  get bodies(): unknown[] {
    return this.text
      .split(/HTTP\/1\.1 \d+ [^\r]*\r\n/)
      .slice(1)
      .map((answer) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)));
  }

  async answers(count: number): Promise<{ ok: boolean; result?: { text?: string }; description?: string }[]> {
    await until(() => this.text.split('HTTP/1.1 ').length > count && /[}]$/.test(this.text));
    return this.bodies as never;
  }
}

function request(
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  method = 'sendMessage',
): Buffer {
  const all = {
    Host: 'x',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== '');
  const head = `POST /bot${api.bot.token}/${method} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

async function nextUpdate(): Promise<number> {
  const updates = await api.result<{ update_id: number }[]>('getUpdates');
  return (updates.at(-1)?.update_id ?? 0) + 1;
}

const message = (text: string, chat: number = ANNA.id): string => JSON.stringify({ chat_id: chat, text });

test('pipelined requests are answered one by one, in their order', async () => {
  const wire = new Wire();
  const three = ['one', 'two', 'three'].map((text) => request(message(text)));
  await wire.write(Buffer.concat(three));
  const texts = (await wire.answers(3)).map(({ result }) => result?.text);
  expect(texts).toEqual(['one', 'two', 'three']);
  await wire.write(request(message('four')));
  expect((await wire.answers(4)).at(-1)?.result?.text).toBe('four');
});

test('a request that comes while the one before is still answered waits for it', async () => {
  const wire = new Wire();
  await wire.write(request(JSON.stringify({ timeout: 30, offset: await nextUpdate() }), {}, 'getUpdates'));
  await until(() => api.eventsOf('call.started').length === 2);
  await wire.write(request(message('after the poll')));
  api.hello('news');
  await barrier(api);
  await api.clock.advance(10);
  const [poll, sent] = await wire.answers(2);
  expect([poll?.ok, sent?.result?.text]).toEqual([true, 'after the poll']);
});

test('a body in small pieces is read as one', async () => {
  const wire = new Wire();
  const bytes = request(message('slow and steady'));
  for (let at = 0; at < bytes.length; at += 17) {
    await wire.write(bytes.subarray(at, at + 17));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await wire.answers(1))[0]?.result?.text).toBe('slow and steady');
  await wire.write(request(message('and whole')));
  expect((await wire.answers(2))[1]?.result?.text).toBe('and whole');
});

test('quick and slow requests take turns on one connection', async () => {
  const wire = new Wire();
  await wire.write(request(message('whole')));
  await wire.answers(1);
  await wire.write(
    request(message('chunked'), { 'Content-Length': '', 'Transfer-Encoding': 'chunked' }).subarray(
      0,
      -message('chunked').length,
    ),
  );
  await wire.write(`${message('chunked').length.toString(16)}\r\n${message('chunked')}\r\n0\r\n\r\n`);
  expect((await wire.answers(2))[1]?.result?.text).toBe('chunked');
  await wire.write(request(message('whole again')));
  expect((await wire.answers(3))[2]?.result?.text).toBe('whole again');
});

test('Expect: 100-continue is taken no notice of, however the body comes', async () => {
  const wire = new Wire();
  const bytes = request(message('expected'), { Expect: '100-continue' });
  const bodyAt = bytes.indexOf('\r\n\r\n') + 4;
  await wire.write(bytes.subarray(0, bodyAt));
  await wire.write(bytes.subarray(bodyAt));
  expect((await wire.answers(1))[0]?.result?.text).toBe('expected');
  expect(wire.text).not.toContain('100 Continue');
});

test('bytes that are no UTF-8 are refused with the official words, in every kind of body', async () => {
  const bad = Buffer.from([0x61, 0xff, 0x62]);
  const boundary = 'xyz';
  const part = (name: string, value: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`),
      value,
      Buffer.from('\r\n'),
    ]);
  const bodies: [Buffer, string][] = [
    [
      Buffer.concat([Buffer.from(`{"chat_id":${ANNA.id},"text":"`), bad, Buffer.from('"}')]),
      'application/json',
    ],
    [Buffer.from(`chat_id=${ANNA.id}&text=a%ffb`), 'application/x-www-form-urlencoded'],
    [
      Buffer.concat([
        part('chat_id', Buffer.from(String(ANNA.id))),
        part('text', bad),
        Buffer.from(`--${boundary}--\r\n`),
      ]),
      `multipart/form-data; boundary=${boundary}`,
    ],
  ];
  for (const [body, type] of bodies) {
    const wire = new Wire();
    await wire.write(request(body, { 'Content-Type': type }));
    expect([type, (await wire.answers(1))[0]?.description]).toEqual([
      type,
      'Bad Request: strings must be encoded in UTF-8',
    ]);
  }
});

test.each([
  ['without a boundary', 'multipart/form-data'],
  ['with an empty boundary', 'multipart/form-data; boundary='],
  ['with a boundary of 71 letters', `multipart/form-data; boundary=${'b'.repeat(71)}`],
])('multipart %s is a bare 400', async (_name, type) => {
  const wire = new Wire();
  await wire.write(request('--x--\r\n', { 'Content-Type': type }));
  await until(() => wire.closed);
  expect(wire.text).toBe('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
});

test('a multipart body that never shows its boundary is a bare 400', async () => {
  const wire = new Wire();
  await wire.write(
    request('--other\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n--other--\r\n', {
      'Content-Type': 'multipart/form-data; boundary=mine',
    }),
  );
  await until(() => wire.closed);
  expect(wire.text).toBe('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
});

test('a declared body of more than 1 MiB of parameters is refused before it comes', async () => {
  const wire = new Wire();
  const bytes = request('', { 'Content-Length': String(1024 * 1024 + 1) });
  await wire.write(bytes);
  await until(() => wire.closed);
  expect(wire.text).toBe('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n');
});

test('a bot that hangs up in mid-body leaves nothing behind', async () => {
  const wire = new Wire();
  await wire.write(request(message('cut')).subarray(0, -3));
  wire.hangUp();
  await until(() => wire.closed);
  expect((await api.call('getMe')).status).toBe(200);
  expect(api.eventsOf('call.started')).toHaveLength(1);
});

test('a bot that hangs up during a long poll ends it, quick lane or not', async () => {
  const offset = await nextUpdate();
  const wire = new Wire();
  await wire.write(request(JSON.stringify({ timeout: 50, offset }), {}, 'getUpdates'));
  await until(() => api.eventsOf('call.started').length === 2);
  wire.hangUp();
  expect((await api.ended(2))[1]).toMatchObject({ method: 'getUpdates', answered: false });
});

test('a closing server destroys idle and busy connections of both lanes', async () => {
  const [idle, quick, slow] = [new Wire(), new Wire(), new Wire()];
  await idle.write('');
  await quick.write(request(message('x')));
  await quick.answers(1);
  await slow.write(request(message('x')).subarray(0, -3));
  await api.server.close();
  await until(() => idle.closed && quick.closed && slow.closed);
  expect([idle, quick, slow].map(({ closed }) => closed)).toEqual([true, true, true]);
});
