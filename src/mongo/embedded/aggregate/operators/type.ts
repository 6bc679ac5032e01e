import { Decimal128, Double, ObjectId, Timestamp } from 'bson';
import { toDecimal } from '../../bson/decimal.js';
import { asLong, toNumber } from '../../bson/number.js';
import { isNumeric, type Numeric, TYPE_ALIASES, typeName, type Value } from '../../bson/value.js';
import { ServerError } from '../../errors.js';
import { isNullish, isTruthy } from '../truth.js';
import { compileFields, type OperatorCompiler, type OperatorTable, unary } from './contract.js';

type Conversion = (value: Value) => Value;

function failure(value: Value, target: string): ServerError {
  return new ServerError(
    241,
    `Unsupported conversion from ${typeName(value)} to ${target} in $convert with no onError value`,
  );
}

function overflow(value: Numeric): ServerError {
  return new ServerError(
    241,
    `Conversion would overflow target type in $convert with no onError value: ${value}`,
  );
}

/** The text of a value, as `$toString` gives it. */
export function stringFrom(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Double) return doubleText(value.value);
  if (isNumeric(value)) return value.toString();
  throw failure(value, 'string');
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return Object.is(value, -0) ? '-0' : String(value);
}

function integerFrom(bits: 32 | 64): Conversion {
  const target = bits === 32 ? 'int' : 'long';
  return (value) => {
    if (typeof value === 'boolean') return fitting(value ? 1n : 0n, bits, 0);
    if (value instanceof Date && bits === 64) return BigInt(value.getTime());
    if (typeof value === 'string') {
      if (!/^[+-]?\d+$/.test(value))
        throw new ServerError(241, `Failed to parse number '${value}' in $convert with no onError value`);
      return fitting(BigInt(value.replace(/^\+/, '')), bits, 0);
    }
    if (!isNumeric(value)) throw failure(value, target);
    if (typeof value === 'number' || typeof value === 'bigint') return fitting(BigInt(value), bits, value);
    const number = toNumber(value);
    if (!Number.isFinite(number)) throw overflow(value);
    if (value instanceof Decimal128 && !Number.isSafeInteger(Math.trunc(number))) throw overflow(value);
    return fitting(BigInt(Math.trunc(number)), bits, value);
  };
}

function fitting(whole: bigint, bits: 32 | 64, original: Numeric): Value {
  if (BigInt.asIntN(bits, whole) !== whole) throw overflow(original);
  return bits === 32 ? Number(whole) : (asLong(whole) ?? whole);
}

const toDouble: Conversion = (value) => {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0);
  if (value instanceof Date) return new Double(value.getTime());
  if (isNumeric(value)) return new Double(toNumber(value));
  if (typeof value !== 'string') throw failure(value, 'double');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(Infinity|NaN)$/.test(value)) {
    throw new ServerError(241, `Failed to parse number '${value}' in $convert with no onError value`);
  }
  return new Double(Number(value));
};

const toDecimal128: Conversion = (value) => {
  if (typeof value === 'boolean') return toDecimal(value ? 1 : 0);
  if (isNumeric(value)) return toDecimal(value);
  if (typeof value !== 'string') throw failure(value, 'decimal');
  try {
    return Decimal128.fromStringWithRounding(value);
  } catch {
    throw new ServerError(241, `Failed to parse number '${value}' in $convert with no onError value`);
  }
};

/** ISO 8601 with a time zone or in UTC; other forms are refused rather than guessed. */
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

const toDate: Conversion = (value) => {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  const ms =
    typeof value === 'string' && ISO_DATE.test(value)
      ? Date.parse(/T/.test(value) && !/(?:Z|[+-]\d{2}:\d{2})$/.test(value) ? `${value}Z` : value)
      : isNumeric(value) && typeof value !== 'number'
        ? Math.trunc(toNumber(value))
        : Number.NaN;
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw failure(value, 'date');
  return date;
};

const toObjectId: Conversion = (value) => {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw failure(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value)) {
    throw new ServerError(241, `Failed to parse objectId '${value}' in $convert with no onError value`);
  }
  return new ObjectId(value);
};

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  double: toDouble,
  string: stringFrom,
  objectId: toObjectId,
  bool: (value) => isTruthy(value),
  date: toDate,
  int: integerFrom(32),
  long: integerFrom(64),
  decimal: toDecimal128,
};

function converting(name: string, target: string): OperatorCompiler {
  const conversion = CONVERSIONS[target];
  return unary(name, (value) => (isNullish(value) ? null : (conversion?.(value) ?? null)));
}

function conversionTo(target: Value): Conversion {
  const alias = isNumeric(target)
    ? Object.keys(TYPE_ALIASES).find((name) => TYPE_ALIASES[name] === toNumber(target))
    : target;
  const conversion = typeof alias === 'string' ? CONVERSIONS[alias] : undefined;
  if (conversion === undefined) throw new ServerError(2, `Unknown type name in $convert: ${String(alias)}`);
  return conversion;
}

const convert: OperatorCompiler = (operand, compiler) => {
  const fields = compileFields('$convert', operand, compiler, ['input', 'to'], ['onError', 'onNull']);
  return (frame) => {
    const input = fields.get('input')?.(frame);
    const target = fields.get('to')?.(frame);
    if (isNullish(target)) return null;
    if (isNullish(input)) return fields.has('onNull') ? fields.get('onNull')?.(frame) : null;
    const conversion = conversionTo(target);
    try {
      return conversion(input);
    } catch (error) {
      if (fields.has('onError') && error instanceof ServerError) return fields.get('onError')?.(frame);
      throw error;
    }
  };
};

export const typeOperators: OperatorTable = {
  $type: unary('$type', (value) => typeName(value)),
  $isNumber: unary('$isNumber', (value) => value !== undefined && isNumeric(value)),
  $convert: convert,
  $toBool: converting('$toBool', 'bool'),
  $toDate: converting('$toDate', 'date'),
  $toDecimal: converting('$toDecimal', 'decimal'),
  $toDouble: converting('$toDouble', 'double'),
  $toInt: converting('$toInt', 'int'),
  $toLong: converting('$toLong', 'long'),
  $toObjectId: converting('$toObjectId', 'objectId'),
  $toString: converting('$toString', 'string'),
};
