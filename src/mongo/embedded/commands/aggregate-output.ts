import { compileExpression } from '../aggregate/expression.js';
import { canonicalKey } from '../bson/compare.js';
import { type Document, typeName, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import type { Collection } from '../storage/collection.js';
import { compileUpdatePipeline } from '../update/pipeline.js';
import type { Request } from './contract.js';
import { checkCollectionName, checkDatabaseName } from './options.js';
import { insertOne, type Place, present, toStored, whenFree } from './write-operations.js';

/** Takes the documents that a pipeline ends with. */
export type Sink = (documents: readonly Document[]) => Promise<void>;

function placeOf(spec: Value, request: Request, stage: string): Place {
  if (typeof spec === 'string')
    return checkedPlace({ request, database: request.database, collection: spec });
  const database = spec instanceof Map ? (spec.get('db') ?? request.database) : null;
  const collection = spec instanceof Map ? spec.get('coll') : null;
  if (
    typeof database !== 'string' ||
    typeof collection !== 'string' ||
    (spec instanceof Map && spec.has('timeseries'))
  ) {
    throw new ServerError(16990, `${stage} only supports a string or an object with db and coll`);
  }
  return checkedPlace({ request, database, collection });
}

function checkedPlace(place: Place): Place {
  checkDatabaseName(place.database);
  checkCollectionName(place.collection);
  return place;
}

/** Compiles `$out`: the results replace the documents of a collection, whose indexes stay. */
export function compileOut(operand: Value, request: Request): Sink {
  const place = placeOf(operand, request, '$out');
  const { store } = request.server;
  return async (documents) => {
    await whenFree(request, () => {
      const collection = store.ensureCollection(place.database, place.collection);
      const former = [...collection.documents()];
      for (const { idKey } of former) collection.checkWritable(idKey, undefined);
      for (const { idKey } of former) collection.remove(idKey);
      try {
        for (const document of documents) insertOne(place, document);
      } catch (error) {
        for (const { idKey } of [...collection.documents()]) collection.remove(idKey);
        for (const stored of former) collection.insert(stored);
        throw error;
      }
    });
  };
}

const MERGE_FIELDS = new Set(['into', 'on', 'let', 'whenMatched', 'whenNotMatched']);
const WHEN_MATCHED = new Set(['replace', 'keepExisting', 'merge', 'fail']);
const WHEN_NOT_MATCHED = new Set(['insert', 'discard', 'fail']);

/** Compiles `$merge`. Documents are found again by `on`, which needs a unique index. */
export function compileMerge(operand: Value, request: Request, context: QueryContext): Sink {
  const fields = operand instanceof Map ? operand : new Map<string, Value>([['into', operand]]);
  for (const name of fields.keys()) {
    if (!MERGE_FIELDS.has(name))
      throw new ServerError(40415, `BSON field '$merge.${name}' is an unknown field.`);
  }
  const place = placeOf(fields.get('into') ?? null, request, '$merge');
  const on = onFields(fields.get('on') ?? '_id');
  const whenMatched = fields.get('whenMatched') ?? 'merge';
  const whenNotMatched = fields.get('whenNotMatched') ?? 'insert';
  if (typeof whenMatched === 'string' ? !WHEN_MATCHED.has(whenMatched) : !Array.isArray(whenMatched)) {
    throw new ServerError(2, `Enumeration value for field '$merge.whenMatched' is not a valid value.`);
  }
  if (typeof whenNotMatched !== 'string' || !WHEN_NOT_MATCHED.has(whenNotMatched)) {
    throw new ServerError(2, `Enumeration value for field '$merge.whenNotMatched' is not a valid value.`);
  }
  const combine = combining(whenMatched, fields.get('let'), context);
  return async (documents) => {
    checkUniqueIndex(present(place), on);
    for (const document of documents) {
      await whenFree(request, () => mergeOne(place, document, on, combine, whenNotMatched));
    }
  };
}

function onFields(on: Value): string[] {
  const names = Array.isArray(on) ? on : [on];
  const texts = names.filter((name) => typeof name === 'string');
  if (texts.length !== names.length || texts.length === 0)
    throw new ServerError(
      51186,
      `$merge 'on' field must be either a string or an array of strings, but found ${typeName(on)}`,
    );
  if (texts.some((name) => name.includes('.'))) throw notImplemented("$merge with a path as 'on' field");
  return texts;
}

function checkUniqueIndex(collection: Collection | undefined, on: readonly string[]): void {
  const wanted = [...on].sort().join();
  const fits = (collection?.indexes ?? []).some(
    ({ key, unique, partial, sparse }) =>
      unique && partial === undefined && !sparse && [...key.keys()].sort().join() === wanted,
  );
  if (!fits && wanted !== '_id')
    throw new ServerError(51183, 'Cannot find index to verify that join fields will be unique');
}

type Combine = (existing: Document, document: Document) => Document | undefined;

/** What is done with a document that is there; `undefined` for `fail`. */
function combining(
  whenMatched: Value,
  letSpec: Value | undefined,
  context: QueryContext,
): Combine | undefined {
  if (Array.isArray(whenMatched)) {
    const spec = letSpec ?? new Map<string, Value>([['new', '$$ROOT']]);
    if (!(spec instanceof Map)) throw new ServerError(14, "BSON field '$merge.let' must be an object");
    const names = [...spec].map(([name, value]) => [name, compileExpression(value, context)] as const);
    return (existing, document) => {
      const variables = new Map(context.variables);
      for (const [name, value] of names)
        variables.set(name, value({ root: document, variables: context.variables }));
      variables.set('new', variables.get('new') ?? document);
      const apply = compileUpdatePipeline(whenMatched, { ...context, variables });
      return apply(existing, { position: undefined, isInsert: false });
    };
  }
  if (whenMatched === 'replace')
    return (existing, document) => new Map([['_id', existing.get('_id') ?? null], ...document]);
  if (whenMatched === 'merge') return (existing, document) => new Map([...existing, ...document]);
  if (whenMatched === 'keepExisting') return () => undefined;
  return undefined;
}

function mergeOne(
  place: Place,
  document: Document,
  on: readonly string[],
  combine: Combine | undefined,
  whenNotMatched: string,
): void {
  const collection = present(place);
  const keys = on.map((name) => canonicalKey(document.get(name) ?? null));
  const existing = collection === undefined ? undefined : findBy(collection, on, keys);
  if (collection !== undefined && existing !== undefined) {
    // With "fail", inserting gives the error that is wanted.
    if (combine === undefined) {
      insertOne(place, document);
      return;
    }
    const combined = combine(existing, document);
    if (combined === undefined) return;
    if (canonicalKey(combined.get('_id')) !== canonicalKey(existing.get('_id'))) {
      throw new ServerError(
        66,
        '$merge failed to update the matching document, did you attempt to modify the _id or the shard key?',
      );
    }
    collection.replace(toStored(combined));
  } else if (whenNotMatched === 'insert') insertOne(place, document);
  else if (whenNotMatched === 'fail')
    throw new ServerError(
      13113,
      '$merge could not find a matching document in the target collection for at least one document in the source collection',
    );
}

function findBy(
  collection: Collection,
  on: readonly string[],
  keys: readonly string[],
): Document | undefined {
  const [field = '', ...others] = on;
  const found = others.length === 0 ? collection.lookUp(field, keys) : undefined;
  for (const { document } of found ?? collection.documents()) {
    if (on.every((name, at) => canonicalKey(document.get(name) ?? null) === keys[at])) return document;
  }
  return undefined;
}
