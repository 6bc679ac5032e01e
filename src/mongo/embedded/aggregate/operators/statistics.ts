import { Decimal128, Double } from 'bson';
import { compareValues } from '../../bson/compare.js';
import { decimalQuotient } from '../../bson/decimal.js';
import { toNumber } from '../../bson/number.js';
import { isNumeric, type Value } from '../../bson/value.js';
import { Sum } from '../sum.js';
import { isNullish } from '../truth.js';
import { type Compiler, type OperatorTable, variadic } from './contract.js';

/** The sum of the numbers among the values; others are ignored. */
export function sumOf(values: Iterable<Value | undefined>): Value {
  const sum = new Sum();
  for (const value of values) if (value !== undefined && isNumeric(value)) sum.add(value);
  return sum.total;
}

export function averageOf(values: Iterable<Value | undefined>): Value {
  const sum = new Sum();
  let count = 0;
  for (const value of values) {
    if (value === undefined || !isNumeric(value)) continue;
    sum.add(value);
    count += 1;
  }
  if (count === 0) return null;
  const { total } = sum;
  return total instanceof Decimal128 ? decimalQuotient(total, count) : new Double(toNumber(total) / count);
}

/** The smallest (or with -1 greatest) value that is not null; null when there is none. */
export function extremeOf(
  values: Iterable<Value | undefined>,
  direction: 1 | -1,
  { context }: Compiler,
): Value {
  let extreme: Value = null;
  for (const value of values) {
    if (isNullish(value)) continue;
    if (extreme === null || compareValues(value, extreme, context.strings) * direction < 0) extreme = value;
  }
  return extreme;
}

/** As expressions, these take several arguments or one array. */
function spread(values: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  const [only] = values;
  return values.length === 1 && Array.isArray(only) ? only : values;
}

export const statisticsOperators: OperatorTable = {
  $sum: variadic('$sum', (values) => sumOf(spread(values))),
  $avg: variadic('$avg', (values) => averageOf(spread(values))),
  $min: variadic('$min', (values, compiler) => extremeOf(spread(values), 1, compiler)),
  $max: variadic('$max', (values, compiler) => extremeOf(spread(values), -1, compiler)),
};
