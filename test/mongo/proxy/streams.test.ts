import { once } from 'node:events';
import { Long, serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.js';
import { encodeOpMsg, MSG_FLAG } from '../../../src/mongo/wire/op-msg.js';
import { connectTo, relayInPieces } from './relay.js';
import { proxyBefore, stubServer } from './rig.js';

const cursor = { firstBatch: [{ _id: 1 }, { _id: 2 }], id: Long.ZERO, ns: 'test.sessions' };

describe('streams', () => {
  it('records a command with what its request and its reply say', async () => {
    const stub = await stubServer({ answer: () => ({ cursor, ok: 1 }) });
    const { connect: join, events } = await proxyBefore(stub.uri);
    const client = await join();
    await client.run({ find: 'sessions', filter: {}, $db: 'test' });
    expect(events.all).toEqual([
      {
        type: 'command.started',
        command: 'm1.1',
        connection: 1,
        name: 'find',
        database: 'test',
        collection: 'sessions',
      },
      {
        type: 'command.ended',
        command: 'm1.1',
        name: 'find',
        outcome: 'ok',
        returned: 2,
        appliedUpstream: true,
        ms: expect.any(Number),
        upstreamMs: expect.any(Number),
        addedMs: 0,
      },
    ]);
  });

  it('passes replies on byte for byte', async () => {
    const reply = (requestId: number): Buffer =>
      encodeOpMsg({
        requestId: 99,
        responseTo: requestId,
        flags: MSG_FLAG.checksumPresent,
        body: serialize({ cursor, ok: 1 }),
      });
    const stub = await stubServer({ answer: (_command, requestId) => reply(requestId) });
    const { connect: join } = await proxyBefore(stub.uri);
    const client = await join();
    const requestId = client.send({ find: 'sessions' });
    expect((await client.receiveFrame()).equals(reply(requestId))).toBe(true);
  });

  it('understands streams that are cut into seven bytes', async () => {
    const stub = await stubServer({
      hello: { setName: 'rs0', hosts: ['a:1'] },
      answer: (command) => ({ echo: command.documents ?? command, ok: 1 }),
    });
    const { proxy, events } = await proxyBefore(`mongodb://${await relayInPieces(7, stub.address)}/`);
    const chopped = await proxyBefore(`mongodb://${await relayInPieces(7, proxy.address)}/`);
    const client = await chopped.connect();
    expect(await client.legacyHello()).toMatchObject({ hosts: [chopped.proxy.address] });
    client.send({ insert: 'a' }, { documents: [{ text: 'x'.repeat(1000) }, { b: 2 }] });
    expect((await client.receive()).echo).toEqual([{ text: 'x'.repeat(1000) }, { b: 2 }]);
    expect(await client.run({ ping: 5 })).toMatchObject({ echo: { ping: 5 } });
    for (const { all } of [events, chopped.events]) {
      expect(all.map(({ type }) => type)).toEqual([
        'command.started',
        'command.ended',
        'command.started',
        'command.ended',
      ]);
    }
  });

  it('follows replies that come without a request of their own', async () => {
    const stub = await stubServer({
      answer: (_command, requestId, socket) => {
        const body = serialize({ cursor, ok: 1 });
        socket.write(encodeOpMsg({ requestId: 51, responseTo: requestId, flags: MSG_FLAG.moreToCome, body }));
        return encodeOpMsg({ requestId: 52, responseTo: 51, body });
      },
    });
    const { connect: join, events } = await proxyBefore(stub.uri);
    const client = await join();
    client.send({ getMore: Long.ONE, collection: 'sessions' }, { flags: MSG_FLAG.exhaustAllowed });
    await client.receiveFrame();
    await client.receiveFrame();
    expect(events.of('command.ended')).toMatchObject([{ name: 'getMore', outcome: 'ok' }]);
  });

  it('passes on what it does not understand, and says so once', async () => {
    const stub = await stubServer();
    const { connect: join, proxy, events } = await proxyBefore(stub.uri);
    for (const _ of [1, 2]) {
      const client = connectTo(proxy.address);
      const ping = encodeOpMsg({ requestId: 1, body: serialize({ ping: 1, $db: 'a' }) });
      // The stub answers the ping, and sends back everything from the first bytes on that are no message.
      client.write(ping);
      await once(client, 'data');
      client.write('GET / HTTP/1.1\r\n\r\n');
      const [garbage] = await once(client, 'data');
      expect(String(garbage)).toBe('GET / HTTP/1.1\r\n\r\n');
      client.write(ping);
      const [echo] = await once(client, 'data');
      expect(ping.equals(echo)).toBe(true);
    }
    expect(events.of('warning')).toMatchObject([{ code: 'mongo/not-understood' }]);
    expect(events.of('command.started')).toHaveLength(2);
    expect(await (await join()).run({ ping: 1 })).toEqual({ ok: 1 });
    await proxy.close();
    expect(events.of('warning')[1]?.message).toBe('2 connections were not understood in all');
  });

  it('reports open commands as unknown when the server goes away', async () => {
    const stub = await stubServer({ answer: () => undefined });
    const { connect: join, events } = await proxyBefore(stub.uri);
    const client = await join();
    client.send({ find: 'sessions' });
    await stub.nth(1);
    for (const socket of stub.sockets) socket.destroy();
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'unknown', addedMs: 0 });
    await expect(client.receive()).rejects.toThrow('closed');
  });

  const megabyte = 1024 * 1024;
  const big = { text: 'x'.repeat(megabyte), ok: 1 };

  it('reads no further from a server whose client does not read', async () => {
    const stub = await stubServer({ answer: () => big });
    const { connect: join } = await proxyBefore(stub.uri);
    const client = await join();
    client.socket.pause();
    for (let n = 0; n < 64; n += 1) client.send({ find: 'sessions' });
    await stub.nth(64);
    const [socket] = stub.sockets;
    expect(socket?.writableLength).toBeGreaterThan(30 * megabyte);
    client.socket.resume();
    for (let n = 0; n < 64; n += 1) await client.receiveFrame();
    expect(socket?.writableLength).toBe(0);
  });

  it('reads no further when much is held back by a fault', async () => {
    const stub = await stubServer({ answer: () => big });
    const clock = new ManualClock();
    const faults = [{ on: 'mongo', phase: 'after', delay: 1000 } as const];
    const { connect: join } = await proxyBefore(stub.uri, { faults, clock });
    const client = await join();
    for (let n = 0; n < 64; n += 1) client.send({ find: 'sessions' });
    await stub.nth(64);
    const [socket] = stub.sockets;
    for (let n = 0; n < 1000; n += 1) await clock.advance(0);
    expect(socket?.writableLength).toBeGreaterThan(30 * megabyte);
  });
});
