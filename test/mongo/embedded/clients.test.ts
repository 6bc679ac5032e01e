import { type ISession, MongoDBAdapter } from '@grammyjs/storage-mongodb';
import { Decimal128, Double, Long, MongoClient, ObjectId } from 'mongodb';
import mongoose from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SendtwiceError } from '../../../src/base/errors.js';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';

let server: EmbeddedMongo;
let client: MongoClient;

beforeAll(async () => {
  server = await EmbeddedMongo.start();
  client = await MongoClient.connect(server.uri);
});

afterAll(async () => {
  await client.close();
  await server.close();
});

beforeEach(async () => {
  await client.db('test').dropDatabase();
});

const collection = () => client.db('test').collection('things');

describe('the official driver', () => {
  test('gets number types back as they were written', async () => {
    const document = {
      int: 5,
      long: Long.fromString('5'),
      double: new Double(5),
      decimal: Decimal128.fromString('5.0'),
    };
    await collection().insertOne({ ...document });
    const found = await collection().findOne({ int: 5.0 }, { promoteValues: false, projection: { _id: 0 } });
    expect(found).toMatchObject({ long: document.long, double: document.double, decimal: document.decimal });
    expect(await collection().countDocuments({ long: 5, double: 5, decimal: 5 })).toBe(1);
  });

  test('reads large results through several batches, and _id always comes first', async () => {
    await collection().insertMany(Array.from({ length: 1000 }, (_, at) => ({ at, _id: new ObjectId() })));
    const found = await collection().find().sort({ at: -1 }).batchSize(100).toArray();
    expect(found.map(({ at }) => at)).toEqual(Array.from({ length: 1000 }, (_, at) => 999 - at));
    expect(Object.keys(found[0] ?? {})).toEqual(['_id', 'at']);
  });

  test('reads in later batches what was written since the first, unless they were sorted', async () => {
    await collection().insertMany(Array.from({ length: 6 }, (_, at) => ({ _id: at as never, sent: false })));
    await collection().createIndex({ sent: 1 });
    const cursors = [
      collection().find({ _id: { $gte: 0 as never } }),
      collection().find({ sent: false }),
      collection().aggregate([{ $match: { sent: false } }]),
      collection().find().sort({ _id: 1 }),
    ].map((cursor) => cursor.batchSize(2));
    for (const cursor of cursors) expect(await cursor.next()).toEqual({ _id: 0, sent: false });
    await collection().deleteOne({ _id: 3 as never });
    await collection().updateOne({ _id: 4 as never }, { $set: { sent: true } });
    const [all, open, piped, sorted] = await Promise.all(cursors.map((cursor) => cursor.toArray()));
    const shown = (documents: object[] = []) =>
      documents.map((document) => Object.values(document).join(' ')).join(', ');
    expect(shown(all)).toBe('1 false, 2 false, 4 true, 5 false');
    expect(shown(open)).toBe('1 false, 2 false, 5 false');
    expect(shown(piped)).toBe('1 false, 2 false, 5 false');
    expect(shown(sorted)).toBe('1 false, 2 false, 3 false, 4 false, 5 false');
  });

  test('reads the last documents first by $natural', async () => {
    await collection().insertMany([{ _id: 1 as never }, { _id: 2 as never }, { _id: 3 as never }]);
    expect(await collection().find().sort({ $natural: -1 }).limit(2).toArray()).toEqual([
      { _id: 3 },
      { _id: 2 },
    ]);
    expect(await collection().findOne({}, { sort: { $natural: 1 } })).toEqual({ _id: 1 });
  });

  test('is told that the collection of a cursor is gone', async () => {
    await collection().insertMany([{}, {}, {}, {}]);
    const cursor = collection().find().batchSize(2);
    await cursor.next();
    await collection().drop();
    await expect(cursor.toArray()).rejects.toMatchObject({ code: 175, codeName: 'QueryPlanKilled' });
  });

  test('is not asked for more than the limit of a cursor', async () => {
    await collection().insertMany([{}, {}, {}, {}, {}]);
    const raw = (command: object) => client.db('test').command({ find: 'things', batchSize: 2, ...command });
    const idOf = async (command: object) => String((await raw(command)).cursor.id);
    expect(await idOf({ limit: 2 })).toBe('0');
    expect(await idOf({ skip: 3, sort: { _id: 1 } })).toBe('0');
    expect(await idOf({ skip: 4 })).toBe('0');
    expect(await idOf({ singleBatch: true })).toBe('0');
    expect(await idOf({ limit: 3 })).not.toBe('0');
  });

  test('closes a cursor that it does not read to its end', async () => {
    await collection().insertMany(Array.from({ length: 300 }, (_, at) => ({ at })));
    const cursor = collection().find().batchSize(10);
    await cursor.next();
    const id = cursor.id;
    await cursor.close();
    const more = client.db('test').command({ getMore: id, collection: 'things' });
    await expect(more).rejects.toMatchObject({ code: 43, codeName: 'CursorNotFound' });
  });

  test('is told about duplicate keys with pattern and value, and the other documents are written', async () => {
    await collection().createIndex({ user: 1, kind: 1 }, { unique: true });
    await collection().insertOne({ user: 1, kind: 'a' });
    await expect(collection().insertOne({ user: 1, kind: 'a' })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { user: 1, kind: 1 },
      keyValue: { user: 1, kind: 'a' },
      message:
        'E11000 duplicate key error collection: test.things index: user_1_kind_1 dup key: { user: 1, kind: "a" }',
    });
    const many = collection().insertMany(
      [
        { user: 1, kind: 'a' },
        { user: 2, kind: 'a' },
      ],
      { ordered: false },
    );
    await expect(many).rejects.toMatchObject({ result: { insertedCount: 1 } });
    expect(await collection().countDocuments()).toBe(2);
  });

  test('sparse and partial unique indexes leave documents out', async () => {
    await collection().createIndex({ mail: 1 }, { unique: true, sparse: true });
    await collection().createIndex({ name: 1 }, { unique: true, partialFilterExpression: { active: true } });
    await collection().insertMany([{ name: 'x' }, { name: 'x', active: false }, { name: 'x', active: true }]);
    await expect(collection().insertOne({ name: 'x', active: true })).rejects.toMatchObject({ code: 11000 });
    await expect(collection().updateOne({ active: false }, { $set: { active: true } })).rejects.toMatchObject(
      { code: 11000 },
    );
    expect(await collection().countDocuments()).toBe(3);
  });

  test('distinct takes the elements of arrays, and equal numbers once', async () => {
    await collection().insertMany([{ a: [1, 2] }, { a: new Double(2) }, { a: [[3]] }, { b: 1 }, { a: null }]);
    expect(await collection().distinct('a')).toEqual([1, 2, [3], null]);
  });

  test('sorts and lists by what is at a position of an array', async () => {
    const at = (day: number) => ({ at: new Date(2024, 0, day) });
    await collection().insertMany([
      { _id: 1 as never, log: [at(3), at(1)] },
      { _id: 2 as never, log: [at(1), at(9)] },
      { _id: 3 as never, log: [at(2)] },
    ]);
    const ids = (await collection().find().sort({ 'log.0.at': 1 }).toArray()).map(({ _id }) => _id);
    expect(ids).toEqual([2, 3, 1]);
    expect(await collection().distinct('log.1.at')).toEqual([at(1).at, at(9).at]);
  });

  test('an update that changes no byte is not counted as modification', async () => {
    await collection().insertOne({ a: 1 });
    expect(await collection().updateOne({ a: 1 }, { $set: { a: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    });
    expect(await collection().updateOne({ a: 1 }, { $set: { a: new Double(1) } })).toMatchObject({
      modifiedCount: 1,
    });
  });

  test('an upsert takes what the filter says, and the positional operator what it found', async () => {
    const { upsertedId } = await collection().updateOne(
      { 'user.id': 5, kind: { $eq: 'x' }, age: { $gt: 3 } },
      { $set: { seen: true }, $setOnInsert: { n: 1 } },
      { upsert: true },
    );
    expect(await collection().findOne()).toEqual({
      _id: upsertedId,
      user: { id: 5 },
      kind: 'x',
      n: 1,
      seen: true,
    });
    await collection().insertOne({ items: [{ id: 1 }, { id: 2 }] });
    await collection().updateOne({ 'items.id': 2 }, { $set: { 'items.$.done': true } });
    expect(await collection().findOne({ items: { $exists: true } })).toMatchObject({
      items: [{ id: 1 }, { id: 2, done: true }],
    });
  });

  test('projections include, exclude, slice, match elements and compute', async () => {
    await collection().insertOne({ _id: 1 as never, a: { b: 1, c: 2 }, list: [1, 5, 9], name: 'x' });
    const project = (projection: object, filter = {}) =>
      collection().findOne(filter, { projection: projection as never });
    expect(await project({ 'a.b': 1 })).toEqual({ _id: 1, a: { b: 1 } });
    expect(await project({ a: 0, list: 0, _id: 0 })).toEqual({ name: 'x' });
    expect(await project({ list: { $slice: [1, 1] }, a: 0 })).toEqual({ _id: 1, list: [5], name: 'x' });
    expect(await project({ list: { $slice: -1 }, name: 1 })).toEqual({ _id: 1, list: [9], name: 'x' });
    expect(await project({ list: { $elemMatch: { $gt: 4 } } })).toEqual({ _id: 1, list: [5] });
    expect(await project({ 'list.$': 1 }, { list: { $gt: 6 } })).toEqual({ _id: 1, list: [9] });
    expect(await project({ upper: { $toUpper: '$name' }, _id: 0 })).toEqual({ upper: 'X' });
    await expect(project({ a: 1, name: 0 })).rejects.toMatchObject({ code: 31254 });
  });

  test('pipelines group, join, unwind and compute', async () => {
    await collection().insertMany([
      { user: 1, total: 10, tags: ['a', 'b'] },
      { user: 2, total: 5.5, tags: [] },
      { user: 1, total: 1, tags: ['b'] },
    ]);
    await client
      .db('test')
      .collection('users')
      .insertMany([
        { _id: 1 as never, name: 'Ann' },
        { _id: 2 as never, name: 'Bob' },
      ]);
    const sums = await collection()
      .aggregate([
        {
          $group: {
            _id: '$user',
            sum: { $sum: '$total' },
            average: { $avg: '$total' },
            orders: { $count: {} },
          },
        },
        { $lookup: { from: 'users', localField: '_id', foreignField: '_id', as: 'user' } },
        { $set: { name: { $first: '$user.name' } } },
        { $project: { user: 0 } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(sums).toEqual([
      { _id: 1, sum: 11, average: 5.5, orders: 2, name: 'Ann' },
      { _id: 2, sum: 5.5, average: 5.5, orders: 1, name: 'Bob' },
    ]);
    const tags = await collection()
      .aggregate([{ $unwind: '$tags' }, { $sortByCount: '$tags' }])
      .toArray();
    expect(tags).toEqual([
      { _id: 'b', count: 2 },
      { _id: 'a', count: 1 },
    ]);
    const facets = await collection()
      .aggregate([
        {
          $facet: {
            n: [{ $count: 'n' }],
            top: [{ $sort: { total: -1 } }, { $limit: 1 }, { $project: { _id: 0, total: 1 } }],
          },
        },
      ])
      .toArray();
    expect(facets).toEqual([{ n: [{ n: 3 }], top: [{ total: 10 }] }]);
  });

  test.each<[string, (db: ReturnType<MongoClient['db']>) => Promise<unknown>, number]>([
    ['an unknown command', (db) => db.command({ frobnicate: 1 }), 59],
    ['an unknown option', (db) => db.command({ find: 'c', frobnicate: 1 }), 40415],
    [
      'an unknown stage',
      (db) =>
        db
          .collection('c')
          .aggregate([{ $frobnicate: {} }])
          .toArray(),
      40324,
    ],
    [
      'an unknown expression',
      (db) =>
        db
          .collection('c')
          .aggregate([{ $set: { a: { $frobnicate: 1 } } }])
          .toArray(),
      168,
    ],
    [
      'an unknown accumulator',
      (db) =>
        db
          .collection('c')
          .aggregate([{ $group: { _id: 1, a: { $frobnicate: 1 } } }])
          .toArray(),
      15952,
    ],
    [
      'an unknown operator',
      (db) =>
        db
          .collection('c')
          .find({ a: { $frobnicate: 1 } })
          .toArray(),
      2,
    ],
    ['an unknown modifier', (db) => db.collection('c').updateOne({}, { $frobnicate: { a: 1 } } as never), 9],
    ['a capped collection', (db) => db.createCollection('capped', { capped: true, size: 1000 }), 238],
    ['a text index', (db) => db.collection('c').createIndex({ a: 'text' }), 238],
    [
      'a hint that names no index',
      async (db) => {
        await db.collection('c').insertOne({});
        return db.collection('c').find({}).hint('nothing').toArray();
      },
      2,
    ],
    [
      'a partial index over what is not there',
      (db) => db.collection('c').createIndex({ a: 1 }, { partialFilterExpression: { a: { $ne: null } } }),
      67,
    ],
    [
      'a partial index over a field that does not exist',
      (db) =>
        db
          .collection('c')
          .createIndex({ a: 1 }, { partialFilterExpression: { $and: [{ a: { $exists: false } }] } }),
      67,
    ],
    [
      'a partial index that is sparse',
      (db) =>
        db
          .collection('c')
          .createIndex({ a: 1 }, { sparse: true, partialFilterExpression: { a: { $gt: 1 } } }),
      67,
    ],
    ['an array as _id', (db) => db.collection('c').insertOne({ _id: [1] as never }), 53],
    [
      'a changed _id',
      async (db) => {
        await db.collection('c').insertOne({ _id: 1 as never });
        return db.collection('c').updateOne({ _id: 1 as never }, { $set: { _id: 2 as never } });
      },
      66,
    ],
    ['listIndexes of nothing', (db) => db.command({ listIndexes: 'nothing' }), 26],
    [
      'creating once more with other options',
      async (db) => {
        await db.createCollection('twice');
        return db.createCollection('twice', { validator: { a: 1 } });
      },
      48,
    ],
  ])('%s is refused with the official code', async (_what, run, code) => {
    await expect(run(client.db('test'))).rejects.toMatchObject({ code });
  });
});

describe('retryable writes', () => {
  test('the same number again is answered again and not done again', async () => {
    await collection().insertOne({ _id: 1 as never, n: 0 });
    // A client of its own: its sessions have no other numbers yet.
    await using other = await MongoClient.connect(server.uri);
    const session = other.startSession();
    const command = {
      update: 'things',
      updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }],
      lsid: session.id,
      txnNumber: Long.fromNumber(7),
    };
    const raw = other.db('test');
    expect(await raw.command({ ...command }, { session })).toMatchObject({ n: 1, nModified: 1 });
    expect(await raw.command({ ...command }, { session })).toMatchObject({
      n: 1,
      nModified: 1,
      retriedStmtIds: [0],
    });
    expect(await collection().findOne()).toMatchObject({ n: 1 });
    const older = raw.command({ ...command, txnNumber: Long.fromNumber(6) }, { session });
    await expect(older).rejects.toMatchObject({ code: 225 });
    await session.endSession();
  });

  test('a standalone server refuses transaction numbers', async () => {
    await using single = await EmbeddedMongo.start({ topology: 'standalone' });
    await using other = await MongoClient.connect(single.uri);
    const { ok } = await other.db('test').command({ insert: 'c', documents: [{ a: 1 }] });
    expect(ok).toBe(1);
    const session = other.startSession();
    session.startTransaction();
    const insert = other.db('test').collection('c').insertOne({}, { session });
    await expect(insert).rejects.toMatchObject({ originalError: { code: 20 } });
    await session.endSession();
  });
});

describe('transactions', () => {
  test('are seen by others when they are committed, and as a whole', async () => {
    await collection().insertOne({ _id: 1 as never, n: 0 });
    const session = client.startSession();
    session.startTransaction();
    await collection().updateOne({ _id: 1 as never }, { $inc: { n: 1 } }, { session });
    await collection().insertOne({ _id: 2 as never }, { session });
    expect(await collection().countDocuments({}, { session })).toBe(2);
    expect(await collection().find().toArray()).toEqual([{ _id: 1, n: 0 }]);
    await session.commitTransaction();
    expect(await collection().find().toArray()).toEqual([{ _id: 1, n: 1 }, { _id: 2 }]);
    await session.endSession();
  });

  test('leave nothing behind when they are aborted', async () => {
    await collection().createIndex({ key: 1 }, { unique: true });
    await collection().insertOne({ key: 'old' });
    const session = client.startSession();
    session.startTransaction();
    await collection().insertOne({ key: 'new' }, { session });
    await collection().deleteOne({ key: 'old' }, { session });
    await client.db('test').collection('other').insertOne({}, { session });
    await session.abortTransaction();
    expect(await collection().distinct('key')).toEqual(['old']);
    await collection().insertOne({ key: 'new' });
    expect(await client.db('test').listCollections({ name: 'other' }).toArray()).toEqual([]);
    await session.endSession();
  });

  test('an outside write and a dropped collection give back what they took', async () => {
    await collection().insertOne({ _id: 1 as never, n: 0 });
    const session = client.startSession();
    session.startTransaction();
    await collection().findOne({}, { session });
    await collection().updateOne({ _id: 1 as never }, { $set: { n: 1 } });
    await collection().drop();
    await session.commitTransaction();
    await session.endSession();
    expect(await client.db('test').command({ dbStats: 1 })).toMatchObject({ objects: 0, dataSize: 0 });
  });

  test('read the snapshot of their beginning, and a conflicting write has to begin anew', async () => {
    await collection().insertOne({ _id: 1 as never, n: 0 });
    const session = client.startSession();
    session.startTransaction();
    expect(await collection().findOne({ _id: 1 as never }, { session })).toMatchObject({ n: 0 });
    await collection().updateOne({ _id: 1 as never }, { $set: { n: 5 } });
    expect(await collection().findOne({ _id: 1 as never }, { session })).toMatchObject({ n: 0 });
    const write = collection().updateOne({ _id: 1 as never }, { $inc: { n: 1 } }, { session });
    await expect(write).rejects.toMatchObject({ code: 112, errorLabels: ['TransientTransactionError'] });
    await session.abortTransaction();
    await session.endSession();
  });

  test('hold what they wrote: a write from outside waits for their end', async () => {
    await collection().insertOne({ _id: 1 as never, n: 0 });
    const session = client.startSession();
    session.startTransaction();
    await collection().updateOne({ _id: 1 as never }, { $inc: { n: 1 } }, { session });
    const order: string[] = [];
    const outside = collection()
      .updateOne({ _id: 1 as never }, { $inc: { n: 10 } })
      .then(() => order.push('outside'));
    await collection().findOne();
    order.push('commit');
    await session.commitTransaction();
    await outside;
    expect(order).toEqual(['commit', 'outside']);
    expect(await collection().findOne()).toMatchObject({ n: 11 });
    await session.endSession();
  });

  test('withTransaction of two clients at once loses no increment', async () => {
    await collection().insertOne({ _id: 1 as never, n: 0 });
    const add = () =>
      client.withSession((session) =>
        session.withTransaction(async () => {
          const found = await collection().findOne({ _id: 1 as never }, { session });
          await collection().updateOne(
            { _id: 1 as never },
            { $set: { n: (found?.n as number) + 1 } },
            { session },
          );
        }),
      );
    await Promise.all(Array.from({ length: 8 }, add));
    expect(await collection().findOne()).toMatchObject({ n: 8 });
  });
});

test('mongoose saves, notices versions and makes unique indexes', async () => {
  const connection = await mongoose.createConnection(server.uri, { dbName: 'goose' }).asPromise();
  const schema = new mongoose.Schema({
    chat: { type: Number, unique: true },
    cart: [{ name: String, count: Number }],
  });
  const Order = connection.model('Order', schema);
  await Order.init();
  const order = await Order.create({ chat: 5_000_000_000, cart: [{ name: 'tea', count: 1 }] });
  order.cart.push({ name: 'cake', count: 2 });
  await order.save();
  const stale = await Order.findById(order._id);
  order.set('cart', [{ name: 'milk', count: 1 }]);
  await order.save();
  stale?.set('cart.0.count', 9);
  await expect(stale?.save()).rejects.toThrow(mongoose.Error.VersionError);
  await expect(Order.create({ chat: 5_000_000_000 })).rejects.toMatchObject({ code: 11000 });
  const changed = await Order.findOneAndUpdate(
    { chat: 1 },
    { $push: { cart: { name: 'x', count: 1 } } },
    { upsert: true, returnDocument: 'after' },
  );
  expect(changed?.cart.map(({ name }) => name)).toEqual(['x']);
  expect(await Order.countDocuments({ 'cart.name': 'milk' })).toBe(1);
  await connection.close();
});

test('the session storage of grammY writes, reads and deletes', async () => {
  const sessions = client.db('bot').collection<ISession>('sessions');
  const storage = new MongoDBAdapter<{ step: string; '10': number; '2': number }>({
    collection: sessions as never,
  });
  expect(await storage.read('42')).toBeUndefined();
  await storage.write('42', { step: 'name', '10': 1, '2': 2 });
  await storage.write('42', { step: 'address', '10': 1, '2': 2 });
  expect(await storage.read('42')).toEqual({ step: 'address', '10': 1, '2': 2 });
  expect(await sessions.countDocuments()).toBe(1);
  await storage.delete('42');
  expect(await storage.read('42')).toBeUndefined();
});

test('documents go when their TTL index says so', async () => {
  await using short = await EmbeddedMongo.start({ ttlCheckMs: 20 });
  await using other = await MongoClient.connect(short.uri);
  const tokens = other.db('test').collection('tokens');
  await tokens.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
  await tokens.insertMany([{ at: new Date(Date.now() - 120_000) }, { at: new Date() }, { at: 'never' }]);
  await expect.poll(() => tokens.countDocuments()).toBe(2);
});

test('all data together has a limit', async () => {
  await using small = await EmbeddedMongo.start({ maxDataBytes: 10_000 });
  await using other = await MongoClient.connect(small.uri);
  const things = other.db('test').collection('things');
  await things.insertOne({ text: 'x'.repeat(8000) });
  await expect(things.insertOne({ text: 'x'.repeat(8000) })).rejects.toMatchObject({ code: 14031 });
  await things.deleteMany({});
  await things.insertOne({ text: 'x'.repeat(8000) });
  expect(await things.countDocuments()).toBe(1);
});

test('a port that is taken is a SendtwiceError', async () => {
  const start = EmbeddedMongo.start({ port: server.port });
  await expect(start).rejects.toBeInstanceOf(SendtwiceError);
  await expect(start).rejects.toMatchObject({
    code: 'listen/port-in-use',
    message: expect.stringContaining(String(server.port)),
  });
});

describe('what an admin changes', () => {
  test('collMod gives an index another expiry, and nothing else', async () => {
    const database = client.db('test');
    await collection().createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    const index = { keyPattern: { at: 1 }, expireAfterSeconds: 120 };
    expect(await database.command({ collMod: 'things', index })).toMatchObject({
      expireAfterSeconds_old: 60,
      expireAfterSeconds_new: 120,
    });
    expect((await collection().indexes())[1]).toMatchObject({ name: 'at_1', expireAfterSeconds: 120 });
    const images = { enabled: true };
    await expect(
      database.command({ collMod: 'things', changeStreamPreAndPostImages: images }),
    ).rejects.toMatchObject({
      code: 40415,
    });
    const missing = { name: 'none', expireAfterSeconds: 1 };
    await expect(database.command({ collMod: 'things', index: missing })).rejects.toMatchObject({ code: 27 });
  });

  test('a collection or view that is created once more as it is stays as it is', async () => {
    const db = client.db('test');
    const validator = { a: { $gt: 0 } };
    for (const _round of [1, 2]) {
      await db.createCollection('plain');
      await db.createCollection('checked', { validator });
      await db.createCollection('seen', { viewOn: 'plain', pipeline: [{ $match: { a: 1 } }] });
    }
    await expect(db.createCollection('checked')).rejects.toMatchObject({
      code: 48,
      message: expect.stringContaining('test.checked already exists, but with different options'),
    });
    await expect(db.createCollection('seen')).rejects.toMatchObject({ codeName: 'NamespaceExists' });
    await expect(db.collection('checked').insertOne({ a: 0 })).rejects.toMatchObject({ code: 121 });
  });

  test('an index that is there with another expiry or other documents is a conflict', async () => {
    await collection().createIndex({ at: 1 }, { expireAfterSeconds: 5 });
    await collection().createIndex({ at: 1 }, { expireAfterSeconds: 5 });
    await expect(collection().createIndex({ at: 1 }, { expireAfterSeconds: 6 })).rejects.toMatchObject({
      code: 85,
      codeName: 'IndexOptionsConflict',
      message: expect.stringMatching(
        /^An equivalent index already exists with the same name but different options/,
      ),
    });
    await expect(collection().createIndex({ at: 1 })).rejects.toMatchObject({ code: 85 });
    const unique = collection().createIndex({ at: 1 }, { unique: true, expireAfterSeconds: 5 });
    await expect(unique).rejects.toMatchObject({ code: 86, codeName: 'IndexKeySpecsConflict' });
    await expect(collection().createIndex({ by: 1 }, { name: 'at_1' })).rejects.toMatchObject({ code: 86 });
    await expect(collection().createIndex({ at: 1 }, { name: 'when' })).rejects.toMatchObject({ code: 85 });
  });

  test('an index over two fields of one array takes documents, unless it is unique', async () => {
    const things = collection();
    const members = [1, 2].map((id) => ({ id, role: 'user' }));
    await things.createIndex({ 'members.id': 1, 'members.role': 1 });
    await things.insertOne({ members });
    expect(await things.countDocuments({ 'members.id': 2 })).toBe(1);
    await things.deleteMany({});
    await things.createIndex({ 'members.role': 1, 'members.id': 1 }, { unique: true });
    await expect(things.insertOne({ members })).rejects.toMatchObject({ code: 238 });
  });

  test('a renamed collection keeps its documents and indexes', async () => {
    const other = client.db('test').collection('others');
    await collection().insertOne({ a: 1 });
    await collection().createIndex({ a: 1 }, { unique: true });
    await other.insertOne({ b: 1 });
    await expect(collection().rename('others')).rejects.toMatchObject({ code: 48 });
    await collection().rename('others', { dropTarget: true });
    expect(await other.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ a: 1 }]);
    await expect(other.insertOne({ a: 1 })).rejects.toThrow('test.others index: a_1');
    await expect(collection().rename('more')).rejects.toMatchObject({ code: 26 });
  });

  test('writeConcern is refused within a transaction', async () => {
    await client.withSession(async (session) => {
      session.startTransaction();
      const insert = { insert: 'things', documents: [{}], writeConcern: { w: 1 } };
      await expect(client.db('test').command(insert, { session })).rejects.toMatchObject({ code: 72 });
      await session.abortTransaction();
    });
  });
});
