import { Decimal128, Double } from 'bson';
import type { Numeric } from './value.js';

/** A finite number without loss: `coefficient` x 10^`exponent`. */
export interface ExactDecimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** NaN and the infinities have no exact form; they are given back as a JavaScript number. */
export function exactDecimal(value: Numeric): ExactDecimal | number {
  if (typeof value === 'bigint') return { coefficient: value, exponent: 0 };
  if (value instanceof Decimal128) return parseDecimal(value.toString());
  return fromDouble(value instanceof Double ? value.value : value);
}

function parseDecimal(text: string): ExactDecimal | number {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:E([+-]?\d+))?$/.exec(text);
  if (match === null) return Number(text);
  const [, sign, whole = '0', fraction = '', exponent = '0'] = match;
  const digits = BigInt(whole + fraction);
  return { coefficient: sign === '-' ? -digits : digits, exponent: Number(exponent) - fraction.length };
}

/** A double is an integer times a power of two, hence a finite decimal fraction. */
function fromDouble(value: number): ExactDecimal | number {
  if (!Number.isFinite(value)) return value;
  if (Number.isInteger(value)) return { coefficient: BigInt(value), exponent: 0 };
  let scaled = value;
  let halvings = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    halvings += 1;
  }
  return { coefficient: BigInt(scaled) * 5n ** BigInt(halvings), exponent: -halvings };
}

/** Both with the smaller of the two exponents. */
function aligned(a: ExactDecimal, b: ExactDecimal): readonly [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [
    a.coefficient * 10n ** BigInt(a.exponent - exponent),
    b.coefficient * 10n ** BigInt(b.exponent - exponent),
    exponent,
  ];
}

/** Compares finite numbers. */
export function compareExact(a: ExactDecimal, b: ExactDecimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** One text for all decimals of one value: `1`, `1.0` and `10E-1` share it. */
export function exactKey({ coefficient, exponent }: ExactDecimal): string {
  if (coefficient === 0n) return '0e0';
  let digits = coefficient;
  let power = exponent;
  while (digits % 10n === 0n) {
    digits /= 10n;
    power += 1;
  }
  return `${digits}e${power}`;
}

/** Adds, subtracts or multiplies; the result has at most 34 digits, as decimal128 arithmetic says. */
export function decimalArithmetic(operator: '+' | '-' | '*', left: Numeric, right: Numeric): Decimal128 {
  const a = exactOf(left);
  const b = exactOf(right);
  if (typeof a === 'number' || typeof b === 'number') {
    const x = typeof a === 'number' ? a : Math.sign(Number(a.coefficient));
    const y = typeof b === 'number' ? b : Math.sign(Number(b.coefficient));
    const result = operator === '+' ? x + y : operator === '-' ? x - y : x * y;
    return Decimal128.fromString(String(result));
  }
  if (operator === '*')
    return toDecimal128({ coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent });
  const [x, y, exponent] = aligned(a, b);
  return toDecimal128({ coefficient: operator === '+' ? x + y : x - y, exponent });
}

/** More digits than a decimal128 has, so that it can be rounded. */
const QUOTIENT_DIGITS = 36;

/** Divides as decimal128 arithmetic does: an exact quotient keeps as few zeros at its end as the operands allow. */
export function decimalQuotient(left: Numeric, right: Numeric): Decimal128 {
  const a = exactOf(left);
  const b = exactOf(right);
  if (typeof a === 'number' || typeof b === 'number' || b.coefficient === 0n) {
    const [x, y] = [a, b].map((item) => (typeof item === 'number' ? item : Number(item.coefficient)));
    return Decimal128.fromString(String((x ?? 0) / (y ?? 0)));
  }
  const wanted = QUOTIENT_DIGITS + String(b.coefficient).length - String(a.coefficient).length;
  const shift = Math.max(wanted, 0);
  const dividend = a.coefficient * 10n ** BigInt(shift);
  let coefficient = dividend / b.coefficient;
  const ideal = a.exponent - b.exponent;
  let exponent = ideal - shift;
  if (coefficient * b.coefficient === dividend) {
    while (exponent < ideal && coefficient % 10n === 0n) {
      coefficient /= 10n;
      exponent += 1;
    }
  } else {
    // What is cut off counts when it is rounded.
    coefficient = coefficient * 10n + (dividend < 0n === b.coefficient < 0n ? 1n : -1n);
    exponent -= 1;
  }
  return toDecimal128({ coefficient, exponent });
}

/** A double enters decimal arithmetic with 15 digits, as in the official server. */
function exactOf(value: Numeric): ExactDecimal | number {
  return value instanceof Double ? exactDecimal(toDecimal(value)) : exactDecimal(value);
}

/** Converts any number to decimal128. */
export function toDecimal(value: Numeric): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (!(value instanceof Double)) return Decimal128.fromString(String(value));
  if (!Number.isFinite(value.value)) return Decimal128.fromString(String(value.value));
  return Decimal128.fromString(value.value.toPrecision(15).toUpperCase().replace('E+', 'E'));
}

function toDecimal128({ coefficient, exponent }: ExactDecimal): Decimal128 {
  return Decimal128.fromStringWithRounding(`${coefficient}E${exponent}`);
}
