import { MongoClient } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { usedMegabytes } from '../memory.js';
import { RawClient } from '../proxy/raw-client.js';
import { proxyBefore } from '../proxy/rig.js';

async function connected(uri: string): Promise<MongoClient> {
  const client = await new MongoClient(uri).connect();
  onTestFinished(() => client.close());
  return client;
}

const DOCUMENTS = Number(process.env.SENDTWICE_MONGO_DOCUMENTS ?? 20_000);

test(`${DOCUMENTS} documents of 1 KB leave no memory behind`, { timeout: 60_000 }, async () => {
  await using server = await EmbeddedMongo.start();
  const collection = (await connected(server.uri)).db('shop').collection('texts');
  const fill = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1000)
      await collection.insertMany(Array.from({ length: 1000 }, () => ({ text: 'x'.repeat(1000) })));
  };
  await fill(1000);
  await collection.drop();
  const before = usedMegabytes();
  await fill(DOCUMENTS);
  const full = usedMegabytes();
  await collection.drop();
  expect(full - before).toBeGreaterThan(DOCUMENTS / 1000);
  // What lies outside of the heap is given back some time after it was found to be unused.
  await expect.poll(() => usedMegabytes() - before).toBeLessThan((full - before) / 10);
});

const CLIENTS = 500;

test(`${CLIENTS} clients that come through the proxy and vanish leave nothing behind`, async () => {
  await using server = await EmbeddedMongo.start();
  const admin = (await connected(server.uri)).db('admin');
  const open = async (): Promise<number> =>
    (await admin.command({ serverStatus: 1 })).connections.current as number;
  const atFirst = await open();
  const { proxy, events } = await proxyBefore(server.uri);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => RawClient.connect(proxy.address)));
  for (const client of clients)
    expect(await client.run({ insert: 'visits', documents: [{}] })).toMatchObject({ n: 1 });
  expect(await open()).toBeGreaterThanOrEqual(atFirst + CLIENTS);
  for (const client of clients) client.close();
  await expect.poll(open, { timeout: 10_000 }).toBe(atFirst);
  expect(events.of('command.ended')).toHaveLength(CLIENTS);
});

const ELEMENTS = 300_000;

test(`an array of ${ELEMENTS} elements is searched, joined, added to and looked up`, async () => {
  await using server = await EmbeddedMongo.start();
  const collection = (await connected(server.uri))
    .db('shop')
    .collection<{ _id: number; tags: number[] }>('tagged');
  const tags = Array.from({ length: ELEMENTS }, (_, index) => index);
  await collection.insertOne({ _id: 1, tags });
  expect(await collection.countDocuments({ tags: ELEMENTS - 1 })).toBe(1);
  const joined = { $size: { $concatArrays: ['$tags', '$tags'] } };
  const same = { from: 'tagged', localField: 'tags', foreignField: 'tags', as: 'same' };
  const found = collection.aggregate([{ $lookup: same }, { $project: { joined, same: { $size: '$same' } } }]);
  expect(await found.toArray()).toEqual([{ _id: 1, joined: 2 * ELEMENTS, same: 1 }]);
  await collection.updateOne({ _id: 1 }, { $push: { tags: { $each: tags, $position: 1 } } });
  const [pushed] = await collection.aggregate([{ $project: { size: { $size: '$tags' } } }]).toArray();
  expect(pushed).toEqual({ _id: 1, size: 2 * ELEMENTS });
});
