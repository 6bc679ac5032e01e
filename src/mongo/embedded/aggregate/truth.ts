import { toNumber } from '../bson/number.js';
import { isNumeric, Opaque, type Value } from '../bson/value.js';

/** What counts as true: everything but false, 0, null, undefined and what is missing. */
export function isTruthy(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (isNumeric(value)) return toNumber(value) !== 0;
  return !(value instanceof Opaque && value.type === 6);
}

export function isNullish(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null || (value instanceof Opaque && value.type === 6);
}
