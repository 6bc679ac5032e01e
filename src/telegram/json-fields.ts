import { ApiError, badRequest } from './api-error.js';

/**
 * Typed access to JSON that came as an argument. Strings may be numbers and numbers may be strings, but
 * an explicit null counts as present and fails.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

/** A field of the wrong type. Callers put the name of the thing that they were reading before it. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

/** @throws ApiError `can't parse <what> JSON object` */
export function parseJsonParam(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`can't parse ${what} JSON object`);
  }
}

/** Runs `read` and turns its {@link FieldError} into `can't parse <what>: <why>`. */
export function parsing<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldError) throw badRequest(`can't parse ${what}: ${error.message}`);
    throw error;
  }
}

/** Runs `read` and turns its {@link FieldError} into the same words alone, as the official server says them. */
export function plainly<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldError) throw badRequest(error.message.replace(/^[CF]/, (c) => c.toLowerCase()));
    throw error;
  }
}

/** What another reader of arguments says becomes a part of what is said about the whole. @throws FieldError */
export function asField<T>(read: () => T, before = ''): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const why = error.description.replace(/^Bad Request: /, '');
    throw new FieldError(`${before}${why.charAt(0).toUpperCase()}${why.slice(1)}`);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function stringField(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new FieldError(`Field "${name}" must be of type String`);
}

export function requiredStringField(object: JsonObject, name: string): string {
  const value = stringField(object, name);
  if (value === undefined) throw new FieldError(`Can't find field "${name}"`);
  return value;
}

export function integerField(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw new FieldError(`Field "${name}" must be a Number`);
  }
  const number = typeof value === 'number' ? value : /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new FieldError(`Field "${name}" must be a valid Number`);
  return number;
}

export function requiredIntegerField(object: JsonObject, name: string): number {
  const value = integerField(object, name);
  if (value === undefined) throw new FieldError(`Can't find field "${name}"`);
  return value;
}

export function booleanField(object: JsonObject, name: string): boolean | undefined {
  const value = object[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw new FieldError(`Field "${name}" must be of type Boolean`);
}

export function arrayField(object: JsonObject, name: string): readonly unknown[] | undefined {
  const value = object[name];
  if (value === undefined || Array.isArray(value)) return value;
  throw new FieldError(`Field "${name}" must be of type Array`);
}

export function objectField(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name];
  if (value === undefined || isObject(value)) return value;
  throw new FieldError(`Field "${name}" must be of type Object`);
}
