import { once } from 'node:events';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import MongoStore from 'connect-mongo';
import { type Db, MongoClient } from 'mongodb';
import { MongoClient as MongoClient4 } from 'mongodb4';
import { MongoClient as MongoClient5 } from 'mongodb5';
import { MongoClient as MongoClient6 } from 'mongodb6';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';

/** Libraries that stand on a MongoDB driver, and older drivers, at the work they are for. */

let server: EmbeddedMongo;
beforeAll(async () => {
  server = await EmbeddedMongo.start({});
});
afterAll(() => server.close());

// The older drivers have types of their own; what is called here all of them have.
const DRIVERS = [
  ['mongodb 4', MongoClient4 as unknown as typeof MongoClient],
  ['mongodb 5', MongoClient5 as unknown as typeof MongoClient],
  ['mongodb 6', MongoClient6 as unknown as typeof MongoClient],
  ['mongodb 7', MongoClient],
] as const;

describe.each(DRIVERS)('%s', (name, Client) => {
  let client: MongoClient;
  let db: Db;
  beforeAll(async () => {
    client = await new Client(server.uri, { appName: name }).connect();
    db = client.db(name.replace(' ', ''));
  });
  afterAll(() => client.close());

  test('writes, reads in batches, and hears of duplicate keys', async () => {
    const things = db.collection<{ _id: number; n: number }>('things');
    await things.insertMany(Array.from({ length: 250 }, (_, _id) => ({ _id, n: _id % 10 })));
    await expect(things.insertOne({ _id: 1, n: 0 })).rejects.toMatchObject({ code: 11000 });
    const read: number[] = [];
    for await (const { _id } of things.find({ n: 3 }).sort({ _id: -1 }).batchSize(4)) read.push(_id);
    expect(read).toHaveLength(25);
    expect(read[0]).toBe(243);
    const { matchedCount } = await things.updateMany({ n: 3 }, { $inc: { n: 10 } });
    expect(matchedCount).toBe(25);
    const bulk = await things.bulkWrite([
      { insertOne: { document: { _id: 900, n: 1 } } },
      { updateOne: { filter: { _id: 900 }, update: { $set: { n: 2 } } } },
      { deleteOne: { filter: { _id: 0 } } },
    ]);
    expect([bulk.insertedCount, bulk.modifiedCount, bulk.deletedCount]).toEqual([1, 1, 1]);
    expect(await things.aggregate([{ $match: { n: 13 } }, { $count: 'n' }]).toArray()).toEqual([{ n: 25 }]);
  });

  test('commits and aborts transactions', async () => {
    const accounts = db.collection<{ _id: string; cents: number }>('accounts');
    await accounts.insertMany([
      { _id: 'a', cents: 100 },
      { _id: 'b', cents: 0 },
    ]);
    const move = (cents: number, fails: boolean) =>
      client.withSession((session) =>
        session.withTransaction(async () => {
          await accounts.updateOne({ _id: 'a' }, { $inc: { cents: -cents } }, { session });
          await accounts.updateOne({ _id: 'b' }, { $inc: { cents } }, { session });
          if (fails) throw new Error('changed my mind');
        }),
      );
    await move(30, false);
    await expect(move(50, true)).rejects.toThrow('changed my mind');
    expect(await accounts.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'a', cents: 70 },
      { _id: 'b', cents: 30 },
    ]);
  });
});

describe('connect-mongo', () => {
  test('keeps the sessions of a web server, and lets them expire', async () => {
    const store = MongoStore.create({ mongoUrl: server.uri, dbName: 'web', touchAfter: 0 });
    const later = new Date(Date.now() + 60_000);
    const session = { cookie: { originalMaxAge: 60_000, expires: later }, user: 'ann' };
    await call((done) => store.set('s1', session, done));
    expect(await call((done) => store.get('s1', done))).toMatchObject({ user: 'ann' });
    expect(await call((done) => store.length(done))).toBe(1);
    await call((done) => store.touch('s1', session, done));
    await call((done) => store.destroy('s1', done));
    expect(await call((done) => store.get('s1', done))).toBeNull();
    await using client = new MongoClient(server.uri);
    expect(await client.db('web').collection('sessions').indexes()).toContainEqual(
      expect.objectContaining({ key: { expires: 1 }, expireAfterSeconds: 0 }),
    );
    await store.close();
  });
});

describe('agenda', () => {
  test('runs a job once, although two processes look for it', { timeout: 15_000 }, async () => {
    await using client = new MongoClient(server.uri);
    const db = client.db('jobs');
    const agendas = [1, 2].map(
      () => new Agenda({ backend: new MongoBackend({ mongo: db }), processEvery: 50 }),
    );
    const [first] = agendas;
    const ran: unknown[] = [];
    for (const agenda of agendas) {
      agenda.define('remind', async (job) => {
        ran.push(job.attrs.data);
      });
      await agenda.start();
    }
    const done = Promise.race(agendas.map((agenda) => once(agenda, 'success:remind')));
    await first?.now('remind', { to: 'ann' });
    await done;
    await Promise.all(agendas.map((agenda) => agenda.stop()));
    expect(ran).toEqual([{ to: 'ann' }]);
  });
});

/** The value that a function with a callback ends with. */
function call<T>(run: (done: (error: unknown, value?: T) => void) => unknown): Promise<T | null | undefined> {
  return new Promise((resolve, reject) => {
    run((error, value) => {
      if (error === undefined || error === null) resolve(value ?? null);
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}
