import { type Document, typeName, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compilerOf } from './expression.js';
import type { Compiler, Expression, Frame } from './operators/contract.js';
import { averageOf, extremeOf, sumOf } from './operators/statistics.js';
import type { Stage } from './stages.js';
import { isNullish } from './truth.js';

/** Makes one value of the values of all documents of a group; a missing one is `undefined`. */
type Accumulate = (values: readonly (Value | undefined)[], compiler: Compiler) => Value;

const ACCUMULATORS: Readonly<Record<string, Accumulate>> = {
  $sum: (values) => sumOf(values),
  $avg: (values) => averageOf(values),
  $min: (values, compiler) => extremeOf(values, 1, compiler),
  $max: (values, compiler) => extremeOf(values, -1, compiler),
  $first: (values) => values[0] ?? null,
  $last: (values) => values.at(-1) ?? null,
  $push: (values) => values.filter((value) => value !== undefined),
  $addToSet: (values, { context }) => {
    const seen = new Map<string, Value>();
    for (const value of values)
      if (value !== undefined && !seen.has(context.keyOf(value))) seen.set(context.keyOf(value), value);
    return [...seen.values()];
  },
  $mergeObjects: (values) => {
    const merged: Document = new Map();
    for (const value of values) {
      if (isNullish(value)) continue;
      if (!(value instanceof Map))
        throw new ServerError(
          40400,
          `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`,
        );
      for (const [name, inner] of value) merged.set(name, inner);
    }
    return merged;
  },
  $count: (values) => values.length,
};

/** Accumulators of the official server that are not here. */
const NOT_HERE = new Set([
  '$accumulator',
  '$bottom',
  '$bottomN',
  '$firstN',
  '$lastN',
  '$maxN',
  '$median',
  '$minN',
  '$percentile',
  '$stdDevPop',
  '$stdDevSamp',
  '$top',
  '$topN',
]);

interface GroupField {
  readonly name: string;
  readonly argument: Expression;
  readonly accumulate: Accumulate;
}

/** Compiles `$group`. Groups come out in the order in which they were first met. */
export function compileGroup(spec: Value, context: QueryContext): Stage {
  if (!(spec instanceof Map)) throw new ServerError(15947, "a group's fields must be specified in an object");
  const idSpec = spec.get('_id');
  if (idSpec === undefined) throw new ServerError(15955, 'a group specification must include an _id');
  const compiler = compilerOf(context);
  const id = compiler.compile(idSpec);
  const fields = [...spec]
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => compileField(name, value, compiler));
  return function* group(input) {
    const groups = new Map<string, { readonly id: Value; readonly values: (Value | undefined)[][] }>();
    for (const root of input) {
      const frame: Frame = { root, variables: context.variables };
      const groupId = id(frame) ?? null;
      const key = context.keyOf(groupId);
      const present = groups.get(key) ?? { id: groupId, values: fields.map(() => []) };
      groups.set(key, present);
      for (const [at, { argument }] of fields.entries()) present.values[at]?.push(argument(frame));
    }
    for (const { id: groupId, values } of groups.values()) {
      const result: Document = new Map([['_id', groupId]]);
      for (const [at, { name, accumulate }] of fields.entries())
        result.set(name, accumulate(values[at] ?? [], compiler));
      yield result;
    }
  };
}

function compileField(name: string, spec: Value, compiler: Compiler): GroupField {
  if (name.includes('.')) throw new ServerError(40235, `The field name '${name}' cannot contain '.'`);
  if (name.startsWith('$'))
    throw new ServerError(40236, `The field name '${name}' cannot be an operator name`);
  if (!(spec instanceof Map))
    throw new ServerError(40234, `The field '${name}' must be an accumulator object`);
  if (spec.size !== 1) throw new ServerError(40238, `The field '${name}' must specify one accumulator`);
  const [[operator, operand] = ['', null]] = spec;
  const accumulate = ACCUMULATORS[operator];
  if (accumulate === undefined) {
    throw NOT_HERE.has(operator)
      ? notImplemented(`The accumulator ${operator}`)
      : new ServerError(15952, `unknown group operator '${operator}'`);
  }
  if (operator === '$count' && !(operand instanceof Map && operand.size === 0)) {
    throw new ServerError(9, '$count takes no arguments, i.e. $count:{}');
  }
  if (
    Array.isArray(operand) &&
    operator !== '$push' &&
    operator !== '$addToSet' &&
    operator !== '$first' &&
    operator !== '$last'
  ) {
    throw new ServerError(40237, `The ${operator} accumulator is a unary operator`);
  }
  return { name, argument: compiler.compile(operand), accumulate };
}
