import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/bot/free-port.js';
import { WebhookRouter } from '../../src/bot/webhook-router.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An instance that does with each connection what the test says, and keeps what it got. */
class Instance {
  readonly sockets: Socket[] = [];
  received = Buffer.alloc(0);
  readonly #server: Server;

  constructor(onData: (socket: Socket, received: Buffer) => void) {
    this.#server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        this.received = Buffer.concat([this.received, bytes]);
        onData(socket, this.received);
      });
    });
    closing.push(() => {
      for (const socket of this.sockets) socket.destroy();
      this.#server.close();
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }
}

async function routerTo(ports: Record<string, number>, unreachable: string[] = []): Promise<WebhookRouter> {
  const router = await WebhookRouter.listen({
    portFor: ({ header }) => ports[header('traceparent') ?? ''] ?? 0,
    onUnreachable: ({ header }) => unreachable.push(header('traceparent') ?? ''),
  });
  closing.push(() => router.close());
  return router;
}

/** What a client of the router sees: bytes, and how it ended. */
class Client {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  end: 'closed' | 'reset' | undefined;

  constructor(router: WebhookRouter) {
    this.socket = connect({ host: '127.0.0.1', port: Number(new URL(router.origin).port) });
    closing.push(() => this.socket.destroy());
    this.socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
    this.socket.on('end', () => {
      this.end ??= 'closed';
    });
    this.socket.on('error', () => {
      this.end ??= 'reset';
    });
  }

  get text(): string {
    return this.received.toString('latin1');
  }
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** As Telegram writes it, with odd spaces and letters that must stay. */
const request = (trace: string, body: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:1\r\nX-Telegram-Bot-Api-Secret-Token:  s3cret\r\nContent-Length: ${body.length}\r\nConnection: keep-alive\r\ntraceparent: ${trace}\r\n\r\n`,
    ),
    Buffer.from(body),
  ]);

const OK = 'HTTP/1.1 200 Fine\r\nx-Odd:  yes \r\nContent-Length: 2\r\n\r\nok';

const answering = (text: string) => (socket: Socket, received: Buffer) => {
  if (received.toString('latin1').endsWith('{}')) socket.write(text);
};

describe('the router before several instances', { timeout: 20_000 }, () => {
  it('passes requests and answers unchanged, on one connection to each instance that is kept', async () => {
    const [a, b] = [new Instance(answering(OK)), new Instance(answering(OK.replace('ok', 'no')))];
    const router = await routerTo({ a: await a.listen(), b: await b.listen() });
    const client = new Client(router);
    for (const [trace, length] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as const) {
      client.socket.write(request(trace, '{}'));
      await until(() => client.received.length === length * OK.length);
    }
    expect(client.text).toBe(OK + OK.replace('ok', 'no') + OK);
    expect(a.received).toEqual(Buffer.concat([request('a', '{}'), request('a', '{}')]));
    expect(b.received).toEqual(request('b', '{}'));
    expect([a.sockets.length, b.sockets.length]).toEqual([1, 1]);
  });

  it('finds the end of requests that come in any pieces', async () => {
    const [a, b] = [new Instance(() => {}), new Instance(() => {})];
    const router = await routerTo({ a: await a.listen(), b: await b.listen() });
    const client = new Client(router);
    const stream = Buffer.concat([request('a', '{"x":"\r\n\r\n"}'), request('b', ''), request('a', '{}')]);
    for (const byte of stream) {
      client.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => a.received.length + b.received.length === stream.length);
    expect(a.received).toEqual(Buffer.concat([request('a', '{"x":"\r\n\r\n"}'), request('a', '{}')]));
    expect(b.received).toEqual(request('b', ''));
  });

  it('passes large bodies and large answers whole', async () => {
    const body = randomBytes(2 * 1024 * 1024);
    const back = randomBytes(2 * 1024 * 1024);
    const a = new Instance((socket, received) => {
      if (received.length === request('a', body).length) socket.write(back);
    });
    const router = await routerTo({ a: await a.listen() });
    const client = new Client(router);
    client.socket.write(request('a', body));
    await until(() => client.received.length === back.length);
    const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(hash(a.received)).toBe(hash(request('a', body)));
    expect(hash(client.received)).toBe(hash(back));
  });

  it.each([
    ['closes without an answer', (socket: Socket) => socket.end(), 'closed', ''],
    [
      'closes in the middle of its answer',
      (socket: Socket) => socket.end(OK.slice(0, 30)),
      'closed',
      OK.slice(0, 30),
    ],
    ['resets', (socket: Socket) => socket.resetAndDestroy(), 'reset', ''],
  ] as const)('an instance that %s looks like that from outside', async (_, act, end, text) => {
    const a = new Instance((socket) => act(socket));
    const router = await routerTo({ a: await a.listen() });
    const client = new Client(router);
    client.socket.write(request('a', '{}'));
    await until(() => client.end !== undefined);
    expect([client.end, client.text]).toEqual([end, text]);
  });

  it('the end of an idle connection is passed on when it served last, and is nobody else’s business', async () => {
    const [a, b] = [new Instance(answering(OK)), new Instance(answering(OK))];
    const router = await routerTo({ a: await a.listen(), b: await b.listen() });
    const client = new Client(router);
    client.socket.write(request('a', '{}'));
    await until(() => client.received.length === OK.length);
    client.socket.write(request('b', '{}'));
    await until(() => client.received.length === 2 * OK.length);
    a.sockets[0]?.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.end).toBeUndefined();
    b.sockets[0]?.end();
    await until(() => client.end === 'closed');
  });

  it('a client that hangs up is gone for the instance, too', async () => {
    const a = new Instance(() => {});
    const router = await routerTo({ a: await a.listen() });
    const client = new Client(router);
    client.socket.write(request('a', '{}'));
    await until(() => a.received.length > 0);
    client.socket.destroy();
    await once(a.sockets[0] as Socket, 'close');
  });

  it('answers 502 for an instance that is down, says so, and goes on with the next request', async () => {
    const b = new Instance(answering(OK));
    const unreachable: string[] = [];
    const router = await routerTo({ a: await freePort(), b: await b.listen() }, unreachable);
    const client = new Client(router);
    client.socket.write(request('a', '{"lost":1}'));
    await until(() => client.text.endsWith('\r\n\r\n'));
    expect(client.text).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
    expect(unreachable).toEqual(['a']);
    client.received = Buffer.alloc(0);
    client.socket.write(request('b', '{}'));
    await until(() => client.text === OK);
    expect(b.received).toEqual(request('b', '{}'));
  });

  it('finds an instance that was started again on its port', async () => {
    const port = await freePort();
    const router = await routerTo({ a: port });
    const client = new Client(router);
    client.socket.write(request('a', '{}'));
    await until(() => client.text.includes('502'));
    client.received = Buffer.alloc(0);
    const server = createServer((socket) => socket.on('data', () => socket.write(OK)));
    closing.push(() => server.close());
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    client.socket.write(request('a', '{}'));
    await until(() => client.text === OK);
    client.socket.destroy();
  });

  it.each([
    ['a length that is none', 'POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n'],
    ['chunks', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a head without end', 'x'.repeat(70 * 1024)],
  ])('refuses %s', async (_, text) => {
    const router = await routerTo({});
    const client = new Client(router);
    client.socket.write(text);
    await until(() => client.text.includes('400 Bad Request'));
  });
});
