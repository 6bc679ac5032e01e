import type { Document } from '../bson/value.js';
import { typeName, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileFindProjection, type FindProjection } from '../query/find-projection.js';
import { candidates } from '../query/lookup.js';
import { compileFilter, type Filter } from '../query/matcher.js';
import { splitPath, visitKeys } from '../query/path.js';
import { compileSort, isReverseNatural } from '../query/sort.js';
import type { Collection } from '../storage/collection.js';
import type { StoredDocument } from '../storage/stored-document.js';
import type { Transaction } from '../storage/transaction.js';
import type { CommandTable, Reply, Request } from './contract.js';
import {
  arrayOption,
  booleanOption,
  checkFields,
  checkHint,
  collectionName,
  contextOf,
  countOption,
  documentOption,
  required,
  stringOption,
  wholeNumber,
} from './options.js';
import { storedDocumentsOf } from './views.js';

/** The documents that pass, in natural order. */
export function matching(
  collection: Collection | undefined,
  filterSpec: Document,
  filter: Filter,
  reader: Transaction | undefined,
  isCollated: boolean,
): Iterable<StoredDocument> {
  if (collection === undefined) return [];
  const offered = isCollated ? collection.documents(reader) : candidates(collection, filterSpec, reader);
  return passing(offered, filter);
}

/** What a command reads from a collection or a view. */
function selection(
  request: Request,
  name: string,
  filterSpec: Document,
  filter: Filter,
): Iterable<StoredDocument> {
  const { server, database, body, transaction } = request;
  if (server.store.view(database, name) !== undefined)
    return passing(storedDocumentsOf(request, name), filter);
  const collection = server.store.collection(database, name);
  checkHint(body.get('hint'), collection);
  return matching(collection, filterSpec, filter, transaction, body.has('collation'));
}

function* passing(offered: Iterable<StoredDocument>, filter: Filter): Generator<StoredDocument> {
  for (const stored of offered) if (filter(stored.document)) yield stored;
}

const FIND_FIELDS = [
  'filter',
  'sort',
  'projection',
  'hint',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'collation',
  'let',
  'allowDiskUse',
  'noCursorTimeout',
  'allowPartialResults',
  'max',
  'min',
  'returnKey',
  'showRecordId',
  'tailable',
  'awaitData',
  'oplogReplay',
];

function find(request: Request): Reply {
  checkFields(request, FIND_FIELDS);
  const { body, server } = request;
  for (const field of ['max', 'min']) {
    if ((documentOption(body, field)?.size ?? 0) > 0) throw notImplemented(`find with ${field}`);
  }
  for (const field of ['returnKey', 'showRecordId', 'tailable', 'awaitData']) {
    if (booleanOption(body, field)) throw notImplemented(`find with ${field}`);
  }
  const name = collectionName(request);
  const context = contextOf(request);
  const filterSpec = documentOption(body, 'filter') ?? new Map();
  const filter = compileFilter(filterSpec, context);
  const project = compileFindProjection(documentOption(body, 'projection'), filterSpec, filter, context);
  const sort = documentOption(body, 'sort') ?? new Map();
  const isReversed = isReverseNatural(sort);
  const compare = isReversed ? undefined : compileSort(sort, context);
  const skip = countOption(body, 'skip') ?? 0;
  const limit = countOption(body, 'limit') ?? 0;
  let found = selection(request, name, filterSpec, filter);
  let most = limit > 0 ? limit : Number.POSITIVE_INFINITY;
  if (compare !== undefined || isReversed) {
    const sorted = [...found];
    if (compare === undefined) sorted.reverse();
    else sorted.sort((a, b) => compare(a.document, b.document));
    most = Math.min(most, Math.max(sorted.length - skip, 0));
    found = sorted;
  }
  const cursor = server.cursors.open(
    `${request.database}.${name}`,
    projected(found, skip, project),
    countOption(body, 'batchSize'),
    booleanOption(body, 'singleBatch'),
    most,
  );
  return new Map([['cursor', cursor]]);
}

function* projected(
  found: Iterable<StoredDocument>,
  skip: number,
  project: FindProjection,
): Generator<Buffer> {
  let seen = 0;
  for (const stored of found) {
    seen += 1;
    if (seen > skip) yield project(stored);
  }
}

function getMore(request: Request): Reply {
  checkFields(request, ['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime']);
  const id = request.body.get('getMore');
  if (typeof id !== 'bigint')
    throw new ServerError(
      14,
      `BSON field 'getMore.getMore' is the wrong type '${typeName(id)}', expected type 'long'`,
    );
  const name = required(stringOption(request.body, 'collection'), request, 'collection');
  const cursor = request.server.cursors.more(
    id,
    `${request.database}.${name}`,
    countOption(request.body, 'batchSize'),
  );
  return new Map([['cursor', cursor]]);
}

function killCursors(request: Request): Reply {
  checkFields(request, ['cursors']);
  const killed: Value[] = [];
  const missing: Value[] = [];
  for (const id of required(arrayOption(request.body, 'cursors'), request, 'cursors')) {
    const isKilled = typeof id === 'bigint' && request.server.cursors.kill(id);
    (isKilled ? killed : missing).push(id);
  }
  return new Map<string, Value>([
    ['cursorsKilled', killed],
    ['cursorsNotFound', missing],
    ['cursorsAlive', []],
    ['cursorsUnknown', []],
  ]);
}

function count(request: Request): Reply {
  checkFields(request, ['query', 'limit', 'skip', 'hint', 'collation', 'fields']);
  const { body } = request;
  const filterSpec = documentOption(body, 'query') ?? new Map();
  const filter = compileFilter(filterSpec, contextOf(request));
  // A negative limit means the same as a positive one.
  const limitValue = body.get('limit');
  const limit =
    limitValue === undefined || limitValue === null ? 0 : Math.abs(wholeNumber(limitValue, 'limit'));
  const skip = countOption(body, 'skip') ?? 0;
  let n = 0;
  for (const _ of selection(request, collectionName(request), filterSpec, filter)) n += 1;
  n = Math.max(n - skip, 0);
  return new Map([['n', limit > 0 ? Math.min(n, limit) : n]]);
}

function distinct(request: Request): Reply {
  checkFields(request, ['key', 'query', 'collation', 'hint']);
  const { body } = request;
  const key = required(stringOption(body, 'key'), request, 'key');
  const filterSpec = documentOption(body, 'query') ?? new Map();
  const context = contextOf(request);
  const filter = compileFilter(filterSpec, context);
  const found = selection(request, collectionName(request), filterSpec, filter);
  return new Map([['values', distinctValues(found, splitPath(key), context)]]);
}

/** Of an array at the end of the path, its elements count. */
function distinctValues(
  found: Iterable<StoredDocument>,
  path: readonly string[],
  context: QueryContext,
): Value[] {
  const values = new Map<string, Value>();
  const offer = (value: Value): void => {
    const key = context.keyOf(value);
    if (!values.has(key)) values.set(key, value);
  };
  for (const { document } of found) {
    visitKeys(document, path, (value) => {
      if (Array.isArray(value)) value.forEach(offer);
      else if (value !== undefined) offer(value);
      return false;
    });
  }
  return [...values.values()];
}

export const readCommands: CommandTable = { find, getMore, killCursors, count, distinct };
