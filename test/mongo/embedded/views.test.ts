import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';

let server: EmbeddedMongo;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  server = await EmbeddedMongo.start({});
  client = await MongoClient.connect(server.uri);
});
afterAll(async () => {
  await client.close();
  await server.close();
});
beforeEach(async () => {
  db = client.db('shop');
  await db.dropDatabase();
  await db.collection<{ _id: number; open: boolean; total: number }>('orders').insertMany([
    { _id: 1, open: true, total: 5 },
    { _id: 2, open: false, total: 7 },
    { _id: 3, open: true, total: 9 },
  ]);
});

describe('a view', () => {
  beforeEach(async () => {
    await db.createCollection('open', { viewOn: 'orders', pipeline: [{ $match: { open: true } }] });
  });

  it('is read by find, count, distinct and aggregate, and shows what is there now', async () => {
    const open = db.collection('open');
    expect(await open.find({ total: { $gt: 5 } }).toArray()).toEqual([{ _id: 3, open: true, total: 9 }]);
    expect(await open.estimatedDocumentCount()).toBe(2);
    expect(await open.countDocuments({ total: 5 })).toBe(1);
    expect(await open.distinct('total')).toEqual([5, 9]);
    await db.collection('orders').deleteOne({ total: 5 });
    expect(await open.aggregate([{ $group: { _id: null, sum: { $sum: '$total' } } }]).toArray()).toEqual([
      { _id: null, sum: 9 },
    ]);
    const joined = [{ $lookup: { from: 'open', localField: '_id', foreignField: '_id', as: 'same' } }];
    const orders = await db.collection('orders').aggregate(joined).toArray();
    expect(orders.map(({ same }) => same.length)).toEqual([0, 1]);
  });

  it('may stand on another view, but not on itself', async () => {
    await db.createCollection('dear', { viewOn: 'open', pipeline: [{ $match: { total: { $gt: 5 } } }] });
    expect(await db.collection('dear').find().toArray()).toEqual([{ _id: 3, open: true, total: 9 }]);
    await db.collection('open').drop();
    await expect(db.createCollection('open', { viewOn: 'dear', pipeline: [] })).rejects.toMatchObject({
      code: 5,
      codeName: 'GraphContainsCycle',
    });
  });

  it('cannot be written, indexed, renamed or made again', async () => {
    const open = db.collection('open');
    const isView = { code: 166, codeName: 'CommandNotSupportedOnView' };
    await expect(open.insertOne({ total: 1 })).rejects.toMatchObject({ code: 166 });
    await expect(open.updateOne({}, { $set: { total: 1 } })).rejects.toMatchObject({ code: 166 });
    await expect(open.deleteMany({})).rejects.toMatchObject({ code: 166 });
    await expect(open.createIndex({ total: 1 })).rejects.toMatchObject(isView);
    await expect(open.listIndexes().toArray()).rejects.toMatchObject(isView);
    await expect(open.rename('closed')).rejects.toMatchObject(isView);
    await expect(db.createCollection('open')).rejects.toMatchObject({ code: 48 });
    await expect(
      db.createCollection('bad', { viewOn: 'orders', pipeline: [{ $out: 'x' }] }),
    ).rejects.toMatchObject({
      code: 167,
    });
    await expect(open.find({}, { collation: { locale: 'de' } }).toArray()).rejects.toMatchObject({
      code: 167,
    });
    expect(await db.collection('orders').countDocuments()).toBe(3);
  });

  it('is listed as one, and goes without its collection', async () => {
    expect(await db.listCollections({ name: 'open' }).toArray()).toEqual([
      {
        name: 'open',
        type: 'view',
        options: { viewOn: 'orders', pipeline: [{ $match: { open: true } }] },
        info: { readOnly: true },
      },
    ]);
    expect(await db.collection('open').drop()).toBe(true);
    expect(await db.collection('orders').countDocuments()).toBe(3);
    expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(['orders']);
  });
});

describe('a validator', () => {
  it('refuses what does not pass, with the document and the rule', async () => {
    const paid = await db.createCollection('paid', { validator: { total: { $type: 'number', $gt: 0 } } });
    await paid.insertOne({ total: 3 });
    await expect(paid.insertOne({ total: 0 })).rejects.toMatchObject({ code: 121 });
    await expect(paid.updateOne({}, { $set: { total: 'much' } })).rejects.toMatchObject({
      code: 121,
      message: 'Document failed validation',
    });
    await expect(paid.findOneAndUpdate({}, { $inc: { total: -3 } })).rejects.toMatchObject({
      code: 121,
      codeName: 'DocumentValidationFailure',
      errorResponse: {
        errInfo: { details: { specifiedAs: { total: { $type: 'number', $gt: 0 } } } },
      },
    });
    await expect(paid.updateOne({ a: 1 }, { $set: { b: 1 } }, { upsert: true })).rejects.toMatchObject({
      code: 121,
    });
    expect(await paid.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ total: 3 }]);
    await paid.insertOne({ total: 0 }, { bypassDocumentValidation: true });
    expect(await paid.countDocuments()).toBe(2);
  });

  it('is changed by collMod; a moderate one lets old sins be', async () => {
    const orders = db.collection<{ _id: number; open?: boolean; total?: number }>('orders');
    await db.command({ collMod: 'orders', validator: { total: { $gt: 6 } }, validationLevel: 'moderate' });
    await orders.updateOne({ _id: 1 }, { $set: { open: false } });
    await expect(orders.updateOne({ _id: 2 }, { $set: { total: 1 } })).rejects.toMatchObject({ code: 121 });
    await db.command({ collMod: 'orders', validationLevel: 'strict' });
    await expect(orders.updateOne({ _id: 1 }, { $set: { open: true } })).rejects.toMatchObject({ code: 121 });
    await db.command({ collMod: 'orders', validationLevel: 'off' });
    await orders.updateOne({ _id: 2 }, { $set: { total: 1 } });
    const [shown] = await db.listCollections({ name: 'orders' }).toArray();
    expect(shown).toMatchObject({ type: 'collection', options: {} });
  });

  it('refuses what it cannot check', async () => {
    await expect(
      db.createCollection('schema', { validator: { $jsonSchema: { required: ['a'] } } }),
    ).rejects.toMatchObject({ code: expect.any(Number) });
    await expect(
      db.createCollection('warned', { validator: { a: 1 }, validationAction: 'warn' }),
    ).rejects.toMatchObject({ code: 238 });
  });
});
