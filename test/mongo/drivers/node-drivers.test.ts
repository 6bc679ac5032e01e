import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient4 } from 'mongodb4';
import { MongoClient as MongoClient5 } from 'mongodb5';
import { MongoClient as MongoClient6 } from 'mongodb6';
import { createConnection } from 'mongoose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RealClock } from '../../../src/base/clock.js';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { startMongo } from '../../../src/mongo/start.js';
import { Events } from '../proxy/rig.js';

/** Four generations of the driver for Node, and mongoose: they stay on the proxy, and leave nothing behind. */

type Topology = 'replicaSet' | 'standalone';

interface Connected {
  readonly client: MongoClient;
  close(): Promise<void>;
}

const OPTIONS = { heartbeatFrequencyMS: 500, maxPoolSize: 8 };

/** The older drivers have types of their own; what is called here all of them have. */
function driver(Client: unknown): (uri: string) => Promise<Connected> {
  return async (uri) => {
    const client = await new (Client as typeof MongoClient)(uri, OPTIONS).connect();
    return { client, close: () => client.close() };
  };
}

const CLIENTS: readonly (readonly [string, (uri: string) => Promise<Connected>])[] = [
  ['mongodb 4', driver(MongoClient4)],
  ['mongodb 5', driver(MongoClient5)],
  ['mongodb 6', driver(MongoClient6)],
  ['mongodb 7', driver(MongoClient)],
  [
    'mongoose 9',
    async (uri) => {
      const connection = await createConnection(uri, OPTIONS).asPromise();
      return { client: connection.getClient() as unknown as MongoClient, close: () => connection.close() };
    },
  ],
];

const CASES = CLIENTS.flatMap(([name, connect]) =>
  (['replicaSet', 'standalone'] as Topology[]).map((topology) => ({ name, topology, connect })),
);

/** How many connections the server has, the one that asks not counted. */
async function connectionsOf(server: EmbeddedMongo): Promise<number> {
  const client = new MongoClient(server.uri, { maxPoolSize: 1, heartbeatFrequencyMS: 60_000 });
  try {
    const { connections } = await client.db('admin').command({ serverStatus: 1 });
    // Its pool's and its monitor's.
    return connections.current - 2;
  } finally {
    await client.close();
  }
}

describe.each(CASES)('$name, before a $topology', ({ topology, connect }) => {
  it('stays on the proxy, and closes cleanly', async () => {
    const server = await EmbeddedMongo.start({ topology });
    onTestFinished(() => server.close());
    const events = new Events();
    const proxy = await startMongo({
      upstream: server.uri,
      faults: [],
      seed: 'node-drivers.test',
      clock: new RealClock(),
      emit: events.emit,
    });
    onTestFinished(() => proxy.close());
    const address = new URL(proxy.uri).host;
    expect(address).not.toBe(new URL(server.uri).host);
    const idle = await connectionsOf(server);

    const { client, close } = await connect(proxy.uri);
    const used = new Set<unknown>();
    const addresses = new Set<string>();
    client.on('connectionCheckedOut', (event) => {
      used.add(event.connectionId);
      addresses.add(event.address);
    });
    let beats = 0;
    const threeBeats = new Promise<void>((resolve) => {
      client.on('serverHeartbeatSucceeded', ({ connectionId }) => {
        addresses.add(connectionId);
        beats += 1;
        if (beats === 3) resolve();
      });
    });

    const things = client.db('shop').collection<{ _id: number }>('things');
    await Promise.all(Array.from({ length: 40 }, (_, _id) => things.insertOne({ _id })));
    await threeBeats;
    expect(await things.find().batchSize(15).toArray()).toHaveLength(40);

    // What the server says about itself names the proxy, so that nobody looks for it elsewhere.
    const hello = await client.db('admin').command({ hello: 1 });
    if (topology === 'replicaSet') {
      expect(hello).toMatchObject({ hosts: [address], me: address, primary: address });
    } else {
      expect(hello).not.toHaveProperty('hosts');
    }
    expect([...addresses]).toEqual([address]);

    await close();
    await expect.poll(() => connectionsOf(server), { timeout: 5000 }).toBe(idle);
    await proxy.close();
    const started = events.of('command.started');
    const count = (name: string): number => started.filter((command) => command.name === name).length;
    expect([count('insert'), count('find'), count('getMore')]).toEqual([40, 1, 2]);
    // Each connection of the driver is one in the history, and there are no others.
    const ofThings = started.filter(({ collection }) => collection === 'things');
    expect(new Set(ofThings.map(({ connection }) => connection)).size).toBe(used.size);
    const ended = events.of('command.ended');
    expect(ended.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name)).not.toContain('insert');
    expect(ended).toHaveLength(started.length);
    expect(events.of('warning')).toEqual([]);
  });
});
