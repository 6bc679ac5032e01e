import { BSONRegExp } from 'bson';
import { compareValues } from '../bson/compare.js';
import { toNumber } from '../bson/number.js';
import { isNumeric, typeName, type Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileFilter, compileValueFilter, isOperatorDocument, LOGICAL } from '../query/matcher.js';
import { matchingRegex } from '../query/predicates.js';
import { compileSort } from '../query/sort.js';
import type { Change, ChangeCompiler } from './contract.js';

function arrayOf(operator: string, path: string, current: Value): Value[] {
  if (Array.isArray(current)) return current;
  if (operator === '$push') {
    throw new ServerError(
      2,
      `The field '${path}' must be an array but is of type ${typeName(current)} in the document`,
    );
  }
  if (operator === '$addToSet') {
    throw new ServerError(
      2,
      `Cannot apply $addToSet to non-array field. Field named '${path}' has non-array type ${typeName(current)}`,
    );
  }
  if (operator === '$pop')
    throw new ServerError(14, `Path '${path}' contains an element of non-array type '${typeName(current)}'`);
  throw new ServerError(2, `Cannot apply ${operator} to a non-array value`);
}

function wholeNumber(name: string, value: Value): number {
  const number = isNumeric(value) ? toNumber(value) : Number.NaN;
  if (!Number.isInteger(number))
    throw new ServerError(
      2,
      `The value for ${name} must be an integer value but was given type: ${typeName(value)}`,
    );
  return number;
}

const PUSH_CLAUSES = new Set(['$each', '$slice', '$sort', '$position']);

const push: ChangeCompiler = (operand, path, context) => {
  if (!(operand instanceof Map) || !operand.has('$each')) {
    const stray =
      operand instanceof Map ? [...operand.keys()].find((name) => PUSH_CLAUSES.has(name)) : undefined;
    if (stray !== undefined) throw new ServerError(2, `The clause ${stray} of $push needs $each`);
    return (current) => [...arrayOf('$push', path, current ?? []), operand];
  }
  for (const clause of operand.keys()) {
    if (!PUSH_CLAUSES.has(clause)) throw new ServerError(2, `Unrecognized clause in $push: ${clause}`);
  }
  const each = operand.get('$each');
  if (!Array.isArray(each))
    throw new ServerError(
      2,
      `The argument to $each in $push must be an array but it was of type: ${typeName(each)}`,
    );
  const slice = operand.has('$slice') ? wholeNumber('$slice', operand.get('$slice') ?? null) : undefined;
  const position = operand.has('$position')
    ? wholeNumber('$position', operand.get('$position') ?? null)
    : undefined;
  const sort = operand.get('$sort');
  const compare = sort === undefined ? undefined : elementOrder(sort, context);
  return (current) => {
    const before = arrayOf('$push', path, current ?? []);
    const at = position ?? before.length;
    // Not spliced: a call takes some hundred thousand arguments at most.
    const items = [...before.slice(0, at), ...each, ...before.slice(at)];
    if (compare !== undefined) items.sort(compare);
    if (slice === undefined) return items;
    return slice >= 0 ? items.slice(0, slice) : items.slice(slice);
  };
};

function elementOrder(sort: Value, context: QueryContext): (a: Value, b: Value) => number {
  if (!(sort instanceof Map)) {
    const direction = isNumeric(sort) ? toNumber(sort) : 0;
    if (Math.abs(direction) !== 1) throw new ServerError(2, 'The $sort element value must be either 1 or -1');
    return (a, b) => compareValues(a, b, context.strings) * direction;
  }
  if (sort.size === 0)
    throw new ServerError(2, 'The $sort pattern is empty when it should be a set of fields.');
  const compare = compileSort(sort, context) ?? (() => 0);
  const wrap = (value: Value) => (value instanceof Map ? value : new Map<string, Value>());
  return (a, b) => compare(wrap(a), wrap(b));
}

const addToSet: ChangeCompiler = (operand, path, { keyOf }) => {
  let added: readonly Value[] = [operand];
  if (operand instanceof Map && operand.has('$each')) {
    const each = operand.get('$each');
    if (!Array.isArray(each))
      throw new ServerError(
        14,
        `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`,
      );
    if (operand.size > 1) throw new ServerError(2, 'Found unexpected fields after $each in $addToSet');
    added = each;
  }
  return (current) => {
    const items = [...arrayOf('$addToSet', path, current ?? [])];
    const seen = new Set(items.map(keyOf));
    for (const item of added) {
      if (seen.has(keyOf(item))) continue;
      seen.add(keyOf(item));
      items.push(item);
    }
    return items;
  };
};

function removing(operator: string, path: string, removes: (item: Value) => boolean): Change {
  return (current) =>
    current === undefined ? undefined : arrayOf(operator, path, current).filter((item) => !removes(item));
}

const pull: ChangeCompiler = (operand, path, context) => {
  if (operand instanceof BSONRegExp) return removing('$pull', path, matchingRegex(operand));
  if (!(operand instanceof Map)) {
    const key = context.keyOf(operand);
    return removing('$pull', path, (item) => context.keyOf(item) === key);
  }
  if (isOperatorDocument(operand) && !LOGICAL.has([...operand.keys()][0] ?? '')) {
    return removing('$pull', path, compileValueFilter(operand, context));
  }
  const filter = compileFilter(operand, context);
  return removing('$pull', path, (item) => item instanceof Map && filter(item));
};

const pullAll: ChangeCompiler = (operand, path, { keyOf }) => {
  if (!Array.isArray(operand)) {
    throw new ServerError(2, `$pullAll requires an array argument but was given a ${typeName(operand)}`);
  }
  const removed = new Set(operand.map(keyOf));
  return removing('$pullAll', path, (item) => removed.has(keyOf(item)));
};

const pop: ChangeCompiler = (operand, path) => {
  const end = isNumeric(operand) ? toNumber(operand) : Number.NaN;
  if (Math.abs(end) !== 1)
    throw new ServerError(9, `$pop expects 1 or -1, found: ${isNumeric(operand) ? end : typeName(operand)}`);
  return (current) => {
    if (current === undefined) return undefined;
    const items = arrayOf('$pop', path, current);
    return end === 1 ? items.slice(0, -1) : items.slice(1);
  };
};

/** The operators on arrays. */
export const arrayChanges: Readonly<Record<string, ChangeCompiler>> = {
  $push: push,
  $addToSet: addToSet,
  $pull: pull,
  $pullAll: pullAll,
  $pop: pop,
};
