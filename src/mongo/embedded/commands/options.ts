import { compileExpression } from '../aggregate/expression.js';
import { isTruthy } from '../aggregate/truth.js';
import { toNumber } from '../bson/number.js';
import { type Document, isNumeric, typeName, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import { compileCollation } from '../query/collation.js';
import { type QueryContext, queryContext } from '../query/context.js';
import type { Collection } from '../storage/collection.js';
import type { Request } from './contract.js';

/** Fields that every command may carry. Those that change a result are handled by the dispatcher. */
const GENERIC = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

/** @throws ServerError 40415 for a field that the command does not have: it might change the result. */
export function checkFields({ name, body }: Request, known: readonly string[]): void {
  checkKnown(body, name, [name, ...known, ...GENERIC]);
}

export function checkKnown(fields: Document, where: string, known: readonly string[]): void {
  for (const field of fields.keys()) {
    if (!known.includes(field))
      throw new ServerError(40415, `BSON field '${where}.${field}' is an unknown field.`);
  }
}

function wrongType(name: string, value: Value, expected: string): ServerError {
  return new ServerError(
    14,
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  );
}

/** Null counts as not given. */
function given(fields: Document, name: string): Value | undefined {
  return fields.get(name) ?? undefined;
}

export function documentOption(fields: Document, name: string): Document | undefined {
  const value = given(fields, name);
  if (value === undefined || value instanceof Map) return value;
  throw wrongType(name, value, 'object');
}

export function arrayOption(fields: Document, name: string): Value[] | undefined {
  const value = given(fields, name);
  if (value === undefined || Array.isArray(value)) return value;
  throw wrongType(name, value, 'array');
}

export function stringOption(fields: Document, name: string): string | undefined {
  const value = given(fields, name);
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(name, value, 'string');
}

export function booleanOption(fields: Document, name: string): boolean {
  const value = given(fields, name);
  if (value === undefined) return false;
  if (typeof value !== 'boolean' && !isNumeric(value)) throw wrongType(name, value, 'bool');
  return isTruthy(value);
}

/** A whole number that is not negative. */
export function countOption(fields: Document, name: string): number | undefined {
  const value = given(fields, name);
  if (value === undefined) return undefined;
  const count = wholeNumber(value, name);
  if (count < 0)
    throw new ServerError(51024, `BSON field '${name}' value must be >= 0, actual value '${count}'`);
  return count;
}

export function wholeNumber(value: Value, name: string): number {
  if (!isNumeric(value)) throw wrongType(name, value, 'int');
  const number = toNumber(value);
  if (!Number.isInteger(number)) throw new ServerError(9, `${name} must be a whole number, found ${number}`);
  return number;
}

export function required<T>(value: T | undefined, request: Request, field: string): T {
  if (value === undefined)
    throw new ServerError(40414, `BSON field '${request.name}.${field}' is missing but a required field`);
  return value;
}

/** The collection that a command names as its first value. */
export function collectionName({ name, body }: Request): string {
  const collection = body.get(name);
  if (typeof collection !== 'string')
    throw new ServerError(73, `collection name has invalid type ${typeName(collection)}`);
  checkCollectionName(collection);
  return collection;
}

/** The longest namespace, in bytes. */
const MAX_NAMESPACE_BYTES = 255;

export function checkCollectionName(name: string): void {
  const isBad =
    name === '' ||
    name.includes('\0') ||
    name.startsWith('.') ||
    Buffer.byteLength(name) > MAX_NAMESPACE_BYTES;
  if (isBad || name.includes('$')) throw new ServerError(73, `Invalid collection name specified '${name}'`);
}

export function checkDatabaseName(name: string): void {
  if (name === '' || Buffer.byteLength(name) > 63 || /[/\\. "$\0]/.test(name)) {
    throw new ServerError(73, `Invalid database name: '${name}'`);
  }
}

/** The context of a filter or expression: `let` and `collation` of the command or of one statement. */
export function contextOf(request: Request, statement?: Document): QueryContext {
  const collation = documentOption(statement ?? request.body, 'collation');
  const variables = new Map<string, Value | undefined>([['NOW', new Date()]]);
  const base = queryContext(variables);
  for (const [name, value] of documentOption(request.body, 'let') ?? []) {
    variables.set(name, compileExpression(value, base)({ root: new Map(), variables }));
  }
  return queryContext(variables, collation === undefined ? undefined : compileCollation(collation));
}

/** @throws ServerError when there is no such index. Otherwise a hint changes nothing: natural order is kept. */
export function checkHint(hint: Value | undefined, collection: Collection | undefined): void {
  if (hint === undefined || hint === null) return;
  if (hint instanceof Map && hint.size === 0) return;
  if (hint instanceof Map && hint.has('$natural')) {
    if (wholeNumber(hint.get('$natural') ?? null, '$natural') !== 1)
      throw notImplemented('A reverse $natural hint');
    return;
  }
  const pattern = hint instanceof Map ? patternOf(hint) : undefined;
  if (pattern === undefined && typeof hint !== 'string')
    throw new ServerError(9, 'Hint must be a string or an object');
  const isThere = (collection?.indexes ?? []).some((index) =>
    pattern === undefined ? index.name === hint : patternOf(index.key) === pattern,
  );
  if (collection !== undefined && !isThere) {
    throw new ServerError(
      2,
      'error processing query: hint provided does not correspond to an existing index',
    );
  }
}

/** An index pattern as text; the direction's number type does not count. */
export function patternOf(key: Document): string {
  return JSON.stringify([...key].map(([name, value]) => [name, isNumeric(value) ? toNumber(value) : value]));
}
