import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { EJSON } from 'bson';
import { type Collection, type Db, MongoClient, MongoServerError } from 'mongodb';

/**
 * Runs test cases of the unified format of the MongoDB drivers' specifications against a server. Events
 * that drivers publish are not looked at: they test the driver.
 */

type Fields = Record<string, unknown>;

interface Requirement {
  readonly minServerVersion?: string;
  readonly maxServerVersion?: string;
  readonly topologies?: readonly string[];
  readonly auth?: boolean;
  readonly serverParameters?: Fields;
}

interface CollectionData {
  readonly collectionName: string;
  readonly databaseName: string;
  readonly documents: readonly Fields[];
}

interface Operation {
  readonly object: string;
  readonly name: string;
  readonly arguments?: Fields;
  readonly expectResult?: unknown;
  readonly expectError?: Fields;
  readonly saveResultAsEntity?: string;
  readonly ignoreResultAndError?: boolean;
}

interface SpecTest {
  readonly description: string;
  readonly skipReason?: string;
  readonly runOnRequirements?: readonly Requirement[];
  readonly operations: readonly Operation[];
  readonly outcome?: readonly CollectionData[];
}

interface SpecFile {
  readonly runOnRequirements?: readonly Requirement[];
  readonly createEntities?: readonly Record<string, Fields>[];
  readonly initialData?: readonly CollectionData[];
  readonly tests: readonly SpecTest[];
}

/** What the server under test pretends to be. */
export interface Pretended {
  readonly version: string;
  readonly topology: 'single' | 'replicaset';
}

export interface SpecCase {
  /** `file: description` */
  readonly name: string;
  /** `internal` prepares the data and looks at the outcome; the case makes clients of its own. */
  run(uri: string, internal: MongoClient): Promise<void>;
}

/** The folder with the test cases; they are no part of the project. */
export function specFolder(suite: string): string | undefined {
  const root =
    process.env.SENDTWICE_MONGODB_SPECS ?? resolve(import.meta.dirname, '../../../shared/mongodb-spec-tests');
  const folder = join(root, suite);
  return existsSync(folder) ? folder : undefined;
}

/** All cases of a suite that apply to such a server. */
export function specCases(folder: string, pretended: Pretended): SpecCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const file = EJSON.parse(readFileSync(join(folder, name), 'utf8'), { relaxed: true }) as SpecFile;
      if (!applies(file.runOnRequirements, pretended)) return [];
      return file.tests
        .filter((test) => test.skipReason === undefined && applies(test.runOnRequirements, pretended))
        .map((test) => ({
          name: `${name.replace('.json', '')}: ${test.description}`,
          run: (uri: string, internal: MongoClient) => runCase(file, test, uri, internal),
        }));
    });
}

function applies(
  requirements: readonly Requirement[] | undefined,
  { version, topology }: Pretended,
): boolean {
  if (requirements === undefined) return true;
  return requirements.some(
    ({ minServerVersion, maxServerVersion, topologies, auth, serverParameters }) =>
      (minServerVersion === undefined || compareVersions(version, minServerVersion) >= 0) &&
      (maxServerVersion === undefined || compareVersions(version, maxServerVersion) <= 0) &&
      (topologies === undefined || topologies.includes(topology)) &&
      auth !== true &&
      serverParameters === undefined,
  );
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A test that hangs is a failed one. */
const CASE_LIMIT_MS = 8000;

async function runCase(file: SpecFile, test: SpecTest, uri: string, internal: MongoClient): Promise<void> {
  const entities = new Map<string, unknown>();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done after ${CASE_LIMIT_MS} ms`)), CASE_LIMIT_MS);
  });
  try {
    await Promise.race([steps(file, test, uri, internal, entities), late]);
  } finally {
    clearTimeout(timer);
    for (const entity of entities.values()) if (entity instanceof MongoClient) await entity.close(true);
  }
}

async function steps(
  file: SpecFile,
  test: SpecTest,
  uri: string,
  internal: MongoClient,
  entities: Map<string, unknown>,
): Promise<void> {
  for (const { databaseName, collectionName, documents } of file.initialData ?? []) {
    const database = internal.db(databaseName);
    await database.dropCollection(collectionName);
    if (documents.length > 0)
      await database.collection(collectionName).insertMany(documents.map((item) => ({ ...item })));
    else await database.createCollection(collectionName);
  }
  for (const entity of file.createEntities ?? []) createEntity(entity, uri, entities);
  for (const operation of test.operations) await runOperation(operation, entities, internal);
  for (const { databaseName, collectionName, documents } of test.outcome ?? []) {
    const found = await internal
      .db(databaseName)
      .collection(collectionName)
      .find()
      .sort({ _id: 1 })
      .toArray();
    match(documents, found, entities, 'outcome', false);
  }
}

function createEntity(entity: Record<string, Fields>, uri: string, entities: Map<string, unknown>): void {
  const [[kind, spec] = ['', {}]] = Object.entries(entity);
  const id = String(spec.id);
  if (kind === 'client') {
    const options = Object.entries((spec.uriOptions ?? {}) as Fields).map(
      ([name, value]) => `&${name}=${String(value)}`,
    );
    entities.set(id, new MongoClient(uri + options.join('')));
  } else if (kind === 'database') {
    const client = entities.get(String(spec.client)) as MongoClient;
    entities.set(id, client.db(String(spec.databaseName), spec.databaseOptions as never));
  } else if (kind === 'collection') {
    const database = entities.get(String(spec.database)) as Db;
    entities.set(id, database.collection(String(spec.collectionName), spec.collectionOptions as never));
  } else throw new Error(`The runner does not know the entity ${kind}`);
}

async function runOperation(
  operation: Operation,
  entities: Map<string, unknown>,
  internal: MongoClient,
): Promise<void> {
  const { expectError, expectResult } = operation;
  let result: unknown;
  try {
    result = await perform(operation, entities, internal);
  } catch (error) {
    if (operation.ignoreResultAndError === true) return;
    if (expectError === undefined) throw error;
    checkError(expectError, error as MongoServerError, entities);
    return;
  }
  if (operation.ignoreResultAndError === true) return;
  if (expectError !== undefined)
    throw new Error(`${operation.name} should have failed, got ${JSON.stringify(result)}`);
  if (expectResult !== undefined) match(expectResult, result, entities, operation.name, true);
  if (operation.saveResultAsEntity !== undefined) entities.set(operation.saveResultAsEntity, result);
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
};

async function perform(
  { object, name, arguments: given = {} }: Operation,
  entities: Map<string, unknown>,
  internal: MongoClient,
): Promise<unknown> {
  if (object === 'testRunner' && name === 'failPoint')
    return internal.db('admin').command(given.failPoint as Fields);
  const target = entities.get(object);
  if (name === 'clientBulkWrite') return clientBulkWrite(target as MongoClient, given);
  if (name === 'modifyCollection') {
    const { collection, ...options } = given;
    return (target as Db).command({ collMod: collection, ...options });
  }
  const positional = POSITIONAL[name];
  if (positional === undefined) throw new Error(`The runner does not know the operation ${name}`);
  const values = positional.map((argument) => given[argument] ?? {});
  const options: Fields = Object.fromEntries(
    Object.entries(given).filter(([argument]) => !positional.includes(argument)),
  );
  if (typeof options.returnDocument === 'string')
    options.returnDocument = options.returnDocument.toLowerCase();
  const method = (target as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
  const result = method?.call(target, ...values, options);
  if (name === 'find' || name === 'aggregate') return (result as ReturnType<Collection['find']>).toArray();
  return result;
}

async function clientBulkWrite(client: MongoClient, { models, ...options }: Fields): Promise<unknown> {
  const flat = (models as Record<string, Fields>[]).map((model) => {
    const [[name, fields] = ['', {}]] = Object.entries(model);
    return { name, ...fields };
  });
  return plain(await client.bulkWrite(flat as never, options));
}

/** Maps become objects. */
function plain(result: unknown): unknown {
  if (typeof result !== 'object' || result === null) return result;
  const shown: Fields = {};
  for (const name of RESULT_FIELDS) {
    const value = (result as Fields)[name];
    if (value !== undefined) shown[name] = value instanceof Map ? withoutDidUpsert(value) : value;
  }
  return shown;
}

/** A field that only the driver of Node has. */
function withoutDidUpsert(results: ReadonlyMap<number, Fields>): Fields {
  return Object.fromEntries([...results].map(([at, { didUpsert: _, ...rest }]) => [at, rest]));
}

const RESULT_FIELDS = [
  'insertedCount',
  'upsertedCount',
  'matchedCount',
  'modifiedCount',
  'deletedCount',
  'insertResults',
  'updateResults',
  'deleteResults',
  'upsertedIds',
  'insertedIds',
];

function checkError(expected: Fields, error: MongoServerError, entities: Map<string, unknown>): void {
  const fail = (what: string): never => {
    throw new Error(`${what}, got ${error.name} ${error.code}: ${error.message}`, { cause: error });
  };
  const isServerError = error instanceof MongoServerError;
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'isClientError' && value === isServerError) fail(`Expected isClientError ${value}`);
    if (name === 'errorCode' && error.code !== value) fail(`Expected the code ${value}`);
    if (name === 'errorContains' && !error.message.toLowerCase().includes(String(value).toLowerCase()))
      fail(`Expected "${value}"`);
    if (name === 'errorResponse') match(value, error.errorResponse, entities, 'errorResponse', true);
    const parts = error as unknown as Fields;
    if (name === 'expectResult')
      match(value, plain(parts.partialResult ?? parts.result), entities, 'partial result', true);
    if (name === 'writeErrors')
      for (const [at, item] of Object.entries(value as Fields)) {
        match(item, (parts.writeErrors as Map<number, unknown>).get(Number(at)), entities, name, true);
      }
    if (name === 'writeConcernErrors') match(value, parts.writeConcernErrors, entities, name, false);
  }
}

/** Extra fields are allowed at the root only; numbers are compared by value. */
function match(
  expected: unknown,
  actual: unknown,
  entities: Map<string, unknown>,
  where: string,
  isRoot: boolean,
): void {
  const mismatch = () =>
    new Error(`${where}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) throw mismatch();
    for (const [at, item] of expected.entries()) match(item, actual[at], entities, `${where}[${at}]`, isRoot);
    return;
  }
  if (
    typeof expected !== 'object' ||
    expected === null ||
    Object.getPrototypeOf(expected) !== Object.prototype
  ) {
    if (!isDeepStrictEqual(expected, actual)) throw mismatch();
    return;
  }
  const fields = expected as Fields;
  const [first = ''] = Object.keys(fields);
  if (first.startsWith('$$')) {
    matchOperator(first, fields[first], actual, entities, where, isRoot, mismatch);
    return;
  }
  if (typeof actual !== 'object' || actual === null) throw mismatch();
  for (const [name, value] of Object.entries(fields))
    match(value, (actual as Fields)[name], entities, `${where}.${name}`, false);
  if (!isRoot) {
    for (const [name, value] of Object.entries(actual))
      if (value !== undefined && !(name in fields)) throw mismatch();
  }
}

function matchOperator(
  operator: string,
  operand: unknown,
  actual: unknown,
  entities: Map<string, unknown>,
  where: string,
  isRoot: boolean,
  mismatch: () => Error,
): void {
  const isPresent = actual !== undefined;
  switch (operator) {
    case '$$exists':
      if (isPresent !== operand) throw mismatch();
      return;
    case '$$unsetOrMatches':
      if (isPresent && actual !== null) match(operand, actual, entities, where, isRoot);
      return;
    case '$$type':
      if (!isPresent) throw mismatch();
      return;
    case '$$matchesEntity':
      match(entities.get(String(operand)), actual, entities, where, isRoot);
      return;
    case '$$matchAsRoot':
      match(operand, actual, entities, where, true);
      return;
    default:
      throw new Error(`The runner does not know ${operator}`);
  }
}
