import { BSONRegExp, ObjectId } from 'bson';
import { MAX_DOCUMENT_BYTES } from '../../wire/header.js';
import { canonicalKey, equalValues } from '../bson/compare.js';
import { decode } from '../bson/decode.js';
import { encode } from '../bson/encode.js';
import { type Document, Opaque, typeName, type Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileFilter, type Position } from '../query/matcher.js';
import { compileSort } from '../query/sort.js';
import type { Collection } from '../storage/collection.js';
import { StoredDocument } from '../storage/stored-document.js';
import { HeldByTransaction } from '../storage/transaction.js';
import { checkValid, type Validator } from '../storage/validator.js';
import type { Update } from '../update/updater.js';
import { checkUpsertFilter, upsertSeed } from '../update/upsert.js';
import type { Request } from './contract.js';
import { booleanOption, checkCollectionName, checkDatabaseName, checkHint } from './options.js';
import { matching } from './read.js';

/** Where a statement works: its collection and the transaction of its command. */
export interface Place {
  readonly request: Request;
  readonly database: string;
  readonly collection: string;
}

export function present({ request, database, collection }: Place): Collection | undefined {
  return request.server.store.collection(database, collection);
}

function ensured({ request, database, collection }: Place): Collection {
  checkDatabaseName(database);
  checkCollectionName(collection);
  return request.server.store.ensureCollection(database, collection, request.transaction);
}

/** What a write must pass, unless its command asks to bypass it. */
function validatorOf({ request }: Place, collection: Collection): Validator | undefined {
  return booleanOption(request.body, 'bypassDocumentValidation') ? undefined : collection.validator;
}

/**
 * Runs one statement. Outside of transactions it waits for a transaction that holds what it wants to
 * write; a statement checks that before its first change, so that running it anew is safe.
 */
export async function whenFree<T>({ server }: Request, statement: () => T): Promise<T> {
  for (;;) {
    try {
      return statement();
    } catch (error) {
      if (!(error instanceof HeldByTransaction)) throw error;
      await server.store.transactionEnded();
    }
  }
}

/** Checks a document and gives it the form in which it is stored: `_id` first. */
export function toStored(document: Document): StoredDocument {
  const id = document.get('_id') ?? null;
  checkId(document.has('_id') ? id : undefined);
  const [first] = document.keys();
  const bytes = encode(first === '_id' ? document : new Map([['_id', id], ...document]));
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new ServerError(
      10334,
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
    );
  }
  return new StoredDocument(bytes, canonicalKey(id));
}

function checkId(id: Value | undefined): void {
  if (Array.isArray(id) || id instanceof BSONRegExp || (id instanceof Opaque && id.type === 6)) {
    throw new ServerError(53, `The '_id' value cannot be of type ${typeName(id)}`);
  }
  if (!(id instanceof Map)) return;
  for (const name of id.keys()) {
    if (name.startsWith('$'))
      throw new ServerError(
        52,
        `_id fields may not contain '$'-prefixed fields: ${name} is not valid for storage.`,
      );
  }
}

export function insertOne(place: Place, document: Document): Document {
  const complete = document.has('_id')
    ? document
    : new Map<string, Value>([['_id', new ObjectId()], ...document]);
  const collection = ensured(place);
  const stored = toStored(complete);
  checkValid(validatorOf(place, collection), stored);
  collection.insert(stored, place.request.transaction);
  return complete;
}

export interface UpdateStatement {
  readonly filter: Document;
  readonly update: Update;
  readonly context: QueryContext;
  readonly isCollated: boolean;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly hint: Value | undefined;
  readonly sort: Document | undefined;
}

export interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  readonly upsertedId: Value | undefined;
  /** The document before and after; `undefined` where there was none. Of several the last. */
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}

export function updateMatching(place: Place, statement: UpdateStatement): UpdateResult {
  const { filter: spec, update, context, multi } = statement;
  const writer = place.request.transaction;
  if (multi && update.isReplacement)
    throw new ServerError(9, 'multi update is not supported for replacement-style update');
  if (statement.upsert) checkUpsertFilter(spec);
  const filter = compileFilter(spec, context);
  const found = selected(place, statement, filter);
  const collection = present(place);
  if (collection === undefined || found.length === 0)
    return statement.upsert ? upsert(place, statement) : NOTHING;
  for (const { idKey } of found) collection.checkWritable(idKey, writer);
  let modified = 0;
  let after: StoredDocument | undefined;
  for (const before of found) {
    const position: Position = { index: undefined };
    filter(before.document, position);
    after = applied(before, update, position.index);
    if (after.bytes.equals(before.bytes)) continue;
    checkValid(validatorOf(place, collection), after, before);
    collection.replace(after, writer);
    modified += 1;
  }
  return { matched: found.length, modified, upsertedId: undefined, before: found.at(-1), after };
}

const NOTHING: UpdateResult = {
  matched: 0,
  modified: 0,
  upsertedId: undefined,
  before: undefined,
  after: undefined,
};

function selected(
  place: Place,
  statement: Omit<UpdateStatement, 'update' | 'upsert'>,
  filter: ReturnType<typeof compileFilter>,
): StoredDocument[] {
  const collection = present(place);
  checkHint(statement.hint, collection);
  const found = matching(
    collection,
    statement.filter,
    filter,
    place.request.transaction,
    statement.isCollated,
  );
  const compare = compileSort(statement.sort ?? new Map(), statement.context);
  if (compare !== undefined) {
    const sorted = [...found].sort((a, b) => compare(a.document, b.document));
    return statement.multi ? sorted : sorted.slice(0, 1);
  }
  if (statement.multi) return [...found];
  for (const first of found) return [first];
  return [];
}

function applied(before: StoredDocument, update: Update, position: number | undefined): StoredDocument {
  const id = before.document.get('_id');
  const document = update.apply(decode(before.bytes), { position, isInsert: false });
  if (!equalValues(document.get('_id'), id)) {
    throw new ServerError(
      66,
      update.isReplacement
        ? `After applying the update, the (immutable) field '_id' was found to have been altered`
        : `Performing an update on the path '_id' would modify the immutable field '_id'`,
    );
  }
  return toStored(document);
}

function upsert(place: Place, { filter, update }: UpdateStatement): UpdateResult {
  const seed = upsertSeed(filter, update);
  const wantedId = seed.get('_id');
  const document = update.apply(seed, { position: undefined, isInsert: true });
  if (wantedId !== undefined && !equalValues(document.get('_id'), wantedId)) {
    throw new ServerError(
      66,
      `Performing an update on the path '_id' would modify the immutable field '_id'`,
    );
  }
  const inserted = insertOne(place, document);
  return {
    matched: 0,
    modified: 0,
    upsertedId: inserted.get('_id') ?? null,
    before: undefined,
    after: toStored(inserted),
  };
}

export type DeleteStatement = Omit<UpdateStatement, 'update' | 'upsert'>;

/** Removes what passes and returns it. */
export function deleteMatching(place: Place, statement: DeleteStatement): StoredDocument[] {
  const collection = present(place);
  const found = selected(place, statement, compileFilter(statement.filter, statement.context));
  if (collection === undefined) return [];
  for (const { idKey } of found) collection.checkWritable(idKey, place.request.transaction);
  for (const { idKey } of found) collection.remove(idKey, place.request.transaction);
  return found;
}
