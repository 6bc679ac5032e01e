import type { Collection, MongoClient } from 'mongodb';
import { createConnection, type Model, Schema } from 'mongoose';
import type { Line } from './languages.js';

/** What an application hears when an acknowledgement is lost: the checks of the programs in other languages. */

interface Counted {
  readonly _id?: number;
  readonly n: number;
}

/** For mongoose, which adds the `_id`. */
interface Stored {
  readonly n: number;
}

/** What a driver, or what stands on one, makes of a command. */
interface Application {
  /** Not under test. */
  readonly aside: (name: string) => Collection<Counted>;
  readonly increments: Readonly<Record<string, (name: string) => Promise<unknown>>>;
  insertOne(name: string): Promise<unknown>;
  find(name: string): Promise<unknown>;
  getMore(name: string): Promise<unknown>;
  /** Begins a transaction that increments; commits it. */
  begin(name: string): Promise<{ commit(): Promise<unknown>; end(): Promise<unknown> }>;
}

const ONE = { _id: 1 };
const ADD = { $inc: { n: 1 } };

/** Of every generation of the driver. */
export async function lostWithDriver(client: MongoClient, uri: string): Promise<Line[]> {
  const things = (name: string): Collection<Counted> => client.db('lost').collection<Counted>(name);
  const updateOne = (name: string): Promise<unknown> => things(name).updateOne(ONE, ADD);
  return lines(uri, {
    aside: things,
    increments: {
      updateOne,
      findOneAndUpdate: (name) => things(name).findOneAndUpdate(ONE, ADD),
      bulkWrite: (name) => things(name).bulkWrite([{ updateOne: { filter: ONE, update: ADD } }]),
      updateMany: (name) => things(name).updateMany({}, ADD),
      twice: updateOne,
    },
    insertOne: (name) => things(name).insertOne({ n: 1 }),
    find: (name) => things(name).findOne(ONE),
    getMore: (name) => things(name).find().batchSize(4).toArray(),
    begin: async (name) => {
      const session = client.startSession();
      session.startTransaction();
      await things(name).updateOne(ONE, ADD, { session });
      return { commit: () => session.commitTransaction(), end: () => session.endSession() };
    },
  });
}

export async function lostWithMongoose(uri: string): Promise<Line[]> {
  const connection = await createConnection(uri, { appName: 'mongoose', dbName: 'lost' }).asPromise();
  const models = new Map<string, Model<Stored>>();
  const model = (name: string): Model<Stored> => {
    const schema = new Schema<Stored>({ n: Number }, { collection: name, versionKey: false });
    const known = models.get(name) ?? connection.model<Stored>(name, schema);
    models.set(name, known);
    return known;
  };
  const updateOne = (name: string): Promise<unknown> => model(name).updateOne({}, ADD).exec();
  try {
    return await lines(uri, {
      aside: (name) => connection.getClient().db('lost').collection(name) as unknown as Collection<Counted>,
      increments: {
        updateOne,
        findOneAndUpdate: (name) => model(name).findOneAndUpdate({}, ADD).exec(),
        bulkWrite: (name) => model(name).bulkWrite([{ updateOne: { filter: {}, update: ADD } }]),
        updateMany: (name) => model(name).updateMany({}, ADD).exec(),
        twice: updateOne,
      },
      insertOne: (name) => model(name).create({ n: 1 }),
      find: (name) => model(name).findOne().exec(),
      getMore: (name) => model(name).find().batchSize(4).exec(),
      begin: async (name) => {
        const session = await connection.startSession();
        session.startTransaction();
        await model(name).updateOne({}, ADD, { session }).exec();
        return { commit: () => session.commitTransaction(), end: () => session.endSession() };
      },
    });
  } finally {
    await connection.close();
  }
}

async function lines(uri: string, application: Application): Promise<Line[]> {
  const { aside, increments } = application;
  const isReplicaSet = uri.includes('replicaSet=');
  const told: Line[] = [];
  const count = async (name: string): Promise<number> => {
    let sum = 0;
    for await (const { n } of aside(name).find()) sum += n;
    return sum;
  };
  const tell = async (check: string, run: () => Promise<unknown>, isWrite: boolean): Promise<void> => {
    const began = performance.now();
    const error = await run().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const ms = Math.round(performance.now() - began);
    const applied = isWrite ? { applied: await count(check) } : {};
    if (error === undefined) {
      told.push({ check, got: { outcome: 'ok', labels: [], ms, ...applied } });
      return;
    }
    const again = isWrite ? { appliedAfterRetry: await run().then(() => count(check)) } : {};
    told.push({ check, got: { outcome: nameOf(error), labels: labelsOf(error), ms, ...applied, ...again } });
  };

  for (const [check, increment] of Object.entries(increments)) {
    if (check === 'twice' && !isReplicaSet) continue;
    await aside(check).insertOne({ _id: 1, n: 0 });
    await tell(check, () => increment(check), true);
  }
  await tell('insertOne', () => application.insertOne('insertOne'), true);
  await aside('find').insertOne({ _id: 1, n: 0 });
  await tell('find', () => application.find('find'), false);
  await aside('getMore').insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n, n })));
  await tell('getMore', () => application.getMore('getMore'), false);
  if (isReplicaSet) {
    const name = 'commitTransaction';
    await aside(name).insertOne({ _id: 1, n: 0 });
    const { commit, end } = await application.begin(name);
    await tell(name, commit, true);
    await end();
  }
  return told;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

/** Only the label that says whether a write may be tried again. */
function labelsOf(error: unknown): string[] {
  const label = 'RetryableWriteError';
  const { hasErrorLabel } = error as { hasErrorLabel?: (label: string) => boolean };
  return hasErrorLabel?.call(error, label) === true ? [label] : [];
}
