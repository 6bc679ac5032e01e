import { encode } from '../bson/encode.js';
import type { Document, Encodable, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { splitNamespace } from '../storage/store.js';
import type { CommandTable, Reply, Request } from './contract.js';
import {
  arrayOption,
  booleanOption,
  checkCollectionName,
  checkDatabaseName,
  checkFields,
  checkKnown,
  countOption,
  documentOption,
  required,
  wholeNumber,
} from './options.js';
import { deleteStatement, errorFields, runStatements, updateStatement } from './write.js';
import { deleteMatching, insertOne, type Place, updateMatching } from './write-operations.js';

const OPERATION_FIELDS: Readonly<Record<string, readonly string[]>> = {
  insert: ['document'],
  update: [
    'filter',
    'updateMods',
    'multi',
    'upsert',
    'arrayFilters',
    'collation',
    'hint',
    'sort',
    'constants',
  ],
  delete: ['filter', 'multi', 'collation', 'hint'],
};

type Kind = 'insert' | 'update' | 'delete';

interface OperationResult {
  readonly kind: Kind;
  readonly n: number;
  readonly nModified: number;
  readonly upsertedId: Value | undefined;
}

interface Operation {
  readonly kind: Kind;
  readonly fields: Document;
  readonly place: Place;
}

/** The `bulkWrite` command of MongoDB 8.0: writes to several collections in one. */
async function bulkWrite(request: Request): Promise<Reply> {
  checkFields(request, [
    'ops',
    'nsInfo',
    'ordered',
    'errorsOnly',
    'bypassDocumentValidation',
    'let',
    'cursor',
  ]);
  const { body } = request;
  const places = required(arrayOption(body, 'nsInfo'), request, 'nsInfo').map((info) =>
    placeOf(request, info),
  );
  const operations = required(arrayOption(body, 'ops'), request, 'ops').map((spec) =>
    operationOf(spec, places),
  );
  const ordered = !body.has('ordered') || booleanOption(body, 'ordered');
  const outcome = await runStatements(request, operations.length, ordered, (index) => {
    const operation = operations[index];
    if (operation === undefined) throw new Error(`There is no operation ${index}`);
    return run(request, operation);
  });
  const shown = new Map<number, Map<string, Encodable>>();
  const errorsOnly = booleanOption(body, 'errorsOnly');
  const sums = { nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 };
  for (const [index, result] of outcome.results) {
    addTo(sums, result);
    if (!errorsOnly) shown.set(index, shownResult(index, result));
  }
  for (const { index, error } of outcome.errors) {
    const fields: [string, Encodable][] = [['ok', 0], ['idx', index], ...errorFields(error), ['n', 0]];
    if (operations[index]?.kind === 'update') fields.push(['nModified', 0]);
    shown.set(index, new Map(fields));
  }
  const batch = [...shown].sort(([a], [b]) => a - b).map(([, result]) => encode(result));
  const batchSize = countOption(documentOption(body, 'cursor') ?? new Map(), 'batchSize');
  const cursor = request.server.cursors.open('admin.$cmd.bulkWrite', batch, batchSize ?? batch.length);
  const reply: Reply = new Map<string, Encodable>([
    ['cursor', cursor],
    ['nErrors', outcome.errors.length],
    ...Object.entries(sums),
  ]);
  if (outcome.retried.length > 0) reply.set('retriedStmtIds', [...outcome.retried]);
  return reply;
}

function placeOf(request: Request, info: Value): Place {
  const namespace = info instanceof Map ? info.get('ns') : null;
  if (!(info instanceof Map) || typeof namespace !== 'string')
    throw new ServerError(14, "BSON field 'bulkWrite.nsInfo.ns' must be a string");
  checkKnown(info, 'bulkWrite.nsInfo', ['ns']);
  const [database, collection] = splitNamespace(namespace);
  const place = { request, database, collection };
  checkDatabaseName(place.database);
  checkCollectionName(place.collection);
  return place;
}

function operationOf(spec: Value, places: readonly Place[]): Operation {
  if (!(spec instanceof Map))
    throw new ServerError(14, "BSON field 'bulkWrite.ops' must hold documents only");
  const [kind = ''] = spec.keys();
  const fields = OPERATION_FIELDS[kind];
  if (fields === undefined)
    throw new ServerError(40415, `BSON field 'bulkWrite.ops.${kind}' is an unknown field.`);
  checkKnown(spec, `bulkWrite.ops.${kind}`, [kind, ...fields]);
  const place = places[wholeNumber(spec.get(kind) ?? null, kind)];
  if (place === undefined) throw new ServerError(2, 'BulkWrite ops entry has an invalid nsInfo index.');
  return { kind: kind as Kind, fields: spec, place };
}

function run(request: Request, { kind, fields, place }: Operation): OperationResult {
  if (kind === 'insert') {
    insertOne(place, required(documentOption(fields, 'document'), request, 'ops.document'));
    return { kind, n: 1, nModified: 0, upsertedId: undefined };
  }
  if (kind === 'delete') {
    const statement = deleteStatement(request, fields, 'filter', booleanOption(fields, 'multi'));
    return { kind, n: deleteMatching(place, statement).length, nModified: 0, upsertedId: undefined };
  }
  const statement = updateStatement(request, fields, { filter: 'filter', update: 'updateMods' });
  const { matched, modified, upsertedId } = updateMatching(place, statement);
  return { kind, n: matched + (upsertedId === undefined ? 0 : 1), nModified: modified, upsertedId };
}

function shownResult(
  index: number,
  { kind, n, nModified, upsertedId }: OperationResult,
): Map<string, Encodable> {
  const shown = new Map<string, Encodable>([
    ['ok', 1],
    ['idx', index],
    ['n', n],
  ]);
  if (kind === 'update') shown.set('nModified', nModified);
  if (upsertedId !== undefined) shown.set('upserted', new Map([['_id', upsertedId]]));
  return shown;
}

function addTo(
  sums: { nInserted: number; nMatched: number; nModified: number; nUpserted: number; nDeleted: number },
  { kind, n, nModified, upsertedId }: OperationResult,
): void {
  if (kind === 'insert') sums.nInserted += n;
  else if (kind === 'delete') sums.nDeleted += n;
  else if (upsertedId !== undefined) sums.nUpserted += 1;
  else {
    sums.nMatched += n;
    sums.nModified += nModified;
  }
}

export const bulkWriteCommands: CommandTable = { bulkWrite };
