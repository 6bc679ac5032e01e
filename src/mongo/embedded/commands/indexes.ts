import { encode } from '../bson/encode.js';
import { inspectValue } from '../bson/inspect.js';
import { toNumber } from '../bson/number.js';
import { type Document, document, type Encodable, isNumeric, typeName, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import { queryContext } from '../query/context.js';
import { compileFilter } from '../query/matcher.js';
import type { Collection } from '../storage/collection.js';
import type { IndexOptions } from '../storage/collection-index.js';
import type { CommandTable, Reply, Request } from './contract.js';
import { cursorReply } from './cursor-reply.js';
import {
  arrayOption,
  booleanOption,
  checkDatabaseName,
  checkFields,
  checkKnown,
  collectionName,
  countOption,
  documentOption,
  patternOf,
  required,
} from './options.js';
import { checkPartialFilter } from './partial-filter.js';
import { VALIDATOR_FIELDS, validatorOption } from './validators.js';

function existing(request: Request): Collection {
  const name = collectionName(request);
  const collection = request.server.store.collection(request.database, name);
  if (collection === undefined) throw new ServerError(26, `ns does not exist: ${request.database}.${name}`);
  return collection;
}

const INDEX_FIELDS = [
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'ns',
  'collation',
  'hidden',
];

function createIndexes(request: Request): Reply {
  checkFields(request, ['indexes', 'commitQuorum']);
  const { server, database, transaction } = request;
  const name = collectionName(request);
  checkDatabaseName(database);
  const wanted = required(arrayOption(request.body, 'indexes'), request, 'indexes').map(indexOptions);
  if (wanted.length === 0) throw new ServerError(2, 'Must specify at least one index to create');
  const createdCollectionAutomatically = server.store.collection(database, name) === undefined;
  const collection = server.store.ensureCollection(database, name, transaction);
  if (transaction?.created.has(collection) === false) {
    throw new ServerError(
      263,
      `Cannot create new indexes on existing collection ${collection.namespace} in a multi-document transaction.`,
    );
  }
  const numIndexesBefore = collection.indexes.length;
  const added: string[] = [];
  try {
    for (const options of wanted) {
      if (isPresent(collection, options)) continue;
      collection.addIndex(options);
      added.push(options.name);
    }
  } catch (error) {
    for (const index of added) collection.dropIndex(index);
    throw error;
  }
  const reply: Reply = new Map<string, Value>([
    ['numIndexesBefore', numIndexesBefore],
    ['numIndexesAfter', collection.indexes.length],
    ['createdCollectionAutomatically', createdCollectionAutomatically],
  ]);
  if (added.length === 0) reply.set('note', 'all indexes already exist');
  return reply;
}

/** True for the same index again. @throws ServerError when name or key are taken by another one. */
function isPresent(collection: Collection, options: IndexOptions): boolean {
  for (const present of collection.indexes) {
    const sameKey = patternOf(present.key) === patternOf(options.key);
    const sameName = present.name === options.name;
    if (!sameKey && !sameName) continue;
    if (present.name === '_id_' && sameKey) return true;
    if (sameKey && sameName && sameDocuments(present, options)) {
      if (present.expireAfterSeconds === options.expireAfterSeconds) return true;
      throw new ServerError(
        85,
        `An equivalent index already exists with the same name but different options. Requested index: ${inspectValue(options.spec)}, existing index: ${inspectValue(present.spec)}`,
      );
    }
    if (sameName) {
      throw new ServerError(
        86,
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${inspectValue(options.spec)}, existing index: ${inspectValue(present.spec)}`,
      );
    }
    throw new ServerError(85, `Index already exists with a different name: ${present.name}`);
  }
  return false;
}

/** True when both hold the same documents and forbid the same ones. */
function sameDocuments(a: IndexOptions, b: IndexOptions): boolean {
  const partial = (options: IndexOptions) => {
    const filter = options.spec.get('partialFilterExpression');
    return filter instanceof Map ? encode(filter).toString('hex') : '';
  };
  return a.unique === b.unique && a.sparse === b.sparse && partial(a) === partial(b);
}

function indexOptions(spec: Value): IndexOptions {
  if (!(spec instanceof Map))
    throw new ServerError(14, "The elements of the 'indexes' array must be objects");
  checkIndexFields(spec);
  const key = documentOption(spec, 'key');
  if (key === undefined || key.size === 0) throw new ServerError(67, 'Index keys cannot be an empty object');
  for (const [field, direction] of key) checkIndexField(field, direction);
  const name =
    spec.get('name') ??
    [...key].map(([field, direction]) => `${field}_${String(direction?.valueOf())}`).join('_');
  if (typeof name !== 'string' || name === '') throw new ServerError(67, 'index name cannot be empty');
  const expireAfterSeconds = ttl(spec, key);
  const partialSpec = documentOption(spec, 'partialFilterExpression');
  const unique = booleanOption(spec, 'unique');
  const sparse = booleanOption(spec, 'sparse');
  const shown: Document = new Map<string, Value>([
    ['v', 2],
    ['key', key],
    ['name', name],
  ]);
  if (unique) shown.set('unique', true);
  if (sparse) shown.set('sparse', true);
  if (expireAfterSeconds !== undefined) shown.set('expireAfterSeconds', expireAfterSeconds);
  if (partialSpec !== undefined) shown.set('partialFilterExpression', partialSpec);
  const partial = partialSpec === undefined ? undefined : compileFilter(partialSpec, queryContext());
  if (partialSpec !== undefined) {
    checkPartialFilter(partialSpec);
    if (sparse) throw new ServerError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  }
  return { name, key, unique, sparse, partial, expireAfterSeconds, spec: shown };
}

function checkIndexFields(spec: Document): void {
  for (const field of spec.keys()) {
    if (!INDEX_FIELDS.includes(field)) {
      throw new ServerError(197, `The field '${field}' is not valid for an index specification.`);
    }
  }
  const collation = documentOption(spec, 'collation');
  if (collation !== undefined && collation.get('locale') !== 'simple')
    throw notImplemented('An index with a collation');
  if (booleanOption(spec, 'hidden')) throw notImplemented('A hidden index');
}

function checkIndexField(field: string, direction: Value): void {
  if (field === '' || field.startsWith('$') || field.includes('$**'))
    throw notImplemented(`The index field ${JSON.stringify(field)}`);
  if (typeof direction === 'string')
    throw notImplemented(`An index of the type ${JSON.stringify(direction)}`);
  if (!isNumeric(direction) || toNumber(direction) === 0 || Number.isNaN(toNumber(direction))) {
    throw new ServerError(
      67,
      `Values in the index key pattern must be numbers other than 0, or strings. Got ${typeName(direction)}`,
    );
  }
}

function ttl(spec: Document, key: Document): number | undefined {
  const seconds = countOption(spec, 'expireAfterSeconds');
  if (seconds === undefined) return undefined;
  if (key.size > 1)
    throw new ServerError(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL.');
  if (key.has('_id'))
    throw new ServerError(67, "The field 'expireAfterSeconds' is not valid for an _id index specification.");
  if (seconds > 2_147_483_647)
    throw new ServerError(67, "TTL index 'expireAfterSeconds' option must be within an acceptable range");
  return seconds;
}

function listIndexes(request: Request): Reply {
  checkFields(request, ['cursor']);
  const collection = existing(request);
  return cursorReply(
    request,
    collectionName(request),
    collection.indexes.map(({ spec }) => spec),
  );
}

function dropIndexes(request: Request): Reply {
  checkFields(request, ['index']);
  const collection = existing(request);
  const before = collection.indexes;
  const index = request.body.get('index') ?? null;
  const wanted = Array.isArray(index) ? index : [index];
  const names =
    index === '*'
      ? before.slice(1).map(({ name }) => name)
      : wanted.map((item) => indexName(collection, item));
  if (names.includes('_id_')) throw new ServerError(72, 'cannot drop _id index');
  for (const name of names) collection.dropIndex(name);
  return new Map([['nIndexesWas', before.length]]);
}

/** Of all that can be changed, only the time after which the documents of an index are over. */
function collMod(request: Request): Reply {
  checkFields(request, ['index', ...VALIDATOR_FIELDS]);
  const collection = existing(request);
  if (VALIDATOR_FIELDS.some((field) => request.body.has(field))) {
    collection.validator = validatorOption(request.body, collection.validator);
    if (!request.body.has('index')) return new Map();
  }
  const change = required(documentOption(request.body, 'index'), request, 'index');
  checkKnown(change, 'collMod.index', ['keyPattern', 'name', 'expireAfterSeconds']);
  const name = indexName(collection, change.get('name') ?? change.get('keyPattern') ?? null);
  const { key, expireAfterSeconds: before } = collection.indexes.find((index) => index.name === name) ?? {};
  const after = required(ttl(change, key ?? new Map()), request, 'index.expireAfterSeconds');
  collection.changeExpiry(name, after);
  return document<Encodable>({
    ...(before !== undefined && { expireAfterSeconds_old: before }),
    expireAfterSeconds_new: after,
  });
}

function indexName(collection: Collection, wanted: Value): string {
  const found = collection.indexes.find(({ name, key }) =>
    wanted instanceof Map ? patternOf(key) === patternOf(wanted) : name === wanted,
  );
  if (found === undefined) throw new ServerError(27, `index not found with name [${String(wanted)}]`);
  return found.name;
}

export const indexCommands: CommandTable = {
  collMod,
  createIndexes,
  listIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
};
