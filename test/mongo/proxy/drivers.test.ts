import { type Document, Long, ObjectId } from 'bson';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MongoFault } from '../../../src/faults/schema.js';
import { proxyBefore, stubServer } from './rig.js';
import type { StubServer } from './stub-server.js';

/** What a member of a replica set says about itself, with everything the proxy has to take care of. */
const replicaSet = (address: string): Document => ({
  setName: 'rs0',
  setVersion: 1,
  hosts: [address],
  me: address,
  primary: address,
  logicalSessionTimeoutMinutes: 30,
  topologyVersion: { processId: new ObjectId(), counter: Long.fromNumber(6) },
  compression: ['zlib'],
});

interface Counter {
  readonly stub: StubServer;
  /** How often an update was applied. */
  applied(): number;
}

/** A server that counts updates, and knows a repeated one by its session and transaction number. */
async function counter(hello: (address: string) => Document): Promise<Counter> {
  const seen = new Set<string>();
  let applied = 0;
  const stub = await stubServer({
    hello,
    answer: (command) => {
      if (command.find !== undefined) {
        return { cursor: { firstBatch: [{ _id: 1 }], id: Long.ZERO, ns: 'a.b' }, ok: 1 };
      }
      if (command.update === undefined) return { ok: 1 };
      const write = command.txnNumber === undefined ? undefined : `${command.lsid.id} ${command.txnNumber}`;
      if (write === undefined || !seen.has(write)) applied += 1;
      if (write !== undefined) seen.add(write);
      return { n: 1, nModified: 1, ok: 1 };
    },
  });
  return { stub, applied: () => applied };
}

async function driver(uri: string, options: MongoClientOptions = {}): Promise<MongoClient> {
  // A driver looks at its server again only after half a second by default.
  const client = new MongoClient(uri, {
    minHeartbeatFrequencyMS: 10,
    serverSelectionTimeoutMS: 5000,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

const lost: MongoFault[] = [
  { on: 'mongo', match: { commands: ['update'] }, phase: 'after', effect: 'reset', times: 1 },
];

describe('the driver for Node', () => {
  it('stays on the proxy although the server is a replica set that offers compression', async () => {
    const { stub } = await counter(replicaSet);
    const { proxy, events } = await proxyBefore(`${stub.uri}?replicaSet=rs0&compressors=zlib`);
    const client = await driver(proxy.uri);
    for (let n = 0; n < 5; n += 1) await client.db('shop').collection('sessions').findOne({});
    const reached = stub.received.filter((command) => command.find !== undefined);
    expect(reached).toHaveLength(5);
    expect(events.of('command.started')).toHaveLength(5);
    expect(events.of('command.started')[0]).toMatchObject({
      name: 'find',
      database: 'shop',
      collection: 'sessions',
      lsid: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    expect(events.of('warning')).toEqual([]);
  });

  it('writes again when a reply was lost, and a replica set applies it once', async () => {
    const { stub, applied } = await counter(replicaSet);
    const { proxy, events } = await proxyBefore(`${stub.uri}?replicaSet=rs0`, { faults: lost });
    const client = await driver(proxy.uri);
    const result = await client
      .db('shop')
      .collection('sessions')
      .updateOne({ key: 'a' }, { $inc: { n: 1 } });
    expect(result).toMatchObject({ acknowledged: true, modifiedCount: 1 });
    expect(applied()).toBe(1);
    const [first, second] = events.of('command.started').filter(({ name }) => name === 'update');
    expect(first?.txnNumber).toBe('1');
    expect(second).toMatchObject({ lsid: first?.lsid, txnNumber: first?.txnNumber });
    const ended = events.of('command.ended').filter(({ name }) => name === 'update');
    expect(ended).toMatchObject([
      { command: first?.command, outcome: 'unknown', fault: 'fault-1' },
      { command: second?.command, outcome: 'ok', n: 1, modified: 1 },
    ]);
    expect(events.of('fault.hit')).toMatchObject([
      { effect: 'reset', phase: 'after', command: first?.command },
    ]);
  });

  it('reports a lost reply of a standalone server to the bot, although it was applied', async () => {
    const { stub, applied } = await counter(() => ({ logicalSessionTimeoutMinutes: 30 }));
    const { proxy } = await proxyBefore(stub.uri, { faults: lost });
    const client = await driver(proxy.uri);
    const sessions = client.db('shop').collection('sessions');
    const write = () => sessions.updateOne({ key: 'a' }, { $inc: { n: 1 } });
    await expect(write()).rejects.toMatchObject({ name: 'MongoNetworkError' });
    expect(applied()).toBe(1);
    await write();
    expect(applied()).toBe(2);
  });

  it('writes again after an injected error that a server would call retryable', async () => {
    const { stub, applied } = await counter(replicaSet);
    const { proxy } = await proxyBefore(`${stub.uri}?replicaSet=rs0`, {
      faults: [
        { on: 'mongo', match: { commands: ['update'] }, effect: 'error', error: { code: 91 }, times: 1 },
      ],
    });
    const client = await driver(proxy.uri);
    await client
      .db('shop')
      .collection('sessions')
      .updateOne({ key: 'a' }, { $inc: { n: 1 } });
    expect(applied()).toBe(1);
  });
});
