import { Decimal128, Double } from 'bson';
import { decimalArithmetic } from './decimal.js';
import type { Numeric } from './value.js';

export function toNumber(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Double ? value.value : Number(value.toString());
}

/** The smallest integer type, from int32 on, that holds the number; `undefined` beyond int64. */
export function integer(value: bigint): number | bigint | undefined {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  return asLong(value);
}

/** The number as int64; `undefined` when it does not fit. */
export function asLong(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/**
 * Adds, subtracts or multiplies with the wider type of the two as result: int32 < int64 < double <
 * decimal128. An int32 result that does not fit becomes an int64; `undefined` is an int64 overflow.
 */
export function arithmetic(operator: '+' | '-' | '*', a: Numeric, b: Numeric): Numeric | undefined {
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimalArithmetic(operator, a, b);
  if (a instanceof Double || b instanceof Double) {
    const x = toNumber(a);
    const y = toNumber(b);
    return new Double(operator === '+' ? x + y : operator === '-' ? x - y : x * y);
  }
  const x = BigInt(a);
  const y = BigInt(b);
  const result = operator === '+' ? x + y : operator === '-' ? x - y : x * y;
  return typeof a === 'bigint' || typeof b === 'bigint' ? asLong(result) : integer(result);
}
