import { smallest } from '../../../../base/extremes.js';
import { compareValues, equalValues } from '../../bson/compare.js';
import { toNumber } from '../../bson/number.js';
import { isNumeric, typeName, type Value } from '../../bson/value.js';
import { ServerError } from '../../errors.js';
import { compileSort } from '../../query/sort.js';
import { isNullish, isTruthy } from '../truth.js';
import {
  binary,
  type Compiler,
  compileFields,
  type Expression,
  type Frame,
  type OperatorCompiler,
  type OperatorTable,
  objectOperand,
  unary,
  variadic,
} from './contract.js';
import { checkedVariable } from './logic.js';

/** The official codes for what is no array; 28689 where an operator is not named. */
const NO_ARRAY: Readonly<Record<string, number>> = {
  $size: 17124,
  $in: 40081,
  $slice: 28724,
  $concatArrays: 28664,
  $indexOfArray: 40090,
  $reverseArray: 34435,
  $filter: 28651,
  $map: 16883,
  $reduce: 40080,
  $sortArray: 2942504,
  $zip: 34468,
};

function array(name: string, value: Value | undefined): Value[] {
  if (!Array.isArray(value))
    throw new ServerError(
      NO_ARRAY[name] ?? 28689,
      `The argument to ${name} must be an array, but was of type: ${typeName(value)}`,
    );
  return value;
}

function int(name: string, value: Value): number {
  const number = isNumeric(value) ? toNumber(value) : Number.NaN;
  if (number !== (number | 0))
    throw new ServerError(
      28690,
      `${name}'s argument must be representable as a 32-bit integer: ${typeName(value)}`,
    );
  return number;
}

function elementAt(value: Value | undefined, position: Value | undefined): Value | undefined {
  if (isNullish(value) || isNullish(position)) return null;
  return array('$arrayElemAt', value).at(int('$arrayElemAt', position));
}

function slice([value, first, second]: readonly (Value | undefined)[], count: number): Value {
  if (isNullish(value) || isNullish(first) || (count === 3 && isNullish(second))) return null;
  const items = array('$slice', value);
  const from = int('$slice', first);
  if (isNullish(second)) return from >= 0 ? items.slice(0, from) : items.slice(from);
  const size = int('$slice', second);
  if (size <= 0) throw new ServerError(28729, `Third argument to $slice must be positive: ${size}`);
  const start = from >= 0 ? from : Math.max(items.length + from, 0);
  return items.slice(start, start + size);
}

function concatArrays(values: readonly (Value | undefined)[]): Value {
  const result: Value[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    for (const item of array('$concatArrays', value)) result.push(item);
  }
  return result;
}

function indexOfArray(
  [value, wanted, start = 0, end]: readonly (Value | undefined)[],
  { context }: Compiler,
): Value {
  if (isNullish(value)) return null;
  const items = array('$indexOfArray', value);
  const from = int('$indexOfArray', start ?? null);
  const until = end === undefined ? items.length : Math.min(int('$indexOfArray', end), items.length);
  if (from < 0 || until < 0)
    throw new ServerError(40097, '$indexOfArray requires a nonnegative start and end index');
  for (let at = from; at < until; at += 1) if (equalValues(items[at], wanted, context.strings)) return at;
  return -1;
}

/** More elements than this would not fit into a document anyway. */
const MAX_RANGE = 4_000_000;

function range([first, last, step = 1]: readonly (Value | undefined)[]): Value {
  const [start, end, by] = [first, last, step].map((value) => int('$range', value ?? null)) as [
    number,
    number,
    number,
  ];
  if (by === 0) throw new ServerError(34449, '$range requires a non-zero step value');
  if ((end - start) / by > MAX_RANGE) throw new ServerError(5155200, '$range would make too many elements');
  const result: Value[] = [];
  for (let at = start; by > 0 ? at < end : at > end; at += by) result.push(at);
  return result;
}

/** Evaluates `body` with more variables. */
function bind(frame: Frame, values: Readonly<Record<string, Value | undefined>>): Frame {
  return { ...frame, variables: new Map([...frame.variables, ...Object.entries(values)]) };
}

function nameOf(operand: Value | undefined): string {
  if (operand === undefined) return 'this';
  if (typeof operand !== 'string') throw new ServerError(9, "The 'as' parameter must be a string");
  return checkedVariable(operand);
}

const filter: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$filter', operand, ['input', 'cond'], ['as', 'limit']);
  const name = nameOf(fields.get('as'));
  const input = compiler.compile(fields.get('input') ?? null);
  const condition = compiler.withVariables([name]).compile(fields.get('cond') ?? null);
  const limit = fields.has('limit') ? compiler.compile(fields.get('limit') ?? null) : undefined;
  return (frame) => {
    const value = input(frame);
    if (isNullish(value)) return null;
    const most = limit?.(frame);
    const count = isNullish(most) ? Number.POSITIVE_INFINITY : int('$filter', most);
    if (count < 1) throw new ServerError(327392, '$filter: limit must be greater than 0');
    const kept = array('$filter', value).filter((item) => isTruthy(condition(bind(frame, { [name]: item }))));
    return kept.slice(0, count);
  };
};

const map: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$map', operand, ['input', 'in'], ['as']);
  const name = nameOf(fields.get('as'));
  const input = compiler.compile(fields.get('input') ?? null);
  const body = compiler.withVariables([name]).compile(fields.get('in') ?? null);
  return (frame) => {
    const value = input(frame);
    if (isNullish(value)) return null;
    return array('$map', value).map((item) => body(bind(frame, { [name]: item })) ?? null);
  };
};

const reduce: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$reduce', operand, ['input', 'initialValue', 'in']);
  const input = compiler.compile(fields.get('input') ?? null);
  const initial = compiler.compile(fields.get('initialValue') ?? null);
  const body = compiler.withVariables(['this', 'value']).compile(fields.get('in') ?? null);
  return (frame) => {
    const value = input(frame);
    if (isNullish(value)) return null;
    return array('$reduce', value).reduce<Value | undefined>(
      (sum, item) => body(bind(frame, { this: item, value: sum })),
      initial(frame),
    );
  };
};

const sortArray: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$sortArray', operand, ['input', 'sortBy']);
  const input = compiler.compile(fields.get('input') ?? null);
  const compare = elementOrder(fields.get('sortBy') ?? null, compiler);
  return (frame) => {
    const value = input(frame);
    return isNullish(value) ? null : array('$sortArray', value).toSorted(compare);
  };
};

function elementOrder(sortBy: Value, { context }: Compiler): (a: Value, b: Value) => number {
  if (sortBy instanceof Map) {
    const compare = compileSort(sortBy, context) ?? (() => 0);
    const wrap = (value: Value) => (value instanceof Map ? value : new Map<string, Value>());
    return (a, b) => compare(wrap(a), wrap(b));
  }
  const direction = isNumeric(sortBy) ? toNumber(sortBy) : 0;
  if (Math.abs(direction) !== 1) throw new ServerError(2942505, 'Invalid sortBy in $sortArray');
  return (a, b) => compareValues(a, b, context.strings) * direction;
}

const zip: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$zip', operand, ['inputs']);
  const inputs: Expression =
    compileFields('$zip', fields, compiler, ['inputs']).get('inputs') ?? (() => null);
  return (frame) => {
    const rows = inputs(frame);
    if (!Array.isArray(rows)) throw new ServerError(34461, 'inputs must be an array of expressions');
    if (rows.some(isNullish)) return null;
    const arrays = rows.map((row) => array('$zip', row));
    const shortest = arrays.length === 0 ? 0 : smallest(arrays.map((items) => items.length));
    return Array.from({ length: shortest }, (_, at) => arrays.map((items) => items[at] ?? null));
  };
};

function last(name: string, position: 0 | -1): OperatorCompiler {
  return unary(name, (value) => (isNullish(value) ? null : array(name, value).at(position)));
}

export const arrayOperators: OperatorTable = {
  $size: unary('$size', (value) => array('$size', value).length),
  $arrayElemAt: binary('$arrayElemAt', elementAt),
  $first: last('$first', 0),
  $last: last('$last', -1),
  $slice: variadic('$slice', (values) => slice(values, values.length), 2, 3),
  $concatArrays: variadic('$concatArrays', concatArrays),
  $isArray: unary('$isArray', (value) => Array.isArray(value)),
  $in: binary('$in', (value, items, { context }) =>
    array('$in', items).some((item) => equalValues(item, value, context.strings)),
  ),
  $indexOfArray: variadic('$indexOfArray', indexOfArray, 2, 4),
  $reverseArray: unary('$reverseArray', (value) =>
    isNullish(value) ? null : array('$reverseArray', value).toReversed(),
  ),
  $range: variadic('$range', range, 2, 3),
  $filter: filter,
  $map: map,
  $reduce: reduce,
  $sortArray: sortArray,
  $zip: zip,
};
