import { isDeepStrictEqual } from 'node:util';
import { MongoClientBulkWriteError, MongoServerError } from 'mongodb';
import type { Entities } from './entities.js';
import type { Fields } from './format.js';

/** Maps become objects. */
export function plain(result: unknown): unknown {
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

/** The driver of Node has counts of zero where the specification has no partial result at all. */
function partialResult(error: Fields): unknown {
  const result = plain(error.partialResult ?? error.result) as Fields | undefined;
  const isEmpty = Object.values(result ?? {}).every((value) => value === 0 || isDeepStrictEqual(value, {}));
  return isEmpty ? undefined : result;
}

export function checkError(expected: Fields, thrown: MongoServerError, entities: Entities): void {
  // What failed a client's bulk write as a whole stands behind an error that only says that it failed.
  const isWrapped = thrown instanceof MongoClientBulkWriteError && thrown.cause instanceof MongoServerError;
  const error = isWrapped ? (thrown.cause as MongoServerError) : thrown;
  const fail = (what: string): never => {
    throw new Error(`${what}, got ${error.name} ${error.code}: ${error.message}`, { cause: error });
  };
  const isServerError = error instanceof MongoServerError;
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'isClientError' && value === isServerError) fail(`Expected isClientError ${value}`);
    if (name === 'errorCodeName' && error.codeName !== value) fail(`Expected the code name ${value}`);
    if (name === 'errorLabelsContain')
      for (const label of value as string[])
        if (!error.hasErrorLabel(label)) fail(`Expected the label ${label}`);
    if (name === 'errorLabelsOmit')
      for (const label of value as string[])
        if (error.hasErrorLabel(label)) fail(`Expected no label ${label}`);
    if (name === 'errorCode' && error.code !== value) fail(`Expected the code ${value}`);
    if (name === 'errorContains' && !error.message.toLowerCase().includes(String(value).toLowerCase()))
      fail(`Expected "${value}"`);
    if (name === 'errorResponse') match(value, error.errorResponse, entities, 'errorResponse', true);
    const parts = thrown as unknown as Fields;
    if (name === 'expectResult') match(value, partialResult(parts), entities, 'partial result', true);
    if (name === 'writeErrors')
      for (const [at, item] of Object.entries(value as Fields)) {
        match(item, (parts.writeErrors as Map<number, unknown>).get(Number(at)), entities, name, true);
      }
    if (name === 'writeConcernErrors') match(value, parts.writeConcernErrors, entities, name, false);
  }
}

/** Extra fields are allowed at the root only; numbers are compared by value. */
export function match(
  expected: unknown,
  actual: unknown,
  entities: Entities,
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
  entities: Entities,
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
    case '$$matchesHexBytes':
      // What a stream gave, piece by piece.
      match(operand, Buffer.concat(actual as Buffer[]).toString('hex'), entities, where, isRoot);
      return;
    case '$$matchAsRoot':
      match(operand, actual, entities, where, true);
      return;
    default:
      throw new Error(`The runner does not know ${operator}`);
  }
}
