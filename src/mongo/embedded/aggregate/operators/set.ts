import { typeName, type Value } from '../../bson/value.js';
import { ServerError } from '../../errors.js';
import { isNullish, isTruthy } from '../truth.js';
import { binary, type Compiler, type OperatorTable, unary, variadic } from './contract.js';

function elements(name: string, value: Value | undefined): Value[] {
  if (!Array.isArray(value))
    throw new ServerError(
      17040,
      `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`,
    );
  return value;
}

function asSet(name: string, value: Value | undefined, { context }: Compiler): Map<string, Value> {
  return new Map(elements(name, value).map((item) => [context.keyOf(item), item]));
}

function union(values: readonly (Value | undefined)[], { context }: Compiler): Value {
  if (values.some(isNullish)) return null;
  const items = values.flatMap((value) => elements('$setUnion', value));
  return distinct(items, context.keyOf);
}

function intersection(values: readonly (Value | undefined)[], compiler: Compiler): Value {
  if (values.some(isNullish)) return null;
  const [first, ...others] = values.map((value) => asSet('$setIntersection', value, compiler));
  if (first === undefined) return [];
  return [...first].filter(([key]) => others.every((other) => other.has(key))).map(([, value]) => value);
}

function distinct(items: readonly Value[], keyOf: (value: Value) => string): Value[] {
  const seen = new Map<string, Value>();
  for (const item of items) if (!seen.has(keyOf(item))) seen.set(keyOf(item), item);
  return [...seen.values()];
}

export const setOperators: OperatorTable = {
  $setUnion: variadic('$setUnion', union),
  $setIntersection: variadic('$setIntersection', intersection),
  $setDifference: binary('$setDifference', (a, b, compiler) => {
    if (isNullish(a) || isNullish(b)) return null;
    const removed = asSet('$setDifference', b, compiler);
    return distinct(elements('$setDifference', a), compiler.context.keyOf).filter(
      (item) => !removed.has(compiler.context.keyOf(item)),
    );
  }),
  $setEquals: variadic(
    '$setEquals',
    (values, compiler) => {
      const [first, ...others] = values.map((value) => asSet('$setEquals', value, compiler));
      return others.every(
        (other) => other.size === first?.size && [...other.keys()].every((key) => first.has(key)),
      );
    },
    2,
  ),
  $setIsSubset: binary('$setIsSubset', (a, b, compiler) => {
    const whole = asSet('$setIsSubset', b, compiler);
    return [...asSet('$setIsSubset', a, compiler).keys()].every((key) => whole.has(key));
  }),
  $allElementsTrue: unary('$allElementsTrue', (value) => elements('$allElementsTrue', value).every(isTruthy)),
  $anyElementTrue: unary('$anyElementTrue', (value) => elements('$anyElementTrue', value).some(isTruthy)),
};
