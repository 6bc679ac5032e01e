import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { chatId, userId } from '../../src/base/ids.js';
import { freePort } from '../../src/bot/free-port.js';
import { sendRequests } from '../../src/deeds/requests.js';
import type { EventBody } from '../../src/history/events.js';
import type { DeedFacts, RequestDeed } from '../../src/replay/deed.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Got {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

async function botServer(
  answer: (got: Got, request: IncomingMessage) => number | undefined,
): Promise<{ origin: string; got: Got[] }> {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const one = { method: request.method, url: request.url, type: request.headers['content-type'], body };
    got.push(one);
    const status = answer(one, request);
    if (status !== undefined) response.writeHead(status).end('{"ok":true}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

const deed = (over: Partial<RequestDeed> = {}): RequestDeed => ({
  do: 'request',
  method: 'POST',
  url: '/admin/notify',
  headers: {},
  times: 1,
  timeoutMs: 2_000,
  ...over,
});

const facts = (): DeedFacts => ({
  user: 'u1',
  session: 's1',
  step: 3,
  chatId: chatId(5),
  userId: userId(5),
  signal: new AbortController().signal,
  expects: [{ kind: 'text', text: 'On its way' }],
});

async function eventsOf(origin: string, what: RequestDeed, allowRemote = false): Promise<EventBody[]> {
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  await sendRequests(what, facts(), { origin, allowRemote, clock: new RealClock(), emit });
  return events;
}

describe('requests to the bot’s own server', () => {
  it('sends JSON or text, and tells how it was answered', async () => {
    const { origin, got } = await botServer(() => 202);
    const events = await eventsOf(origin, deed({ body: { user: 5 } }));
    await eventsOf(
      origin,
      deed({ body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    );
    await eventsOf(origin, deed({ method: 'GET', url: `${origin}/health?x=1` }));
    expect(got).toEqual([
      { method: 'POST', url: '/admin/notify', type: 'application/json', body: '{"user":5}' },
      { method: 'POST', url: '/admin/notify', type: 'application/x-www-form-urlencoded', body: 'a=1' },
      { method: 'GET', url: '/health?x=1', type: undefined, body: '' },
    ]);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'request.started',
        request: 'u1.3.1',
        method: 'POST',
        path: '/admin/notify',
        expects: [{ kind: 'text', text: 'On its way' }],
      }),
      expect.objectContaining({ type: 'request.ended', outcome: 'answered', status: 202, ok: true }),
    ]);
  });

  it('sends the same several times at once, and expects an answer to the user only once', async () => {
    let open = 0;
    let most = 0;
    const { origin } = await botServer((_, request) => {
      open += 1;
      most = Math.max(most, open);
      // Nobody is answered before all three are there.
      if (open === 3) for (const answer of waiting) answer();
      else waiting.push(() => request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
      return open === 3 ? 200 : undefined;
    });
    const waiting: (() => void)[] = [];
    const events = await eventsOf(origin, deed({ times: 3 }));
    expect(most).toBe(3);
    expect(events.filter(({ type }) => type === 'request.ended')).toHaveLength(3);
    expect(
      events.filter((event) => event.type === 'request.started' && event.expects !== undefined),
    ).toHaveLength(1);
  });

  it('tells apart who refuses, who never answers and who is not there', async () => {
    const refusing = await botServer(() => 500);
    const [, refused] = await eventsOf(refusing.origin, deed());
    expect(refused).toMatchObject({ outcome: 'answered', status: 500, ok: false });
    const [, allowed] = await eventsOf(refusing.origin, deed({ status: [500] }));
    expect(allowed).toMatchObject({ ok: true });

    const silent = await botServer(() => undefined);
    const [, unanswered] = await eventsOf(silent.origin, deed({ timeoutMs: 50 }));
    expect(unanswered).toMatchObject({ outcome: 'unknown', ok: false });

    const [, nobody] = await eventsOf(`http://127.0.0.1:${await freePort()}`, deed());
    expect(nobody).toMatchObject({ outcome: 'undelivered', ok: false });
  });

  it('refuses another machine', async () => {
    await expect(eventsOf('http://127.0.0.1:1', deed({ url: 'http://192.0.2.1/pay' }))).rejects.toMatchObject(
      {
        code: 'target/not-loopback',
        message: expect.stringContaining('192.0.2.1'),
      },
    );
  });
});
