import { Binary, BSONRegExp, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { compareExact, exactDecimal, exactKey } from './decimal.js';
import { type Document, isNumeric, type Numeric, Opaque, type Value } from './value.js';

/** Compares two strings; a collation replaces the default, which is by bytes. */
export type CompareStrings = (a: string, b: string) => number;

/** The order of the types among each other. Values of one rank are compared by value. */
export function typeRank(value: Value | undefined): number {
  if (value === undefined) return 0;
  if (value === null) return 5;
  if (typeof value === 'number' || typeof value === 'bigint') return 10;
  if (typeof value === 'string') return 15;
  if (typeof value === 'boolean') return 40;
  if (value instanceof Map) return 20;
  if (Array.isArray(value)) return 25;
  if (value instanceof Double || value instanceof Decimal128) return 10;
  if (value instanceof Binary) return 30;
  if (value instanceof ObjectId) return 35;
  if (value instanceof Date) return 45;
  if (value instanceof Timestamp) return 47;
  if (value instanceof BSONRegExp) return 50;
  if (value instanceof MinKey) return -1;
  if (value instanceof MaxKey) return 127;
  return OPAQUE_RANK[value.type] ?? 65;
}

/** undefined, DBPointer, code, symbol, code with scope. */
const OPAQUE_RANK: Readonly<Record<number, number>> = { 6: 0, 12: 55, 13: 60, 14: 15, 15: 65 };

/** MongoDB's order over all values; `undefined` is a missing value, below null. */
export function compareValues(
  a: Value | undefined,
  b: Value | undefined,
  strings: CompareStrings = compareBytewise,
): number {
  if (typeof a === 'string' && typeof b === 'string') return strings(a, b);
  const rank = typeRank(a);
  const difference = rank - typeRank(b);
  if (difference !== 0) return difference;
  if (a === undefined || b === undefined || a === null || b === null) return 0;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (a instanceof Map && b instanceof Map) return compareDocuments(a, b, strings);
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b, strings);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (a instanceof ObjectId && b instanceof ObjectId) return Buffer.compare(a.id, b.id);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Binary && b instanceof Binary) return compareBinaries(a, b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.t - b.t || a.i - b.i;
  if (a instanceof BSONRegExp && b instanceof BSONRegExp) {
    return compareBytewise(a.pattern, b.pattern) || compareBytewise(a.options, b.options);
  }
  if (a instanceof Opaque && b instanceof Opaque) return Buffer.compare(a.bytes, b.bytes);
  return a instanceof Opaque ? 1 : b instanceof Opaque ? -1 : 0;
}

export function equalValues(a: Value | undefined, b: Value | undefined, strings?: CompareStrings): boolean {
  return compareValues(a, b, strings) === 0;
}

export function compareNumbers(a: Numeric, b: Numeric): number {
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    const left = exactDecimal(a);
    const right = exactDecimal(b);
    if (typeof left === 'number' || typeof right === 'number') {
      return comparePlain(finiteAsZero(left), finiteAsZero(right));
    }
    return compareExact(left, right);
  }
  return comparePlain(a instanceof Double ? a.value : a, b instanceof Double ? b.value : b);
}

/** Beside an infinity or NaN every finite number counts the same. */
function finiteAsZero(value: number | object): number {
  return typeof value === 'number' ? value : 0;
}

/** JavaScript compares bigints with numbers exactly. NaN equals itself and is below all numbers. */
function comparePlain(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  const leftIsNumber = !Number.isNaN(a);
  const rightIsNumber = !Number.isNaN(b);
  return Number(leftIsNumber) - Number(rightIsNumber);
}

export function compareBytewise(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    // Behind the surrogates, the order of UTF-16 is not the order of UTF-8.
    if (left >= 0xd800 && right >= 0xd800) return Buffer.compare(Buffer.from(a), Buffer.from(b));
    return left - right;
  }
  return a.length - b.length;
}

function compareDocuments(a: Document, b: Document, strings: CompareStrings): number {
  const others = b.entries();
  for (const [name, value] of a) {
    const next = others.next();
    if (next.done === true) return 1;
    const [otherName, otherValue] = next.value;
    const difference =
      typeRank(value) - typeRank(otherValue) ||
      compareBytewise(name, otherName) ||
      compareValues(value, otherValue, strings);
    if (difference !== 0) return difference;
  }
  return others.next().done === true ? 0 : -1;
}

function compareArrays(a: readonly Value[], b: readonly Value[], strings: CompareStrings): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = compareValues(a[at], b[at], strings);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareBinaries(a: Binary, b: Binary): number {
  return (
    a.position - b.position ||
    a.sub_type - b.sub_type ||
    Buffer.compare(a.buffer.subarray(0, a.position), b.buffer.subarray(0, b.position))
  );
}

/**
 * A text that two values share exactly when they are equal: for `_id`s, indexes, groups and sets. A
 * collation gives `stringKey`, which maps strings that it holds equal to one of them.
 */
export function canonicalKey(value: Value | undefined, stringKey?: (text: string) => string): string {
  if (typeof value === 'string') {
    const text = stringKey === undefined ? value : stringKey(value);
    return `s${text.length}:${text}`;
  }
  if (value === undefined) return 'm';
  if (value === null) return 'z';
  if (isNumeric(value)) return `n${numberKey(value)};`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value instanceof ObjectId) return `i${value.toHexString()}`;
  if (value instanceof Date) return `d${value.getTime()};`;
  if (value instanceof Map) {
    let key = '{';
    for (const [name, inner] of value) key += `${name.length}:${name}${canonicalKey(inner, stringKey)}`;
    return `${key}}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalKey(item, stringKey)).join('')}]`;
  if (value instanceof Binary) {
    return `b${value.sub_type},${Buffer.from(value.buffer.subarray(0, value.position)).toString('base64')};`;
  }
  if (value instanceof Timestamp) return `p${value.t},${value.i};`;
  if (value instanceof BSONRegExp) return `r${value.pattern.length}:${value.pattern}/${value.options};`;
  if (value instanceof MinKey) return '<';
  if (value instanceof MaxKey) return '>';
  return `o${value.type},${value.bytes.toString('base64')};`;
}

function numberKey(value: Numeric): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Double) {
    if (!Number.isInteger(value.value)) return String(value.value);
    return Object.is(value.value, -0) ? '0' : String(BigInt(value.value));
  }
  const exact = exactDecimal(value);
  if (typeof exact === 'number') return String(exact);
  const nearest = Number(value.toString());
  const same = exactDecimal(new Double(nearest));
  // A decimal that a double can hold has the double's key; one that none can hold has its own.
  if (typeof same !== 'number' && compareExact(same, exact) === 0) return numberKey(new Double(nearest));
  return exact.exponent >= 0
    ? String(exact.coefficient * 10n ** BigInt(exact.exponent))
    : `D${exactKey(exact)}`;
}
