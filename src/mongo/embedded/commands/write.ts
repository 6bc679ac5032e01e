import { type Document, type Encodable, RawDocument, type Value } from '../bson/value.js';
import { ConnectionDropped, ServerError } from '../errors.js';
import { compileFindProjection } from '../query/find-projection.js';
import { compileFilter } from '../query/matcher.js';
import type { StoredDocument } from '../storage/stored-document.js';
import { compileUpdate } from '../update/updater.js';
import type { CommandTable, Reply, Request } from './contract.js';
import {
  arrayOption,
  booleanOption,
  checkFields,
  checkKnown,
  collectionName,
  contextOf,
  documentOption,
  required,
  wholeNumber,
} from './options.js';
import {
  type DeleteStatement,
  deleteMatching,
  insertOne,
  type Place,
  type UpdateStatement,
  updateMatching,
  whenFree,
} from './write-operations.js';

/** `maxWriteBatchSize`. */
export const MAX_STATEMENTS = 100_000;

/** What became of the statements of a command. */
export interface Outcome<T> {
  /** By the place of the statement; statements that failed or were not run have none. */
  readonly results: ReadonlyMap<number, T>;
  readonly errors: readonly { readonly index: number; readonly error: ServerError }[];
  /** Statements that a former try had done already. */
  readonly retried: readonly number[];
}

/**
 * Runs the statements of a write command one after the other. Each is atomic; a failed one ends an
 * ordered command. What a former try of a retryable write has done is not done again.
 */
export async function runStatements<T>(
  request: Request,
  count: number,
  ordered: boolean,
  run: (index: number) => T,
): Promise<Outcome<T>> {
  if (count < 1 || count > MAX_STATEMENTS) {
    throw new ServerError(
      16,
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${count} operations.`,
    );
  }
  const results = new Map<number, T>();
  const errors: { index: number; error: ServerError }[] = [];
  const retried: number[] = [];
  const done = request.doneStatements as Map<number, T> | undefined;
  for (let index = 0; index < count; index += 1) {
    const former = done?.get(index);
    if (former !== undefined) {
      retried.push(index);
      results.set(index, former);
      continue;
    }
    try {
      const drops = done === undefined ? undefined : request.server.failPoints?.onTransactionalWrite();
      if (drops === 'before') throw new ConnectionDropped();
      const result = await whenFree(request, () => run(index));
      results.set(index, result);
      done?.set(index, result);
      if (drops === 'after') throw new ConnectionDropped();
    } catch (error) {
      if (!(error instanceof ServerError) || error.labels.length > 0) throw error;
      errors.push({ index, error });
      if (ordered || request.transaction !== undefined) break;
    }
  }
  // A transaction does not go on after an error.
  if (errors.length > 0 && request.transaction !== undefined && request.session !== undefined) {
    request.server.sessions.abort(request.session);
  }
  return { results, errors, retried };
}

export function errorFields({ code, message, details }: ServerError): [string, Encodable][] {
  return [['code', code], ['errmsg', message], ...details];
}

function replyOf(
  n: number,
  { errors, retried }: Outcome<unknown>,
  more: readonly [string, Encodable][] = [],
): Reply {
  const reply: Reply = new Map([['n', n], ...more]);
  if (errors.length > 0) {
    reply.set(
      'writeErrors',
      errors.map(({ index, error }) => new Map<string, Encodable>([['index', index], ...errorFields(error)])),
    );
  }
  if (retried.length > 0) reply.set('retriedStmtIds', [...retried]);
  return reply;
}

function documents(values: readonly Value[], where: string): Document[] {
  return values.map((value) => {
    if (value instanceof Map) return value;
    throw new ServerError(14, `BSON field '${where}' must hold documents only`);
  });
}

function placeOf(request: Request): Place {
  return { request, database: request.database, collection: collectionName(request) };
}

function isOrdered({ body }: Request): boolean {
  return !body.has('ordered') || booleanOption(body, 'ordered');
}

async function insert(request: Request): Promise<Reply> {
  checkFields(request, ['documents', 'ordered', 'bypassDocumentValidation']);
  const place = placeOf(request);
  const inserted = documents(
    required(arrayOption(request.body, 'documents'), request, 'documents'),
    'insert.documents',
  );
  const outcome = await runStatements(request, inserted.length, isOrdered(request), (index) => {
    insertOne(place, inserted[index] ?? new Map());
    return true;
  });
  return replyOf(outcome.results.size, outcome);
}

const UPDATE_FIELDS = ['q', 'u', 'c', 'multi', 'upsert', 'arrayFilters', 'collation', 'hint', 'sort'];

/** Compiles one entry of `updates`; `u` and `q` are named otherwise by other commands. */
export function updateStatement(
  request: Request,
  entry: Document,
  names: { readonly filter: string; readonly update: string },
): UpdateStatement {
  const context = contextOf(request, entry);
  const multi = booleanOption(entry, 'multi');
  const sort = documentOption(entry, 'sort');
  if (multi && sort !== undefined) throw new ServerError(9, 'Cannot specify sort with multi=true');
  const constants = documentOption(entry, 'c') ?? documentOption(entry, 'constants');
  if (constants !== undefined)
    throw new ServerError(
      238,
      'The constants of an update are not supported by the embedded server of sendtwice',
    );
  return {
    filter: required(documentOption(entry, names.filter), request, names.filter),
    update: compileUpdate(entry.get(names.update) ?? null, context, arrayOption(entry, 'arrayFilters')),
    context,
    isCollated: entry.has('collation'),
    multi,
    upsert: booleanOption(entry, 'upsert'),
    hint: entry.get('hint'),
    sort,
  };
}

async function update(request: Request): Promise<Reply> {
  checkFields(request, ['updates', 'ordered', 'bypassDocumentValidation', 'let']);
  const place = placeOf(request);
  const updates = documents(
    required(arrayOption(request.body, 'updates'), request, 'updates'),
    'update.updates',
  );
  for (const entry of updates) checkKnown(entry, 'update.updates', UPDATE_FIELDS);
  const outcome = await runStatements(request, updates.length, isOrdered(request), (index) =>
    updateMatching(
      place,
      updateStatement(request, updates[index] ?? new Map(), { filter: 'q', update: 'u' }),
    ),
  );
  let n = 0;
  let nModified = 0;
  const upserted: Map<string, Value>[] = [];
  for (const [index, { matched, modified, upsertedId }] of outcome.results) {
    n += matched + (upsertedId === undefined ? 0 : 1);
    nModified += modified;
    if (upsertedId !== undefined)
      upserted.push(
        new Map<string, Value>([
          ['index', index],
          ['_id', upsertedId],
        ]),
      );
  }
  return replyOf(n, outcome, [
    ['nModified', nModified],
    ...(upserted.length > 0 ? [['upserted', upserted] as [string, Encodable]] : []),
  ]);
}

const DELETE_FIELDS = ['q', 'limit', 'collation', 'hint'];

async function deleteCommand(request: Request): Promise<Reply> {
  checkFields(request, ['deletes', 'ordered', 'let']);
  const place = placeOf(request);
  const deletes = documents(
    required(arrayOption(request.body, 'deletes'), request, 'deletes'),
    'delete.deletes',
  );
  for (const entry of deletes) checkKnown(entry, 'delete.deletes', DELETE_FIELDS);
  const outcome = await runStatements(request, deletes.length, isOrdered(request), (index) => {
    const entry = deletes[index] ?? new Map();
    const limit = wholeNumber(entry.get('limit') ?? null, 'limit');
    if (limit !== 0 && limit !== 1)
      throw new ServerError(9, `The limit field in delete objects must be 0 or 1. Got ${limit}`);
    return deleteMatching(place, deleteStatement(request, entry, 'q', limit === 0)).length;
  });
  const n = [...outcome.results.values()].reduce((sum, removed) => sum + removed, 0);
  return replyOf(n, outcome);
}

export function deleteStatement(
  request: Request,
  entry: Document,
  filterName: string,
  multi: boolean,
): DeleteStatement {
  return {
    filter: required(documentOption(entry, filterName), request, filterName),
    context: contextOf(request, entry),
    isCollated: entry.has('collation'),
    multi,
    hint: entry.get('hint'),
    sort: documentOption(entry, 'sort'),
  };
}

const FIND_AND_MODIFY_FIELDS = [
  'query',
  'sort',
  'remove',
  'update',
  'new',
  'fields',
  'upsert',
  'bypassDocumentValidation',
  'arrayFilters',
  'hint',
  'collation',
  'let',
];

interface Modified {
  readonly returned: StoredDocument | undefined;
  readonly lastErrorObject: Map<string, Value>;
}

async function findAndModify(request: Request): Promise<Reply> {
  checkFields(request, FIND_AND_MODIFY_FIELDS);
  const place = placeOf(request);
  const context = contextOf(request);
  const query = documentOption(request.body, 'query') ?? new Map();
  const fields = documentOption(request.body, 'fields');
  const project = compileFindProjection(fields, query, compileFilter(query, context), context);
  const run = booleanOption(request.body, 'remove') ? removeOne : modifyOne;
  const { results, errors, retried } = await runStatements(request, 1, true, () => {
    const { returned, lastErrorObject } = run(place);
    return { lastErrorObject, value: returned === undefined ? null : new RawDocument(project(returned)) };
  });
  const [failed] = errors;
  if (failed !== undefined) throw failed.error;
  const reply: Reply = new Map<string, Encodable>(Object.entries(results.get(0) ?? {}));
  if (retried.length > 0) reply.set('retriedStmtId', 0);
  return reply;
}

function withQuery(body: Document): Document {
  return body.has('query') ? body : new Map([...body, ['query', new Map()]]);
}

function removeOne(place: Place): Modified {
  const { request } = place;
  for (const name of ['update', 'upsert', 'new']) {
    const value = request.body.get(name);
    if (value !== undefined && value !== false) {
      throw new ServerError(
        9,
        `Cannot specify both ${name === 'update' ? 'an update' : name} and remove=true`,
      );
    }
  }
  const [returned] = deleteMatching(place, deleteStatement(request, withQuery(request.body), 'query', false));
  return { returned, lastErrorObject: new Map([['n', returned === undefined ? 0 : 1]]) };
}

function modifyOne(place: Place): Modified {
  const { request } = place;
  if (!request.body.has('update'))
    throw new ServerError(9, 'Either an update or remove=true must be specified');
  const statement = updateStatement(request, withQuery(request.body), { filter: 'query', update: 'update' });
  const { matched, upsertedId, before, after } = updateMatching(place, statement);
  const lastErrorObject = new Map<string, Value>([
    ['n', matched + (upsertedId === undefined ? 0 : 1)],
    ['updatedExisting', matched > 0],
  ]);
  if (upsertedId !== undefined) lastErrorObject.set('upserted', upsertedId);
  return { returned: booleanOption(request.body, 'new') ? after : before, lastErrorObject };
}

export const writeCommands: CommandTable = { insert, update, delete: deleteCommand, findAndModify };
