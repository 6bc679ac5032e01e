import { Binary, Double } from 'bson';
import { encode } from '../bson/encode.js';
import { inspectValue } from '../bson/inspect.js';
import type { Document, Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import { queryContext } from '../query/context.js';
import { compileFilter } from '../query/matcher.js';
import type { Collection } from '../storage/collection.js';
import { splitNamespace } from '../storage/store.js';
import type { CommandTable, Reply, Request } from './contract.js';
import { cursorReply } from './cursor-reply.js';
import {
  arrayOption,
  booleanOption,
  checkCollectionName,
  checkDatabaseName,
  checkFields,
  collectionName,
  countOption,
  documentOption,
  required,
  stringOption,
} from './options.js';
import { VALIDATOR_FIELDS, validatorOption, validatorShown } from './validators.js';
import { checkView } from './views.js';

/** Options of `create` that change nothing here. */
const CREATE_WITHOUT_EFFECT = [
  'autoIndexId',
  'indexOptionDefaults',
  'storageEngine',
  'flags',
  'encryptedFields',
];
const CREATE_NOT_HERE = [
  'capped',
  'size',
  'max',
  'collation',
  'timeseries',
  'expireAfterSeconds',
  'clusteredIndex',
  'changeStreamPreAndPostImages',
];
const CREATE_FIELDS = [
  ...CREATE_WITHOUT_EFFECT,
  ...CREATE_NOT_HERE,
  ...VALIDATOR_FIELDS,
  'viewOn',
  'pipeline',
];

function create(request: Request): Reply {
  checkFields(request, CREATE_FIELDS);
  const { body, server, database } = request;
  const name = collectionName(request);
  checkDatabaseName(database);
  for (const option of CREATE_NOT_HERE) {
    const value = body.get(option);
    const isEmpty =
      value === undefined || value === null || value === false || (value instanceof Map && isPlain(value));
    if (!isEmpty) throw notImplemented(`create with ${option}`);
  }
  const { store } = server;
  const viewOn = stringOption(body, 'viewOn');
  const pipeline = arrayOption(body, 'pipeline');
  if (viewOn === undefined && pipeline !== undefined)
    throw new ServerError(72, "'pipeline' requires 'viewOn' to also be specified");
  const validator = validatorOption(body);
  const wanted = viewOn === undefined ? validatorShown(validator) : viewShown(viewOn, pipeline ?? []);
  const present = optionsOf(request, name);
  if (present !== undefined) {
    // To create it once more as it is does nothing, since MongoDB 7.0.
    if (encode(present).equals(encode(wanted))) return new Map();
    throw new ServerError(
      48,
      `namespace ${database}.${name} already exists, but with different options: ${inspectValue(present)}`,
    );
  }
  if (viewOn !== undefined) {
    const view = { on: viewOn, pipeline: pipeline ?? [] };
    checkCollectionName(viewOn);
    checkView(request, name, view);
    store.addView(database, name, view);
  } else store.ensureCollection(database, name, request.transaction).validator = validator;
  return new Map();
}

/** With what a collection or view was created, as `listCollections` shows it. */
function optionsOf({ server, database }: Request, name: string): Document | undefined {
  const view = server.store.view(database, name);
  if (view !== undefined) return viewShown(view.on, view.pipeline);
  const collection = server.store.collection(database, name);
  return collection === undefined ? undefined : validatorShown(collection.validator);
}

function viewShown(viewOn: string, pipeline: readonly Value[]): Document {
  return new Map<string, Value>([
    ['viewOn', viewOn],
    ['pipeline', [...pipeline]],
  ]);
}

/** An empty document, `{enabled: false}` or the simple collation. */
function isPlain(option: Document): boolean {
  return option.size === 0 || option.get('enabled') === false || option.get('locale') === 'simple';
}

function drop(request: Request): Reply {
  checkFields(request, []);
  const { server, database } = request;
  const name = collectionName(request);
  if (server.store.view(database, name) !== undefined) {
    server.store.dropView(database, name);
    return new Map([['ns', `${database}.${name}`]]);
  }
  const collection = server.store.collection(database, name);
  if (collection === undefined) return new Map();
  checkNotHeld(collection);
  const nIndexesWas = collection.indexes.length;
  server.store.dropCollection(database, name);
  server.cursors.killAll(collection.namespace);
  return new Map<string, Value>([
    ['nIndexesWas', nIndexesWas],
    ['ns', `${database}.${name}`],
  ]);
}

function renameCollection(request: Request): Reply {
  checkFields(request, ['to', 'dropTarget']);
  const { body, server } = request;
  const place = (field: string): [database: string, name: string] => {
    const place = splitNamespace(required(stringOption(body, field), request, field));
    checkDatabaseName(place[0]);
    checkCollectionName(place[1]);
    return place;
  };
  const from = place(request.name);
  const to = place('to');
  const collection = server.store.collection(...from);
  if (collection === undefined)
    throw new ServerError(26, `Source collection ${from.join('.')} does not exist`);
  const target = server.store.collection(...to);
  if (target === collection) throw new ServerError(20, "Can't rename a collection to itself");
  if (target !== undefined && !booleanOption(body, 'dropTarget'))
    throw new ServerError(48, 'target namespace exists');
  checkNotHeld(collection);
  if (target !== undefined) checkNotHeld(target);
  server.store.renameCollection(collection, ...to);
  return new Map();
}

function checkNotHeld(collection: Collection): void {
  if (collection.isHeld) {
    throw new ServerError(24, `Unable to acquire lock: a transaction has written to ${collection.namespace}`);
  }
}

function dropDatabase(request: Request): Reply {
  checkFields(request, []);
  const { server, database } = request;
  const collections = [...server.store.collections(database)];
  const views = [...server.store.views(database).keys()];
  if (collections.length + views.length === 0) return new Map();
  for (const [, collection] of collections) checkNotHeld(collection);
  for (const name of views) server.store.dropView(database, name);
  for (const [name, { namespace }] of collections) {
    server.store.dropCollection(database, name);
    server.cursors.killAll(namespace);
  }
  return new Map([['dropped', database]]);
}

function listCollections(request: Request): Reply {
  checkFields(request, ['filter', 'nameOnly', 'authorizedCollections', 'cursor']);
  const filter = compileFilter(documentOption(request.body, 'filter') ?? new Map(), queryContext());
  const nameOnly = booleanOption(request.body, 'nameOnly');
  const shown: Document[] = [];
  for (const [name, collection] of request.server.store.collections(request.database)) {
    if (!collection.isListed) continue;
    const full = new Map<string, Value>([
      ['name', name],
      ['type', 'collection'],
      ['options', validatorShown(collection.validator)],
      [
        'info',
        new Map<string, Value>([
          ['readOnly', false],
          ['uuid', new Binary(Buffer.from(collection.uuid.replaceAll('-', ''), 'hex'), 4)],
        ]),
      ],
      ['idIndex', collection.indexes[0]?.spec ?? null],
    ]);
    if (!filter(full)) continue;
    shown.push(
      nameOnly
        ? new Map<string, Value>([
            ['name', name],
            ['type', 'collection'],
          ])
        : full,
    );
  }
  for (const [name, { on, pipeline }] of request.server.store.views(request.database)) {
    const typed: [string, Value][] = [
      ['name', name],
      ['type', 'view'],
    ];
    const full = new Map<string, Value>([
      ...typed,
      ['options', viewShown(on, pipeline)],
      ['info', new Map([['readOnly', true]])],
    ]);
    if (filter(full)) shown.push(nameOnly ? new Map(typed) : full);
  }
  return cursorReply(request, '$cmd.listCollections', shown);
}

function listDatabases(request: Request): Reply {
  checkFields(request, ['filter', 'nameOnly', 'authorizedDatabases']);
  const filter = compileFilter(documentOption(request.body, 'filter') ?? new Map(), queryContext());
  const nameOnly = booleanOption(request.body, 'nameOnly');
  let totalSize = 0;
  const databases: Document[] = [];
  for (const name of request.server.store.databaseNames()) {
    const size = [...request.server.store.collections(name).values()].reduce(
      (sum, collection) => sum + collection.statistics().bytes,
      0,
    );
    const shown = new Map<string, Value>([
      ['name', name],
      ['sizeOnDisk', BigInt(size)],
      ['empty', size === 0],
    ]);
    if (!filter(shown)) continue;
    totalSize += size;
    databases.push(nameOnly ? new Map([['name', name]]) : shown);
  }
  const reply: Reply = new Map([['databases', databases]]);
  if (!nameOnly) reply.set('totalSize', BigInt(totalSize));
  return reply;
}

function collStats(request: Request): Reply {
  checkFields(request, ['scale']);
  const name = collectionName(request);
  const collection = request.server.store.collection(request.database, name);
  const { count, bytes } = collection?.statistics() ?? { count: 0, bytes: 0 };
  const scale = countOption(request.body, 'scale') ?? 1;
  return new Map<string, Value>([
    ['ns', `${request.database}.${name}`],
    ['size', Math.floor(bytes / scale)],
    ['count', count],
    ...(count === 0 ? [] : [['avgObjSize', Math.floor(bytes / count)] as [string, Value]]),
    ['storageSize', Math.floor(bytes / scale)],
    ['nindexes', collection?.indexes.length ?? 0],
    ['capped', false],
    ['scaleFactor', scale],
  ]);
}

function dbStats(request: Request): Reply {
  checkFields(request, ['scale', 'freeStorage']);
  const collections = [...request.server.store.collections(request.database).values()];
  const scale = countOption(request.body, 'scale') ?? 1;
  const statistics = collections.map((collection) => collection.statistics());
  const objects = statistics.reduce((sum, { count }) => sum + count, 0);
  const bytes = statistics.reduce((sum, { bytes: size }) => sum + size, 0);
  return new Map<string, Value>([
    ['db', request.database],
    ['collections', collections.length],
    ['views', request.server.store.views(request.database).size],
    ['objects', objects],
    ['avgObjSize', new Double(objects === 0 ? 0 : bytes / objects)],
    ['dataSize', new Double(bytes / scale)],
    ['storageSize', new Double(bytes / scale)],
    ['indexes', collections.reduce((sum, { indexes }) => sum + indexes.length, 0)],
    ['scaleFactor', scale],
  ]);
}

export const catalogCommands: CommandTable = {
  create,
  drop,
  dropDatabase,
  renameCollection,
  listCollections,
  listDatabases,
  collStats,
  collstats: collStats,
  dbStats,
  dbstats: dbStats,
};
