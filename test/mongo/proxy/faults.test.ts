import { once } from 'node:events';
import { Long, serialize } from 'bson';
import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.js';
import { encodeOpMsg, MSG_FLAG } from '../../../src/mongo/wire/op-msg.js';
import { type AnyFault, proxyBefore, type Rig, stubServer } from './rig.js';
import type { StubOptions, StubServer } from './stub-server.js';

type TestRig = Rig & { readonly stub: StubServer; readonly clock: ManualClock };

async function rig(faults: readonly AnyFault[], options: StubOptions = {}): Promise<TestRig> {
  const stub = await stubServer(options);
  const clock = new ManualClock();
  return { ...(await proxyBefore(stub.uri, { faults, clock })), stub, clock };
}

const find = { find: 'sessions', filter: {} };
const update = { update: 'sessions', updates: [{ q: { chat: 1, user: 2 }, u: { $set: { a: 1 } } }] };

/** Waits until something waits for the clock, then moves it. */
async function later(clock: ManualClock, ms: number): Promise<void> {
  while (clock.pending === 0) await clock.advance(0);
  await clock.advance(ms);
}

describe('an applied write whose acknowledgement is lost', () => {
  it('is in the history as what it is', async () => {
    const { connect, events, stub } = await rig(
      [{ on: 'mongo', match: { commands: ['update'] }, effect: 'lose-acknowledgement' }],
      { answer: () => ({ n: 1, nModified: 1, ok: 1 }) },
    );
    const client = await connect();
    await expect(client.run(update)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(stub.received).toHaveLength(1);
    expect(await events.nth('fault.hit')).toMatchObject({ effect: 'lose-acknowledgement', phase: 'after' });
    expect(await events.nth('command.ended')).toMatchObject({
      outcome: 'unknown',
      appliedUpstream: true,
      n: 1,
      modified: 1,
      upstreamMs: 0,
    });
  });

  it('is another thing than one that never got to the server', async () => {
    const { connect, events } = await rig([{ on: 'mongo', effect: 'reset' }]);
    await expect((await connect()).run(update)).rejects.toThrow();
    const ended = await events.nth('command.ended');
    expect(ended).toMatchObject({ outcome: 'unknown', appliedUpstream: false });
    expect(ended).not.toHaveProperty('upstreamMs');
  });
});

describe('how a connection ends', () => {
  it('close: without an answer, in order', async () => {
    const { connect, events } = await rig([{ on: 'mongo', phase: 'after', effect: 'close' }]);
    await expect((await connect()).run(find)).rejects.toThrow('closed');
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'unknown', appliedUpstream: true });
  });

  it('truncate: in the middle of the answer', async () => {
    const { connect, events } = await rig([{ on: 'mongo', effect: 'truncate' }]);
    const client = await connect();
    const bytes: Buffer[] = [];
    client.socket.on('data', (chunk) => bytes.push(chunk));
    client.send(find);
    await once(client.socket, 'close');
    const whole = encodeOpMsg({ body: serialize({ ok: 1 }) });
    expect(Buffer.concat(bytes)).toHaveLength(Math.floor(whole.length / 2));
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'unknown', appliedUpstream: true });
  });

  it.each(['before', 'after'] as const)('stall (%s): never', async (phase) => {
    const { connect, events, stub, clock } = await rig([{ on: 'mongo', phase, effect: 'stall', times: 1 }]);
    const client = await connect();
    client.send(find);
    client.send({ ping: 1 });
    await events.nth('command.started', 2);
    // What the server answers to another client afterwards has gone the same way.
    if (phase === 'after') await stub.nth(2);
    const other = await connect();
    for (let n = 0; n < 5; n += 1) await other.run({ hello: 1 });
    await clock.advance(3_600_000);
    expect(events.of('command.ended')).toEqual([]);
    client.close();
    const ended = await events.nth('command.ended');
    expect(ended).toMatchObject({ name: 'find', outcome: 'unknown', appliedUpstream: phase === 'after' });
    expect(ended.addedMs).toBe(3_600_000);
    expect(stub.received).toHaveLength(phase === 'after' ? 2 : 0);
    other.close();
    for (const socket of stub.sockets) await once(socket, 'close');
  });
});

describe('slow answers', () => {
  it('drip: in small pieces', async () => {
    const drip = { bytes: 10, every: 5 };
    const { connect, events, clock } = await rig([{ on: 'mongo', effect: 'drip', drip }]);
    const client = await connect();
    const sizes: number[] = [];
    client.socket.on('data', (chunk) => sizes.push(chunk.length));
    client.send(find);
    while (clock.pending === 0) await clock.advance(0);
    const whole = encodeOpMsg({ body: serialize({ ok: 1 }) }).length;
    for (let sent = 10; sent < whole; sent += 10) await clock.advance(5);
    expect(await client.receive()).toEqual({ ok: 1 });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(whole);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    const { ms, addedMs } = await events.nth('command.ended');
    expect([ms, addedMs]).toEqual([15, 15]);
  });

  it('per kilobyte: the longer the answer, the later', async () => {
    const reply = { text: 'x'.repeat(10 * 1024 - 45), ok: 1 };
    expect(encodeOpMsg({ body: serialize(reply) })).toHaveLength(10 * 1024);
    const { connect, events, clock } = await rig(
      [{ on: 'mongo', phase: 'after', delay: 20, per: 'kilobyte' }],
      { answer: () => reply },
    );
    const client = await connect();
    client.send(find);
    await later(clock, 199);
    expect(events.of('command.ended')).toEqual([]);
    await clock.advance(1);
    expect(await client.receive()).toEqual(reply);
    expect(await events.nth('command.ended')).toMatchObject({ addedMs: 200 });
    expect(events.of('fault.hit')[0]).not.toHaveProperty('delayMs');
  });

  it('maxTimeMS ends a command that is delayed longer', async () => {
    const { connect, events, clock, stub } = await rig([{ on: 'mongo', delay: 2000 }]);
    const client = await connect();
    client.send({ ...find, maxTimeMS: 150 });
    await later(clock, 150);
    expect(await client.receive()).toMatchObject({ ok: 0, code: 50, codeName: 'MaxTimeMSExpired' });
    expect(stub.received).toEqual([]);
    expect(await events.nth('command.ended')).toMatchObject({
      outcome: 'error',
      code: 50,
      ms: 150,
      addedMs: 150,
      appliedUpstream: false,
      fault: 'fault-1',
    });
    client.send({ ...find, maxTimeMS: 5000 });
    await later(clock, 2000);
    expect(await client.receive()).toEqual({ ok: 1 });
  });
});

describe('errors', () => {
  it('of the write concern stand in the answer of the server', async () => {
    const error = { code: 64, write_concern: true, labels: ['Mine'] };
    const { connect, events } = await rig([{ on: 'mongo', phase: 'after', effect: 'error', error }], {
      answer: (_command, requestId) =>
        encodeOpMsg({
          responseTo: requestId,
          flags: MSG_FLAG.checksumPresent,
          body: serialize({ n: 1, nModified: 1, ok: 1 }),
        }),
    });
    expect(await (await connect()).run(update)).toEqual({
      n: 1,
      nModified: 1,
      ok: 1,
      writeConcernError: {
        errmsg: 'waiting for replication failed on purpose (injected by sendtwice)',
        code: 64,
        codeName: 'WriteConcernTimeout',
      },
      errorLabels: ['Mine'],
    });
    expect(await events.nth('command.ended')).toMatchObject({
      outcome: 'error',
      code: 64,
      n: 1,
      appliedUpstream: true,
    });
  });

  it('overload is labelled as an overloaded server labels it', async () => {
    const { connect, stub } = await rig([{ on: 'mongo', effect: 'overload' }]);
    expect(await (await connect()).run(find)).toMatchObject({
      ok: 0,
      code: 462,
      errorLabels: ['SystemOverloadedError', 'RetryableError'],
    });
    expect(stub.received).toEqual([]);
  });

  it('may have a name of their own', async () => {
    const error = { code: 4711, name: 'Mine' };
    const { connect } = await rig([{ on: 'mongo', effect: 'error', error }]);
    expect(await (await connect()).run(find)).toMatchObject({ code: 4711, codeName: 'Mine' });
  });
});

describe('what a fault matches', () => {
  it('the keys of the filter, wherever they stand', async () => {
    const { connect } = await rig([
      { on: 'mongo', match: { filter: ['user', 'chat'] }, effect: 'error', error: { code: 1 } },
    ]);
    const client = await connect();
    const filter = { chat: 1, user: { $gt: 2 } };
    const codes = async (command: object): Promise<unknown> => (await client.run(command)).code;
    expect(await codes({ find: 'a', filter })).toBe(1);
    expect(await codes({ find: 'a', filter: { chat: 1 } })).toBeUndefined();
    expect(await codes({ count: 'a', query: filter })).toBe(1);
    expect(await codes({ findAndModify: 'a', query: filter })).toBe(1);
    expect(await codes(update)).toBe(1);
    expect(await codes({ delete: 'a', deletes: [{ q: filter, limit: 1 }] })).toBe(1);
    expect(await codes({ aggregate: 'a', pipeline: [{ $match: filter }] })).toBe(1);
    expect(await codes({ aggregate: 'a', pipeline: [] })).toBeUndefined();
    expect(await codes({ insert: 'a' })).toBeUndefined();
    const body = serialize({ update: 'a', $db: 'test' });
    const documents = [serialize({ q: filter, u: {} })];
    client.socket.write(
      encodeOpMsg({ requestId: 99, body, sequences: [{ identifier: 'updates', documents }] }),
    );
    expect((await client.receive()).code).toBe(1);
  });

  it('the name of the application and the number of the connection', async () => {
    const error = { code: 1 };
    const { connect, proxy } = await rig([
      { on: 'mongo', match: { app: 'shop' }, effect: 'error', error },
      { on: 'mongo', match: { connection: 1 }, effect: 'error', error },
    ]);
    const first = await connect();
    const second = await connect();
    expect((await first.run({ ping: 1 })).code).toBe(1);
    expect((await second.run({ ping: 1 })).code).toBeUndefined();
    for (const [appName, failed] of [
      ['shop', true],
      ['other', false],
    ] as const) {
      const driver = new MongoClient(proxy.uri, { appName });
      onTestFinished(() => driver.close());
      const outcome = await driver
        .db('a')
        .command({ ping: 1 })
        .catch(() => 'failed');
      expect(outcome === 'failed').toBe(failed);
    }
  });
});

describe('connections', () => {
  it('refuse: are reset as they come', async () => {
    const { connect, events, proxy } = await rig([{ on: 'mongo-connection', effect: 'refuse', times: 1 }]);
    await expect(connect().then((client) => client.run({ ping: 1 }))).rejects.toThrow();
    expect(await events.nth('fault.hit')).toMatchObject({ on: 'mongo-connection', connection: 1 });
    expect(await (await connect()).run({ ping: 1 })).toEqual({ ok: 1 });
    await proxy.close();
  });

  it('limit: so many are open and no more', async () => {
    const { connect } = await rig([{ on: 'mongo-connection', effect: 'limit', connections: 2 }]);
    const [first, second] = [await connect(), await connect()];
    expect(await first.run({ ping: 1 })).toEqual({ ok: 1 });
    expect(await second.run({ ping: 1 })).toEqual({ ok: 1 });
    await expect((await connect()).run({ ping: 1 })).rejects.toThrow();
  });

  it('stall and delay: are accepted, and read never or later', async () => {
    const { connect, clock, stub, proxy } = await rig([
      { on: 'mongo-connection', match: { connection: 1 }, effect: 'stall' },
      { on: 'mongo-connection', match: { connection: 2 }, delay: 500 },
    ]);
    const stalled = await connect();
    stalled.send({ ping: 1 });
    const slow = await connect();
    slow.send({ ping: 2 });
    await later(clock, 499);
    expect(stub.received).toEqual([]);
    await clock.advance(1);
    expect(await slow.receive()).toEqual({ ok: 1 });
    expect(stub.received.map((command) => command.ping)).toEqual([2]);
    await proxy.close();
    await expect(stalled.receive()).rejects.toThrow();
  });
});

describe('heartbeats', () => {
  it('delay: come back late, and commands do not', async () => {
    const { connect, clock } = await rig([{ on: 'mongo-heartbeat', delay: 300 }]);
    const [client, monitor] = [await connect(), await connect()];
    monitor.send({ hello: 1 });
    while (clock.pending === 0) await clock.advance(0);
    expect(await client.run({ ping: 1 })).toEqual({ ok: 1 });
    await clock.advance(300);
    expect(await monitor.receive()).toMatchObject({ helloOk: true });
  });

  it('error: fail in the form in which they were asked', async () => {
    const { connect, events } = await rig([{ on: 'mongo-heartbeat', effect: 'error', error: { code: 91 } }]);
    const client = await connect();
    expect(await client.legacyHello()).toMatchObject({ ok: 0, code: 91, codeName: 'ShutdownInProgress' });
    expect(await client.run({ hello: 1 })).toMatchObject({ ok: 0, code: 91 });
    expect(events.of('fault.hit')).toMatchObject([{ connection: 1 }, { connection: 1 }]);
  });

  it.each(['reset', 'close'] as const)('%s: end the connection', async (effect) => {
    const { connect } = await rig([{ on: 'mongo-heartbeat', effect }]);
    await expect((await connect()).run({ hello: 1 })).rejects.toThrow();
  });
});

describe('the history', () => {
  it('joins getMore with the command that opened the cursor', async () => {
    const id = Long.fromString('7000000000000000001');
    const { connect, events } = await rig([], {
      answer: ({ getMore }) =>
        getMore === undefined
          ? { cursor: { firstBatch: [{ a: 1 }], id, ns: 'a.b' }, ok: 1 }
          : { cursor: { nextBatch: [{ a: 2 }, { a: 3 }], id: Long.ZERO, ns: 'a.b' }, ok: 1 },
    });
    const [one, other] = [await connect(), await connect()];
    await one.run(find);
    await other.run({ getMore: id, collection: 'sessions' });
    await other.run({ getMore: id, collection: 'sessions' });
    const started = events.of('command.started').map(({ name, cursorOf }) => [name, cursorOf]);
    expect(started).toEqual([
      ['find', undefined],
      ['getMore', 'm1.1'],
      // The cursor has been read to its end.
      ['getMore', undefined],
    ]);
    expect(events.of('command.ended').map(({ returned }) => returned)).toEqual([1, 2, 2]);
  });

  it('has contents only when they are asked for, and none that say who it is about', async () => {
    const stub = await stubServer();
    const { connect, events } = await proxyBefore(stub.uri, { contents: true });
    const client = await connect();
    const documents = [{ name: 'Ada', phone: '+49123', at: new Date(0), tags: ['a', 1], ok: true, x: null }];
    await client.run({ insert: 'people', documents, lsid: { id: 1 } });
    const { contents = '' } = await events.nth('command.started');
    expect(JSON.parse(contents)).toEqual({
      insert: 'people',
      documents: [
        {
          name: 'string(3)',
          phone: 'string(6)',
          at: 'date',
          tags: ['string(1)', 'int32'],
          ok: true,
          x: null,
        },
      ],
    });
    client.send({ insert: 'people' }, { documents: [{ name: 'Bob' }] });
    await client.receive();
    expect((await events.nth('command.started', 2)).contents).toContain('"name":"string(3)"');
  });
});
