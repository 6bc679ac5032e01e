import { Decimal128, Double } from 'bson';
import { decimalQuotient, type ExactDecimal, exactDecimal } from '../../bson/decimal.js';
import { arithmetic, asLong, integer, toNumber } from '../../bson/number.js';
import { isNumeric, type Numeric, typeName, type Value } from '../../bson/value.js';
import { notImplemented, ServerError } from '../../errors.js';
import { Sum } from '../sum.js';
import { isNullish } from '../truth.js';
import { binary, type OperatorCompiler, type OperatorTable, unary, variadic } from './contract.js';

function numberFor(name: string, value: Value): Numeric {
  if (!isNumeric(value))
    throw new ServerError(28765, `${name} only supports numeric types, not ${typeName(value)}`);
  return value;
}

function withoutDecimal(name: string, value: Numeric): Exclude<Numeric, Decimal128> {
  if (value instanceof Decimal128) throw notImplemented(`${name} of a Decimal128`);
  return value;
}

/** One argument that must be a number; null gives null. */
function numeric(name: string, apply: (value: Numeric) => Numeric): OperatorCompiler {
  return unary(name, (value) => (isNullish(value) ? null : apply(numberFor(name, value))));
}

/** A function on doubles. */
function real(
  name: string,
  apply: (value: number) => number,
  isValid: (value: number) => boolean = () => true,
): OperatorCompiler {
  return numeric(name, (value) => {
    const plain = toNumber(withoutDecimal(name, value));
    if (!isValid(plain)) throw new ServerError(28766, `${name}'s argument is out of range: ${plain}`);
    return new Double(apply(plain));
  });
}

/** Sums numbers, or a date and numbers of milliseconds. */
function add(values: readonly (Value | undefined)[]): Value {
  const sum = new Sum();
  let date: Date | undefined;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (value instanceof Date) {
      if (date !== undefined) throw new ServerError(16612, 'only one date allowed in an $add expression');
      date = value;
    } else if (isNumeric(value)) sum.add(value);
    else throw new ServerError(14, `$add only supports numeric or date types, not ${typeName(value)}`);
  }
  return date === undefined ? sum.total : dateAt(date.getTime() + Math.round(toNumber(sum.total)));
}

function dateAt(ms: number): Date {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new ServerError(2, 'date overflow');
  return date;
}

function subtract(a: Value | undefined, b: Value | undefined): Value {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date) {
    if (b instanceof Date) return BigInt(a.getTime() - b.getTime());
    if (isNumeric(b)) return dateAt(a.getTime() - Math.round(toNumber(b)));
  }
  if (isNumeric(a) && isNumeric(b)) return arithmetic('-', a, b) ?? new Double(toNumber(a) - toNumber(b));
  throw new ServerError(14, `can't $subtract ${typeName(b)} from ${typeName(a)}`);
}

function multiply(values: readonly (Value | undefined)[]): Value {
  let product: Numeric = 1;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (!isNumeric(value))
      throw new ServerError(14, `$multiply only supports numeric types, not ${typeName(value)}`);
    product = arithmetic('*', product, value) ?? new Double(toNumber(product) * toNumber(value));
  }
  return product;
}

function divide(a: Value | undefined, b: Value | undefined): Value {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumeric(a) || !isNumeric(b)) {
    throw new ServerError(14, `$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  }
  if (toNumber(b) === 0) throw new ServerError(2, "can't $divide by zero");
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimalQuotient(a, b);
  return new Double(toNumber(a) / toNumber(b));
}

function modulo(a: Value | undefined, b: Value | undefined): Value {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumeric(a) || !isNumeric(b)) {
    throw new ServerError(16611, `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  }
  const left = withoutDecimal('$mod', a);
  const right = withoutDecimal('$mod', b);
  if (toNumber(right) === 0) throw new ServerError(16610, "can't $mod by zero");
  if (left instanceof Double || right instanceof Double) return new Double(toNumber(left) % toNumber(right));
  const rest = BigInt(left) % BigInt(right);
  return typeof left === 'bigint' || typeof right === 'bigint' ? rest : Number(rest);
}

function power(a: Value | undefined, b: Value | undefined): Value {
  if (isNullish(a) || isNullish(b)) return null;
  const base = withoutDecimal('$pow', numberFor('$pow', a));
  const exponent = withoutDecimal('$pow', numberFor('$pow', b));
  if (toNumber(base) === 0 && toNumber(exponent) < 0)
    throw new ServerError(28764, '$pow cannot take a base of 0 and a negative exponent');
  const result = toNumber(base) ** toNumber(exponent);
  if (base instanceof Double || exponent instanceof Double || toNumber(exponent) < 0)
    return new Double(result);
  if (Math.abs(result) >= 2 ** 64) return new Double(result);
  const exact = BigInt(base) ** BigInt(exponent);
  const long = typeof base === 'bigint' || typeof exponent === 'bigint';
  return (long ? asLong(exact) : integer(exact)) ?? new Double(result);
}

/** Rounds to `place` decimal digits, half to even or toward zero, on the exact value. */
function roundAt(place: number, truncate: boolean, exact: ExactDecimal): ExactDecimal {
  const dropped = -place - exact.exponent;
  if (dropped <= 0) return exact;
  const unit = 10n ** BigInt(dropped);
  const whole = exact.coefficient / unit;
  const twice = 2n * (exact.coefficient - whole * unit);
  const magnitude = twice < 0n ? -twice : twice;
  const up = !truncate && (magnitude > unit || (magnitude === unit && whole % 2n !== 0n));
  return { coefficient: up ? whole + (exact.coefficient < 0n ? -1n : 1n) : whole, exponent: -place };
}

function rounding(name: string, truncate: boolean): OperatorCompiler {
  return variadic(
    name,
    ([value, place = 0]) => {
      if (isNullish(value) || isNullish(place)) return null;
      const number = numberFor(name, value);
      const digits = toNumber(numberFor(name, place));
      if (!Number.isInteger(digits) || digits < -20 || digits > 100) {
        throw new ServerError(
          51083,
          `cannot apply ${name} with precision value ${digits} value must be in [-20, 100]`,
        );
      }
      const exact = exactDecimal(number);
      if (typeof exact === 'number') return number;
      const rounded = roundAt(digits, truncate, exact);
      if (number instanceof Decimal128)
        return Decimal128.fromStringWithRounding(`${rounded.coefficient}E${rounded.exponent}`);
      if (number instanceof Double) return new Double(Number(`${rounded.coefficient}e${rounded.exponent}`));
      const result = rounded.coefficient * 10n ** BigInt(Math.max(rounded.exponent, 0));
      const fitting = typeof number === 'bigint' ? asLong(result) : integer(result);
      if (fitting === undefined) throw new ServerError(51080, `invalid conversion from ${name} result`);
      return fitting;
    },
    1,
    2,
  );
}

/** `$floor` and `$ceil`: integers stay as they are. */
function toward(name: string, apply: (value: number) => number): OperatorCompiler {
  return numeric(name, (value) => {
    const plain = withoutDecimal(name, value);
    return plain instanceof Double ? new Double(apply(plain.value)) : plain;
  });
}

export const arithmeticOperators: OperatorTable = {
  $add: variadic('$add', add),
  $subtract: binary('$subtract', subtract),
  $multiply: variadic('$multiply', multiply),
  $divide: binary('$divide', divide),
  $mod: binary('$mod', modulo),
  $pow: binary('$pow', power),
  $abs: numeric('$abs', (value) => {
    const plain = withoutDecimal('$abs', value);
    if (plain instanceof Double) return new Double(Math.abs(plain.value));
    const magnitude = BigInt(plain) < 0n ? -BigInt(plain) : BigInt(plain);
    const result = typeof plain === 'bigint' ? asLong(magnitude) : integer(magnitude);
    if (result === undefined) throw new ServerError(28680, "can't take $abs of long long min");
    return result;
  }),
  $ceil: toward('$ceil', Math.ceil),
  $floor: toward('$floor', Math.floor),
  $round: rounding('$round', false),
  $trunc: rounding('$trunc', true),
  $sqrt: real('$sqrt', Math.sqrt, (value) => !(value < 0)),
  $exp: real('$exp', Math.exp),
  $ln: real('$ln', Math.log, (value) => !(value <= 0)),
  $log10: real('$log10', Math.log10, (value) => !(value <= 0)),
};
