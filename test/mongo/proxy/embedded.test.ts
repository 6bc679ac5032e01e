import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient4 } from 'mongodb4';
import { MongoClient as MongoClient5 } from 'mongodb5';
import { MongoClient as MongoClient6 } from 'mongodb6';
import mongoose from 'mongoose';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MongoFault } from '../../../src/faults/schema.js';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { relayInPieces } from './relay.js';
import { proxyBefore, type Rig } from './rig.js';

type Topology = 'replicaSet' | 'standalone';

async function embedded(topology: Topology = 'replicaSet'): Promise<EmbeddedMongo> {
  const server = await EmbeddedMongo.start({ topology });
  onTestFinished(() => server.close());
  return server;
}

async function rig(
  topology: Topology,
  ...faults: MongoFault[]
): Promise<Rig & { readonly client: MongoClient; readonly direct: MongoClient }> {
  const server = await embedded(topology);
  const behind = await proxyBefore(server.uri, { faults });
  return { ...behind, client: connect(behind.proxy.uri), direct: connect(server.uri) };
}

function connect(uri: string): MongoClient {
  const client = new MongoClient(uri, { minHeartbeatFrequencyMS: 10, serverSelectionTimeoutMS: 5000 });
  onTestFinished(() => client.close());
  return client;
}

interface Visitor {
  key: string;
  visits: number;
  tags?: string[];
}

/** Something of everything that bots do; returns all that the driver returned. */
async function dayOfABot(client: MongoClient): Promise<unknown[]> {
  const sessions = client.db('shop').collection<Visitor>('sessions');
  const seen: unknown[] = [];
  const note = (value: unknown): void => void seen.push(value);
  await sessions.drop();
  note(
    (await sessions.insertMany(Array.from({ length: 250 }, (_, n) => ({ key: `k${n}`, visits: n }))))
      .insertedCount,
  );
  note(await sessions.createIndex({ key: 1 }, { unique: true }));
  note(
    await sessions
      .find({}, { projection: { _id: 0 } })
      .sort({ visits: 1 })
      .toArray(),
  );
  note(
    (await sessions.updateOne({ key: 'k1' }, { $inc: { visits: 1 }, $push: { tags: 'x' } })).modifiedCount,
  );
  note((await sessions.updateMany({ visits: { $gt: 200 } }, { $set: { visits: 0 } })).modifiedCount);
  note((await sessions.updateOne({ key: 'new' }, { $set: { visits: 1 } }, { upsert: true })).upsertedCount);
  note(await sessions.findOneAndUpdate({ key: 'k1' }, { $inc: { visits: 5 } }, { projection: { _id: 0 } }));
  note(await sessions.insertOne({ key: 'k1', visits: 1 }).catch((error: { code?: number }) => error.code));
  note(await sessions.countDocuments({ visits: 0 }));
  note((await sessions.deleteMany({ visits: 0 })).deletedCount);
  note(await sessions.estimatedDocumentCount());
  return seen;
}

describe('in front of the embedded server', () => {
  it.each(['replicaSet', 'standalone'] as const)('makes no difference to a driver (%s)', async (topology) => {
    const { client, direct, events } = await rig(topology);
    const expected = await dayOfABot(direct);
    expect(await dayOfABot(client)).toEqual(expected);
    expect(events.of('warning')).toEqual([]);
    const started = events.of('command.started').map(({ command }) => command);
    expect(events.of('command.ended').map(({ command }) => command)).toEqual(started);
    expect(events.of('command.started').map(({ name }) => name)).toMatchInlineSnapshot(`
      [
        "drop",
        "insert",
        "createIndexes",
        "find",
        "getMore",
        "update",
        "update",
        "update",
        "findAndModify",
        "insert",
        "aggregate",
        "delete",
        "count",
      ]
    `);
  });

  it('makes no difference when all streams are cut into pieces', async () => {
    const server = await embedded('standalone');
    const far = await relayInPieces(7, `127.0.0.1:${server.port}`);
    const { proxy, events } = await proxyBefore(`mongodb://${far}/`);
    const near = await relayInPieces(7, proxy.address);
    const seen = await dayOfABot(connect(`mongodb://${near}/`));
    expect(seen).toEqual(await dayOfABot(connect(server.uri)));
    expect(events.of('warning')).toEqual([]);
    expect(events.of('command.ended').length).toBeGreaterThan(10);
  });

  it('applies a write once whose reply was lost, on a replica set', async () => {
    const lost: MongoFault = {
      on: 'mongo',
      match: { commands: ['update'] },
      phase: 'after',
      effect: 'reset',
      times: 1,
    };
    const { client, direct, events } = await rig('replicaSet', lost);
    const key = { key: 'a' };
    await client
      .db('shop')
      .collection('sessions')
      .updateOne(key, { $inc: { visits: 1 } }, { upsert: true });
    const found = await direct
      .db('shop')
      .collection('sessions')
      .findOne(key, { projection: { _id: 0 } });
    expect(found).toEqual({ key: 'a', visits: 1 });
    const outcomes = events.of('command.ended').map(({ outcome, fault }) => ({ outcome, fault }));
    expect(outcomes).toEqual([
      { outcome: 'unknown', fault: 'fault-1' },
      { outcome: 'ok', fault: undefined },
    ]);
  });

  it('lets a write be applied twice when the bot repeats it on a standalone server', async () => {
    const lost: MongoFault = {
      on: 'mongo',
      match: { commands: ['update'] },
      phase: 'after',
      effect: 'reset',
      times: 1,
    };
    const { client, direct } = await rig('standalone', lost);
    const sessions = client.db('shop').collection('sessions');
    const write = () => sessions.updateOne({ key: 'a' }, { $inc: { visits: 1 } }, { upsert: true });
    await expect(write()).rejects.toMatchObject({ name: 'MongoNetworkError' });
    await write();
    const found = await direct
      .db('shop')
      .collection('sessions')
      .findOne({ key: 'a' }, { projection: { _id: 0 } });
    expect(found).toEqual({ key: 'a', visits: 2 });
  });

  it.each([
    ['4', MongoClient4],
    ['5', MongoClient5],
    ['6', MongoClient6],
  ] as const)('serves version %s of the driver, which repeats a lost write too', async (_, Client) => {
    const { proxy, events } = await rig('replicaSet', {
      on: 'mongo',
      match: { commands: ['update'] },
      effect: 'lose-acknowledgement',
      times: 1,
    });
    // One of the three constructors: the compiler cannot call a union of them.
    const client = new (Client as unknown as typeof MongoClient)(proxy.uri);
    onTestFinished(() => client.close());
    const sessions = client.db('shop').collection<Visitor>('sessions');
    await sessions.insertMany(Array.from({ length: 150 }, (_value, n) => ({ key: `k${n}`, visits: 0 })));
    expect(await sessions.find().toArray()).toHaveLength(150);
    await sessions.updateOne({ key: 'k1' }, { $inc: { visits: 1 } });
    expect(await sessions.findOne({ key: 'k1' })).toMatchObject({ visits: 1 });
    const updates = events.of('command.ended').filter(({ name }) => name === 'update');
    expect(updates.map(({ outcome, appliedUpstream }) => [outcome, appliedUpstream])).toEqual([
      ['unknown', true],
      ['ok', true],
    ]);
    const [find, more] = events.of('command.started').filter(({ name }) => /^(find|getMore)$/.test(name));
    expect(more).toMatchObject({ name: 'getMore', cursorOf: find?.command });
    expect(events.of('warning')).toEqual([]);
  });

  it('serves mongoose', async () => {
    const { proxy, events } = await rig('replicaSet');
    const connection = await mongoose.createConnection(proxy.uri, { dbName: 'shop' }).asPromise();
    onTestFinished(() => connection.close());
    const Order = connection.model('Order', new mongoose.Schema({ dish: String, guests: [String] }));
    await Order.init();
    const order = await Order.create({ dish: 'soup', guests: ['a'] });
    order.guests.push('b');
    await order.save();
    expect((await Order.findOne({ dish: 'soup' }).lean())?.guests).toEqual(['a', 'b']);
    expect(events.of('command.ended').every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(events.of('command.started').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['create', 'insert', 'update', 'find']),
    );
  });
});
