import { once } from 'node:events';
import { connect } from 'node:net';
import { serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.js';
import { FrameSplitter } from '../../../src/mongo/wire/frame-splitter.js';
import { encodeOpMsg, parseOpMsg } from '../../../src/mongo/wire/op-msg.js';
import { proxyBefore, stubServer } from './rig.js';

/** Gives this element a type that BSON does not have. */
function malformed(frame: Buffer, key: string): Buffer {
  frame[frame.indexOf(`${key}\0`) - 1] = 0x66;
  return frame;
}

describe('commands that no fault can hit', () => {
  it('are told in their order, between those that a fault hits', async () => {
    const stub = await stubServer();
    const clock = new ManualClock();
    const faults = [{ on: 'mongo', effect: 'overload', match: { collection: 'orders' } } as const];
    const { connect: join, events } = await proxyBefore(stub.uri, { faults, clock });
    const [one, two] = [await join(), await join()];
    // The first one after a quiet time is read at once, so it is not what this is about.
    await one.run({ ping: 1 });
    await one.run({ find: 'sessions' });
    await two.run({ update: 'chats' });
    await one.run({ find: 'orders' });
    await two.run({ getMore: 5n, collection: 'orders' });
    await two.run({ delete: 'chats' });
    expect(
      events.all.map((event) => [
        event.type,
        'name' in event ? event.name : undefined,
        'command' in event && event.command,
      ]),
    ).toEqual([
      ['command.started', 'ping', 'm1.1'],
      ['command.ended', 'ping', 'm1.1'],
      ['command.started', 'find', 'm1.2'],
      ['command.ended', 'find', 'm1.2'],
      ['command.started', 'update', 'm2.1'],
      ['command.ended', 'update', 'm2.1'],
      ['command.started', 'find', 'm1.3'],
      ['fault.hit', undefined, 'm1.3'],
      ['command.ended', 'find', 'm1.3'],
      ['command.started', 'getMore', 'm2.2'],
      ['fault.hit', undefined, 'm2.2'],
      ['command.ended', 'getMore', 'm2.2'],
      ['command.started', 'delete', 'm2.3'],
      ['command.ended', 'delete', 'm2.3'],
    ]);
  });

  it('have the times at which they came and left', async () => {
    const clock = new ManualClock();
    const stub = await stubServer({
      answer: () => {
        void clock.advance(3);
        return { ok: 1, n: 2 };
      },
    });
    const times: (number | undefined)[] = [];
    const { connect: join, events } = await proxyBefore(stub.uri, {
      clock,
      emit: (event, atMs) => {
        times.push(atMs);
        events.emit(event);
      },
    });
    const client = await join();
    await client.run({ ping: 1 });
    await client.run({ find: 'sessions' });
    expect(events.of('command.ended').at(-1)).toMatchObject({ ms: 3, upstreamMs: 3, addedMs: 0, n: 2 });
    expect(times).toEqual([0, 3, 3, 6]);
  });

  it('are told at once, and those without an answer when the proxy closes', async () => {
    const stub = await stubServer({
      answer: (command) => (command.find === 'never' ? undefined : { ok: 1 }),
    });
    const { connect: join, proxy, events } = await proxyBefore(stub.uri);
    const client = await join();
    await client.run({ find: 'sessions' });
    expect(events.all.map(({ type }) => type)).toEqual(['command.started', 'command.ended']);
    client.send({ find: 'never' });
    await stub.nth(2);
    expect(events.all).toHaveLength(3);
    await proxy.close();
    expect(events.all.slice(3)).toMatchObject([
      { type: 'command.ended', command: 'm1.2', outcome: 'unknown' },
    ]);
  });

  it('may be many at once, answered in another order', async () => {
    const requests: number[] = [];
    const stub = await stubServer({
      answer: (_command, requestId, socket) => {
        requests.unshift(requestId);
        if (requests.length < 50) return undefined;
        for (const [index, id] of requests.entries()) {
          const body = serialize({ n: index, ok: 1 });
          socket.write(encodeOpMsg({ requestId: 1000 + index, responseTo: id, body }));
        }
        return undefined;
      },
    });
    const { connect: join, events } = await proxyBefore(stub.uri);
    const client = await join();
    for (let n = 0; n < 50; n += 1) client.send({ update: 'sessions', $db: 'test' });
    for (let n = 0; n < 50; n += 1) expect(await client.receive()).toEqual({ n, ok: 1 });
    expect(events.of('command.ended').map(({ command, n }) => [command, n])).toEqual(
      Array.from({ length: 50 }, (_, n) => [`m1.${50 - n}`, n]),
    );
  });

  it('may have a malformed answer: it has been passed on, and so is all that follows', async () => {
    const answers: Buffer[] = [];
    const stub = await stubServer({
      answer: (command, requestId) => {
        const body = serialize({ n: 1, ok: 1 });
        const frame = encodeOpMsg({ requestId: 0, responseTo: requestId, body });
        if (command.ping !== undefined) return frame;
        answers.push(malformed(frame, 'n'));
        return answers.at(-1);
      },
    });
    const { connect: join, events } = await proxyBefore(stub.uri, { clock: new ManualClock() });
    const client = await join();
    await client.run({ ping: 1 });
    for (const index of [0, 1]) {
      client.send({ find: 'sessions' });
      const frame = await client.receiveFrame();
      expect(answers[index]?.equals(frame)).toBe(true);
    }
    // The second request had come before anybody knew.
    const { all } = events;
    expect(all.slice(2)).toMatchObject([
      { type: 'command.started', command: 'm1.2' },
      { type: 'command.ended', command: 'm1.2', outcome: 'unknown' },
      { type: 'warning', code: 'mongo/not-understood' },
    ]);
  });

  it('may be malformed themselves: they are passed on, and not told', async () => {
    const stub = await stubServer();
    const { connect: join, events } = await proxyBefore(stub.uri, { clock: new ManualClock() });
    const client = await join();
    await client.run({ ping: 1 });
    const find = encodeOpMsg({ requestId: 2, body: serialize({ find: 'sessions', limit: 1, $db: 'test' }) });
    client.socket.write(malformed(find, 'limit'));
    // The server hangs up on it.
    await expect(client.receive()).rejects.toThrow('closed');
    expect(events.all.slice(2)).toMatchObject([{ type: 'warning', code: 'mongo/not-understood' }]);
  });

  it('reach a client whole that reads slowly', async () => {
    const count = 2000;
    const stub = await stubServer({
      answer: (command, requestId) => {
        const text = String(command.skip).repeat(4000);
        return encodeOpMsg({ requestId: 0, responseTo: requestId, body: serialize({ text, ok: 1 }) });
      },
    });
    const { proxy } = await proxyBefore(stub.uri);
    const client = connect({ port: Number(proxy.address.split(':')[1]), host: '127.0.0.1' });
    await once(client, 'connect');
    client.pause();
    // One at a time, so that the server's answers come as single messages.
    for (let n = 1; n <= count; n += 1) {
      client.write(encodeOpMsg({ requestId: n, body: serialize({ find: 'a', skip: n, $db: 'test' }) }));
      await stub.nth(n);
    }
    const splitter = new FrameSplitter();
    const frames: Buffer[] = [];
    client.on('data', (chunk) => frames.push(...splitter.push(chunk)));
    client.resume();
    while (frames.length < count) await once(client, 'data');
    for (const [index, frame] of frames.entries()) {
      const expected = serialize({ text: String(index + 1).repeat(4000), ok: 1 });
      expect(Buffer.from(expected).equals(parseOpMsg(frame).body)).toBe(true);
    }
  });
});
