import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canTakeOver, type Receive, takeOver } from '../../../src/mongo/proxy/own-buffer.js';

interface Pair {
  readonly server: Server;
  readonly client: Socket;
  readonly accepted: Socket;
}

async function pair(): Promise<Pair> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepting = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({ port, host: '127.0.0.1', noDelay: true });
  const [accepted] = await accepting;
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return { server, client, accepted };
}

/** As {@link takeOver}, for a socket that can be taken over. */
function taken(accepted: Socket, receive: Receive): Socket {
  const socket = takeOver(accepted, receive);
  if (socket === undefined) throw new Error('It was not taken over');
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Waits until this holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));

describe('an accepted socket', () => {
  it('can be taken over by this version of Node', async () => {
    expect(await canTakeOver()).toBe(true);
  });

  it('reads into one buffer, until somebody keeps what is in it', async () => {
    const { client, accepted } = await pair();
    const seen: Buffer[] = [];
    let isKept = false;
    taken(accepted, (bytes) => {
      seen.push(bytes);
      return isKept;
    });
    for (const text of ['one', 'two', 'three', 'four', 'five']) {
      isKept = text === 'three';
      const before = seen.length;
      client.write(text);
      await until(() => seen.length > before);
    }
    const [one, , three, four, five] = seen;
    expect(one?.buffer).toBe(three?.buffer);
    // The one that was kept is as it was, and the others have been written over.
    expect([one, three, four, five].map(String)).toEqual(['thr', 'three', 'five', 'five']);
    expect(four).toBe(five);
    expect(four?.buffer).not.toBe(three?.buffer);
  });

  it('is counted by its server until it has closed, and the server waits for it', async () => {
    const { server, client, accepted } = await pair();
    const socket = taken(accepted, () => false);
    expect(await connectionsOf(server)).toBe(1);
    let isClosed = false;
    server.close(() => {
      isClosed = true;
    });
    await turn();
    expect(isClosed).toBe(false);
    client.end();
    await once(socket, 'close');
    await until(() => isClosed);
    expect(await connectionsOf(server)).toBe(0);
  });

  it('ends when the other side has ended, once everything has left', async () => {
    const { client, accepted } = await pair();
    const socket = taken(accepted, () => false);
    const large = Buffer.alloc(8 * 1024 * 1024, 'x');
    client.pause();
    socket.write(large);
    client.end();
    await once(socket, 'end');
    expect(socket.writableLength).toBeGreaterThan(0);
    let length = 0;
    client.on('data', (chunk) => {
      length += chunk.length;
    });
    client.resume();
    await Promise.all([once(socket, 'close'), once(client, 'close')]);
    expect(length).toBe(large.length);
  });

  it('reads nothing while it is paused', async () => {
    const { client, accepted } = await pair();
    let length = 0;
    const socket = taken(accepted, (bytes) => {
      length += bytes.length;
      return false;
    });
    socket.pause();
    const large = Buffer.alloc(16 * 1024 * 1024, 'x');
    client.write(large);
    for (let n = 0; n < 100; n += 1) await turn();
    expect(length).toBe(0);
    expect(client.writableLength).toBeGreaterThan(0);
    socket.resume();
    await until(() => length === large.length);
  });

  it('can be reset', async () => {
    const { client, accepted } = await pair();
    const socket = taken(accepted, () => false);
    const failed = once(client, 'error');
    socket.resetAndDestroy();
    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  it('tells of a reset by the other side', async () => {
    const { client, accepted } = await pair();
    const socket = taken(accepted, () => false);
    const failed = once(socket, 'error');
    client.resetAndDestroy();
    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  it('is left as it is when bytes have been read from it, or it has ended', async () => {
    const { client, accepted } = await pair();
    client.write('early');
    await until(() => accepted.bytesRead === 5);
    expect(takeOver(accepted, () => false)).toBeUndefined();
    const [bytes] = await once(accepted, 'data');
    expect(String(bytes)).toBe('early');
    accepted.destroy();
    expect(takeOver(accepted, () => false)).toBeUndefined();
  });

  it('is left as it is when there is nothing under it that Node would know', async () => {
    const { accepted } = await pair();
    for (const handle of [undefined, null, {}, 7]) {
      const socket = Object.assign(Object.create(accepted) as Socket, { _handle: handle });
      expect(takeOver(socket, () => false)).toBeUndefined();
    }
    expect(accepted.destroyed).toBe(false);
  });
});
