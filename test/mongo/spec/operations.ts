import type {
  ClientSession,
  Collection,
  Db,
  GridFSBucket,
  MongoClient,
  MongoServerError,
  ObjectId,
} from 'mongodb';
import type { Entities } from './entities.js';
import type { EntitySpec, Fields, Operation } from './format.js';
import { checkError, match, plain } from './matching.js';

/**
 * Runs an operation of a test and compares what comes of it. Returns the error that was expected: in the
 * callback of a transaction it goes on to the driver.
 */
export async function runOperation(
  operation: Operation,
  entities: Entities,
  internal: MongoClient,
): Promise<unknown> {
  const { expectError, expectResult } = operation;
  let result: unknown;
  try {
    result = await perform(operation, entities, internal);
  } catch (error) {
    if (operation.ignoreResultAndError === true) return undefined;
    if (expectError === undefined) throw error;
    checkError(expectError, error as MongoServerError, entities);
    return error;
  }
  if (operation.ignoreResultAndError === true) return undefined;
  if (expectError !== undefined)
    throw new Error(`${operation.name} should have failed, got ${JSON.stringify(result)}`);
  if (expectResult !== undefined) match(expectResult, result, entities, operation.name, true);
  if (operation.saveResultAsEntity !== undefined) entities.set(operation.saveResultAsEntity, result);
  return undefined;
}

/** The arguments that the driver's methods take by position; all others are options. */
const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  aggregate: ['pipeline'],
  bulkWrite: ['requests'],
  count: ['filter'],
  countDocuments: ['filter'],
  createIndex: ['keys'],
  deleteMany: ['filter'],
  deleteOne: ['filter'],
  distinct: ['fieldName', 'filter'],
  estimatedDocumentCount: [],
  find: ['filter'],
  findOne: ['filter'],
  findOneAndDelete: ['filter'],
  findOneAndReplace: ['filter', 'replacement'],
  findOneAndUpdate: ['filter', 'update'],
  insertMany: ['documents'],
  insertOne: ['document'],
  replaceOne: ['filter', 'replacement'],
  updateMany: ['filter', 'update'],
  updateOne: ['filter', 'update'],
  createCollection: ['collection'],
  dropCollection: ['collection'],
  listCollections: ['filter'],
  listIndexes: [],
  runCommand: ['command'],
  startTransaction: [],
  commitTransaction: [],
  abortTransaction: [],
  endSession: [],
};

/** The driver's own names. */
const METHODS: Readonly<Record<string, string>> = { runCommand: 'command' };

async function perform(operation: Operation, entities: Entities, internal: MongoClient): Promise<unknown> {
  const { object, name, arguments: given = {} } = operation;
  if (object === 'testRunner') return assertion(operation, entities, internal);
  const target = entities.get(object);
  switch (name) {
    case 'clientBulkWrite':
      return clientBulkWrite(target as MongoClient, withSession(given, entities));
    case 'listDatabases':
    case 'listDatabaseNames':
    case 'listDatabaseObjects': {
      const options = { ...withSession(given, entities), nameOnly: name === 'listDatabaseNames' };
      return (target as MongoClient).db('admin').admin().listDatabases(options);
    }
    case 'listCollectionNames':
    case 'listCollectionObjects': {
      const { filter, ...options } = withSession(given, entities);
      const nameOnly = name === 'listCollectionNames';
      return (target as Db).listCollections((filter ?? {}) as Fields, { ...options, nameOnly }).toArray();
    }
    case 'listIndexNames':
      return (await (target as Collection).indexes(withSession(given, entities))).map((index) => index.name);
    case 'dropIndex': {
      const { name: index, ...options } = withSession(given, entities);
      return (target as Collection).dropIndex(String(index), options);
    }
    case 'runCursorCommand': {
      const { command, commandName: _, ...options } = withSession(given, entities);
      return (target as Db).runCursorCommand(command as Fields, options).toArray();
    }
    case 'download':
      return (target as GridFSBucket).openDownloadStream(given.id as ObjectId).toArray();
    case 'downloadByName':
      return (target as GridFSBucket).openDownloadStreamByName(String(given.filename)).toArray();
    case 'modifyCollection': {
      const { collection, ...options } = given;
      return (target as Db).command({ collMod: collection, ...options });
    }
    case 'withTransaction':
      return withTransaction(target as ClientSession, given, entities, internal);
  }
  const positional = POSITIONAL[name];
  if (positional === undefined) throw new Error(`The runner does not know the operation ${name}`);
  const values = positional.map((argument) => given[argument] ?? {});
  const options = withSession(
    Object.fromEntries(Object.entries(given).filter(([argument]) => !positional.includes(argument))),
    entities,
  );
  delete options.commandName;
  if (typeof options.returnDocument === 'string')
    options.returnDocument = options.returnDocument.toLowerCase();
  const method = (target as Record<string, (...args: unknown[]) => unknown>)[METHODS[name] ?? name];
  const result = method?.call(target, ...values, options);
  const isCursor = ['find', 'aggregate', 'listCollections', 'listIndexes'].includes(name);
  return isCursor ? (result as ReturnType<Collection['find']>).toArray() : result;
}

function withSession(options: Fields, entities: Entities): Fields {
  return options.session === undefined ? options : { ...options, session: entities.session(options.session) };
}

async function clientBulkWrite(client: MongoClient, { models, ...options }: Fields): Promise<unknown> {
  const flat = (models as Record<string, Fields>[]).map((model) => {
    const [[name, fields] = ['', {}]] = Object.entries(model);
    return { name, ...fields };
  });
  return plain(await client.bulkWrite(flat as never, options));
}

function withTransaction(
  session: ClientSession,
  { callback, ...options }: Fields,
  entities: Entities,
  internal: MongoClient,
): Promise<unknown> {
  return session.withTransaction(async () => {
    for (const operation of callback as Operation[]) {
      const error = await runOperation(operation, entities, internal);
      if (error !== undefined) throw error;
    }
  }, options);
}

/** The driver's names for the states of a transaction. */
const STATES: Readonly<Record<string, string>> = {
  none: 'NO_TRANSACTION',
  starting: 'STARTING_TRANSACTION',
  in_progress: 'TRANSACTION_IN_PROGRESS',
  committed: 'TRANSACTION_COMMITTED',
  aborted: 'TRANSACTION_ABORTED',
};

/** What is behind the published face of a session. */
interface SessionInside {
  readonly serverSession: { readonly isDirty: boolean };
  readonly transaction: { readonly state: string; readonly isPinned: boolean };
}

/** An operation of the runner itself. */
async function assertion(
  { name, arguments: given = {} }: Operation,
  entities: Entities,
  internal: MongoClient,
): Promise<void> {
  const inside = (): SessionInside => entities.session(given.session) as unknown as SessionInside;
  const collections = (): Promise<unknown[]> =>
    internal.db(String(given.databaseName)).listCollections({ name: given.collectionName }).toArray();
  const expect = (actual: unknown, wanted: unknown): void => match(wanted, actual, entities, name, true);
  switch (name) {
    case 'failPoint':
      await internal.db('admin').command(given.failPoint as Fields);
      return;
    case 'createEntities':
      for (const entity of given.entities as EntitySpec[]) entities.create(entity);
      return;
    case 'assertSessionTransactionState':
      return expect(inside().transaction.state, STATES[String(given.state)]);
    case 'assertSessionPinned':
    case 'assertSessionUnpinned':
      return expect(inside().transaction.isPinned, name === 'assertSessionPinned');
    case 'assertSessionDirty':
    case 'assertSessionNotDirty':
      return expect(inside().serverSession.isDirty, name === 'assertSessionDirty');
    case 'assertSameLsidOnLastTwoCommands':
    case 'assertDifferentLsidOnLastTwoCommands':
      return expect(entities.haveLastCommandsTheSameLsid(given.client), name.startsWith('assertSame'));
    case 'assertCollectionExists':
    case 'assertCollectionNotExists':
      return expect((await collections()).length, name === 'assertCollectionExists' ? 1 : 0);
    case 'assertIndexExists':
    case 'assertIndexNotExists': {
      const collection = internal.db(String(given.databaseName)).collection(String(given.collectionName));
      const isThere =
        (await collections()).length > 0 && (await collection.indexExists(String(given.indexName)));
      return expect(isThere, name === 'assertIndexExists');
    }
    default:
      throw new Error(`The runner does not know ${name}`);
  }
}
