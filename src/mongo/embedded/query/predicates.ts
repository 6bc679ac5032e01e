import { Binary, BSONRegExp, Decimal128, Double, MaxKey, MinKey } from 'bson';
import { compareValues, equalValues, typeRank } from '../bson/compare.js';
import { isNumeric, type Numeric, TYPE_ALIASES, typeOf, type Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from './context.js';
import { compileBsonRegex } from './regex.js';

/** Tests one value, `undefined` being a missing one. Going through arrays is done by the caller. */
export type Predicate = (value: Value | undefined) => boolean;

/** `{field: value}` and `$eq`: null equals a missing field. */
export function equalTo(operand: Value, { strings }: QueryContext): Predicate {
  if (operand === null) return (value) => value === undefined || value === null;
  return (value) => value !== undefined && equalValues(value, operand, strings);
}

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

const HOLDS: Readonly<Record<Comparison, (difference: number) => boolean>> = {
  $gt: (difference) => difference > 0,
  $gte: (difference) => difference >= 0,
  $lt: (difference) => difference < 0,
  $lte: (difference) => difference <= 0,
};

/** `$gt` and its like compare within one type only. */
export function comparedTo(operator: Comparison, operand: Value, { strings }: QueryContext): Predicate {
  if (operand instanceof BSONRegExp) {
    throw new ServerError(2, `Can't have RegEx as arg to predicate over field '${operator}'.`);
  }
  const rank = typeRank(operand);
  const holds = HOLDS[operator];
  const orEqual = operator === '$gte' || operator === '$lte';
  // Everything is above MinKey and below MaxKey, whatever its type.
  const matchesOthers =
    operand instanceof MinKey
      ? operator.startsWith('$gt')
      : operand instanceof MaxKey && operator.startsWith('$lt');
  return (value) => {
    if (value === undefined) return matchesOthers || (operand === null && orEqual);
    if (typeRank(value) !== rank) return matchesOthers;
    if (isNaNValue(value) || isNaNValue(operand)) return orEqual && isNaNValue(value) && isNaNValue(operand);
    return holds(compareValues(value, operand, strings));
  };
}

function isNaNValue(value: Value): boolean {
  return (
    (value instanceof Double && Number.isNaN(value.value)) ||
    (value instanceof Decimal128 && value.toString() === 'NaN')
  );
}

/** A regular expression matches strings, and regular expressions that are the same. */
export function matchingRegex(regex: BSONRegExp): Predicate {
  const compiled = compileBsonRegex(regex);
  return (value) =>
    typeof value === 'string'
      ? compiled.test(value)
      : value instanceof BSONRegExp && equalValues(value, regex);
}

/** `$in`: equality with one of many; regular expressions among them match. */
export function oneOf(operand: Value, context: QueryContext, operator: string): Predicate {
  if (!Array.isArray(operand)) throw new ServerError(2, `${operator} needs an array`);
  const regexes: Predicate[] = [];
  const keys = new Set<string>();
  for (const item of operand) {
    if (item instanceof BSONRegExp) regexes.push(matchingRegex(item));
    else if (item instanceof Map && [...item.keys()][0]?.startsWith('$') === true && !item.has('$ref')) {
      throw new ServerError(2, `cannot nest $ under ${operator}`);
    } else keys.add(context.keyOf(item));
  }
  const withNull = operand.includes(null);
  return (value) => {
    if (value === undefined) return withNull;
    return keys.has(context.keyOf(value)) || regexes.some((test) => test(value));
  };
}

/** `$type` with numbers, aliases and `number`. */
export function ofType(operand: Value): Predicate {
  const wanted = new Set<number>();
  for (const item of Array.isArray(operand) ? operand : [operand]) {
    if (item === 'number') for (const type of [1, 16, 18, 19]) wanted.add(type);
    else wanted.add(typeNumber(item));
  }
  if (wanted.size === 0) throw new ServerError(9, '$type must match at least one type');
  return (value) => value !== undefined && wanted.has(typeOf(value));
}

function typeNumber(item: Value): number {
  if (typeof item === 'string') {
    const type = TYPE_ALIASES[item];
    if (type === undefined) throw new ServerError(2, `Unknown type name alias: ${item}`);
    return type;
  }
  const type = isNumeric(item) ? Number(item.valueOf()) : Number.NaN;
  if (!Object.values(TYPE_ALIASES).includes(type))
    throw new ServerError(2, `Invalid numerical type code: ${type}`);
  return type;
}

/** `$mod: [divisor, remainder]` on whole parts. */
export function withRemainder(operand: Value): Predicate {
  if (!Array.isArray(operand) || operand.length !== 2) {
    throw new ServerError(
      2,
      `malformed mod, ${Array.isArray(operand) && operand.length > 2 ? 'too many' : 'not enough'} elements`,
    );
  }
  const [divisor, remainder] = operand.map((item) => (isNumeric(item) ? wholePart(item) : undefined));
  if (divisor === undefined || remainder === undefined)
    throw new ServerError(2, 'malformed mod, operands are not numbers');
  if (divisor === 0n) throw new ServerError(2, 'divisor cannot be 0');
  return (value) => {
    const whole = value !== undefined && isNumeric(value) ? wholePart(value) : undefined;
    return whole !== undefined && whole % divisor === remainder;
  };
}

/** The number without its fraction; `undefined` for NaN and the infinities. */
export function wholePart(value: Numeric): bigint | undefined {
  if (typeof value === 'bigint') return value;
  const plain = value instanceof Decimal128 ? Number(value.toString()) : value.valueOf();
  return Number.isFinite(plain) ? BigInt(Math.trunc(plain)) : undefined;
}

export type BitTest = '$bitsAllSet' | '$bitsAnySet' | '$bitsAllClear' | '$bitsAnyClear';

/** The bit tests on whole numbers and binary data; the mask may be a number, binary data or positions. */
export function withBits(operator: BitTest, operand: Value): Predicate {
  const mask = bitMask(operator, operand);
  return (value) => {
    const bits = value === undefined ? undefined : bitsOf(value);
    if (bits === undefined) return false;
    const set = bits & mask;
    if (operator === '$bitsAllSet') return set === mask;
    if (operator === '$bitsAnySet') return set !== 0n;
    return operator === '$bitsAllClear' ? set === 0n : set !== mask;
  };
}

/** Positions beyond this are refused: they would make huge masks. */
const MAX_BIT_POSITION = 100_000n;

function bitMask(operator: string, operand: Value): bigint {
  if (Array.isArray(operand)) {
    return operand.reduce<bigint>((mask, item) => {
      const position = isNumeric(item) ? wholePart(item) : undefined;
      if (position === undefined || position < 0n)
        throw new ServerError(2, `bit positions of ${operator} must be integers >= 0`);
      if (position > MAX_BIT_POSITION)
        throw new ServerError(2, `bit position ${position} of ${operator} is too large`);
      return mask | (1n << position);
    }, 0n);
  }
  const bits = bitsOf(operand);
  if (bits === undefined || (isNumeric(operand) && bits < 0n)) {
    throw new ServerError(2, `${operator} takes an Array, a number, or a BinData`);
  }
  return bits;
}

/** Negative numbers are sign-extended without end, as bigints are. */
function bitsOf(value: Value): bigint | undefined {
  if (value instanceof Binary) {
    const bytes = Buffer.from(value.buffer.subarray(0, value.position)).reverse();
    return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
  }
  if (!isNumeric(value)) return undefined;
  const whole = wholePart(value);
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole) return undefined;
  if (value instanceof Double && !Number.isInteger(value.value)) return undefined;
  return whole;
}
