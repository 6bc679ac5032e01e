import { badRequest } from './api-error.js';
import type { Params } from './contracts.js';

/**
 * How the official server reads its arguments, which are all strings: leniently. The stricter rules for
 * values inside JSON are in `json-fields.ts`.
 */

export const INT32_MAX = 2_147_483_647;

/** Leading `-` and digits; anything else is 0. `12abc` is 12, `1.9` is 1, `abc` is 0. */
export function leadingInteger(text: string): number {
  const match = /^-?\d+/.exec(text);
  return match === null ? 0 : Number(match[0]);
}

export interface IntegerRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** Missing or empty: the fallback. Everything else is read leniently and clamped, never an error. */
export function integerParam(params: Params, name: string, range: IntegerRange): number {
  const text = params.get(name);
  if (text === undefined || text === '') return range.fallback;
  return Math.min(Math.max(leadingInteger(text), range.min), range.max);
}

/** `true`, `yes` and `1` in any case; all else is false. */
export function booleanParam(params: Params, name: string): boolean {
  const text = params.get(name);
  return text !== undefined && /^\s*(?:true|yes|1)\s*$/i.test(text);
}

/** Empty, garbage and negative ids count as "not given": 0. */
export function messageIdParam(params: Params, name = 'message_id'): number {
  return integerParam(params, name, { fallback: 0, min: 0, max: INT32_MAX });
}

/** @throws ApiError when the id is not a positive number. */
export function userIdParam(params: Params, name = 'user_id'): number {
  const id = leadingInteger(params.get(name) ?? '');
  if (id <= 0) throw badRequest('invalid user_id specified');
  return id;
}

/** @throws ApiError when the argument is missing or empty. */
export function requiredParam(params: Params, name: string): string {
  const text = params.get(name);
  if (text === undefined || text === '') throw badRequest(`parameter "${name}" is required`);
  return text;
}
