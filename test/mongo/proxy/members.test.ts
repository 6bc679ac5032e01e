import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { type AnyFault, proxyBefore, type Rig, stubServer } from './rig.js';
import type { StubServer } from './stub-server.js';

interface ReplicaSet {
  readonly primary: StubServer;
  readonly secondary: StubServer;
  readonly uri: string;
}

/** A replica set of two: the secondary refuses writes, as a real one does. */
async function replicaSet(): Promise<ReplicaSet> {
  const members: StubServer[] = [];
  const hello = (isPrimary: boolean) => (me: string) => ({
    isWritablePrimary: isPrimary,
    ismaster: isPrimary,
    secondary: !isPrimary,
    setName: 'rs0',
    setVersion: 1,
    hosts: members.map(({ address }) => address),
    primary: members[0]?.address,
    me,
    logicalSessionTimeoutMinutes: 30,
  });
  const primary = await stubServer({ hello: hello(true), answer: () => ({ n: 1, nModified: 1, ok: 1 }) });
  const notPrimary = { ok: 0, errmsg: 'not primary', code: 10107, codeName: 'NotWritablePrimary' };
  const secondary = await stubServer({ hello: hello(false), answer: () => notPrimary });
  members.push(primary, secondary);
  return { primary, secondary, uri: `mongodb://${primary.address},${secondary.address}/?replicaSet=rs0` };
}

function driver(uri: string): MongoClient {
  const client = new MongoClient(uri, { minHeartbeatFrequencyMS: 10, serverSelectionTimeoutMS: 5000 });
  onTestFinished(() => client.close());
  return client;
}

async function rig(...faults: AnyFault[]): Promise<Rig & { readonly set: ReplicaSet }> {
  const set = await replicaSet();
  return { ...(await proxyBefore(set.uri, { faults })), set };
}

const write = (client: MongoClient) =>
  client
    .db('a')
    .collection('b')
    .updateOne({ k: 1 }, { $set: { v: 1 } });

/** What reached a server, without the talk of drivers. */
const updatesOf = ({ received }: StubServer): number =>
  received.filter((command) => command.update !== undefined).length;

describe('a replica set of several members', () => {
  it('has a listener for each, and drivers find all of them and nothing else', async () => {
    const { proxy, set, connect } = await rig();
    expect(proxy.addresses).toHaveLength(2);
    const [one, two] = proxy.addresses;
    expect(proxy.uri).toBe(`mongodb://${one},${two}/?replicaSet=rs0`);
    const hosts = [one, two];
    expect(await (await connect()).run({ hello: 1 })).toMatchObject({ hosts, me: one, primary: one });
    const client = driver(proxy.uri);
    const found = new Set<string>();
    client.on('topologyDescriptionChanged', ({ newDescription }) => {
      for (const address of newDescription.servers.keys()) found.add(address);
    });
    await write(client);
    expect([...found].sort()).toEqual([...hosts].sort());
    expect(updatesOf(set.primary)).toBe(1);
  });

  it('is found whole although only one member is named', async () => {
    const set = await replicaSet();
    const { proxy } = await proxyBefore(`mongodb://${set.primary.address}/`);
    expect(proxy.addresses).toHaveLength(2);
    await write(driver(proxy.uri));
    expect(updatesOf(set.primary)).toBe(1);
  });

  it('fails over to another member when the primary steps down', async () => {
    const { proxy, set, events } = await rig({
      on: 'mongo',
      match: { commands: ['update'] },
      effect: 'step-down',
      lasts: 100,
      times: 1,
    });
    const client = driver(proxy.uri);
    const primaries: string[] = [];
    client.on('serverDescriptionChanged', ({ address, newDescription }) => {
      if (newDescription.type === 'RSPrimary' && primaries.at(-1) !== address) primaries.push(address);
    });
    expect(await write(client)).toMatchObject({ modifiedCount: 1 });
    expect(primaries).toEqual(proxy.addresses);
    // The server that took the write is the real primary, behind the other listener now.
    expect([updatesOf(set.primary), updatesOf(set.secondary)]).toEqual([1, 0]);
    const ended = events.of('command.ended').filter(({ name }) => name === 'update');
    expect(ended[0]).toMatchObject({
      outcome: 'error',
      code: 10107,
      appliedUpstream: false,
      fault: 'fault-1',
    });
    expect(ended.at(-1)).toMatchObject({ outcome: 'ok', appliedUpstream: true });
    expect(events.of('fault.hit')).toMatchObject([{ effect: 'step-down', phase: 'before' }]);
  });

  it('refuses reads of the primary meanwhile, and no other reads', async () => {
    const { connect } = await rig({
      on: 'mongo',
      match: { commands: ['update'] },
      effect: 'step-down',
      lasts: 60_000,
    });
    const client = await connect();
    expect(await client.run({ update: 'b', updates: [] })).toMatchObject({ ok: 0, code: 10107 });
    expect(await client.run({ find: 'b' })).toMatchObject({ ok: 0, code: 13435 });
    const mode = (name: string) => ({ find: 'b', $readPreference: { mode: name } });
    expect(await client.run(mode('secondaryPreferred'))).toMatchObject({ ok: 1 });
    expect(await client.run(mode('primary'))).toMatchObject({ ok: 0, code: 13435 });
    expect(await client.run({ ping: 1 })).toMatchObject({ ok: 1 });
    const hello = await client.run({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: false, ismaster: false, secondary: true });
    expect(hello.primary).toBeUndefined();
  });
});

it('one member alone is primary again after a while', async () => {
  const server = await EmbeddedMongo.start();
  onTestFinished(() => server.close());
  const { proxy, events } = await proxyBefore(server.uri, {
    faults: [
      {
        on: 'mongo',
        match: { commands: ['update'] },
        effect: 'step-down',
        lasts: 200,
        phase: 'after',
        times: 1,
      },
    ],
  });
  const client = driver(proxy.uri);
  const sessions = client.db('a').collection('b');
  await sessions.updateOne({ k: 1 }, { $inc: { v: 1 } }, { upsert: true });
  // It was applied when the primary went down, and sent again: the server knows it as the same write.
  expect(await sessions.findOne({ k: 1 })).toMatchObject({ v: 1 });
  const [first] = events.of('command.ended');
  expect(first).toMatchObject({ name: 'update', outcome: 'error', code: 11602, appliedUpstream: true });
});

it('several mongos have a listener each', async () => {
  const hello = { msg: 'isdbgrid', ismaster: true };
  const [one, two] = [await stubServer({ hello }), await stubServer({ hello })];
  const { proxy } = await proxyBefore(`mongodb://${one.address},${two.address}/`);
  expect(proxy.addresses).toHaveLength(2);
  const client = driver(proxy.uri);
  for (let n = 0; n < 50; n += 1) await client.db('a').command({ ping: 1 });
  const pings = [one, two].map(({ received }) => received.filter(({ ping }) => ping === 1).length);
  expect(Math.min(...pings)).toBeGreaterThan(0);
});
