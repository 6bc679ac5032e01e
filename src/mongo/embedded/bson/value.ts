import { Binary, BSONRegExp, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';

/**
 * BSON in memory. The three number types stay apart: a `number` is always an int32, a `bigint` an int64,
 * a `Double` a double. A document is a `Map`, which keeps the order of all keys (an object would move
 * `"42"` to the front) and has no prototype.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | Double
  | Decimal128
  | string
  | Document
  | Value[]
  | Date
  | ObjectId
  | Binary
  | BSONRegExp
  | Timestamp
  | MinKey
  | MaxKey
  | Opaque;

export type Document = Map<string, Value>;

/** A value of a deprecated type (undefined, DBPointer, code, symbol): kept and compared as bytes. */
export class Opaque {
  constructor(
    readonly type: number,
    readonly bytes: Buffer,
  ) {}
}

/** A document that is already BSON. Only replies hold them. */
export class RawDocument {
  constructor(readonly raw: Buffer) {}
}

/** What the encoder takes: values, and raw documents anywhere among them. */
export type Encodable = Value | RawDocument | Encodable[] | Map<string, Encodable>;

export type Numeric = number | bigint | Double | Decimal128;

export function isNumeric(value: Value | undefined): value is Numeric {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Double ||
    value instanceof Decimal128
  );
}

/** A document or reply from plain literals; `undefined` fields are left out. */
export function document<T extends Encodable = Value>(
  fields: Readonly<Record<string, T | undefined>>,
): Map<string, T> {
  const result = new Map<string, T>();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) result.set(name, value);
  return result;
}

/** Numbers and aliases of the types, as `$type` takes them and gives them back. */
export const TYPE_ALIASES: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const ALIAS_OF = new Map(Object.entries(TYPE_ALIASES).map(([alias, type]) => [type, alias]));

/** The BSON type number of a value; -1 for MinKey, as in the shell. */
export function typeOf(value: Value): number {
  if (value === null) return 10;
  switch (typeof value) {
    case 'string':
      return 2;
    case 'number':
      return 16;
    case 'bigint':
      return 18;
    case 'boolean':
      return 8;
  }
  if (value instanceof Map) return 3;
  if (Array.isArray(value)) return 4;
  if (value instanceof ObjectId) return 7;
  if (value instanceof Date) return 9;
  if (value instanceof Double) return 1;
  if (value instanceof Binary) return 5;
  if (value instanceof Timestamp) return 17;
  if (value instanceof Decimal128) return 19;
  if (value instanceof BSONRegExp) return 11;
  if (value instanceof MinKey) return -1;
  if (value instanceof MaxKey) return 127;
  return value.type;
}

/** The alias of a value's type: `int`, `string`, …; `missing` where there is none. */
export function typeName(value: Value | undefined): string {
  return value === undefined ? 'missing' : (ALIAS_OF.get(typeOf(value)) ?? 'unknown');
}
