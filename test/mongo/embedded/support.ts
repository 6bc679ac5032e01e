import { deserialize, EJSON, serialize } from 'bson';
import { decode } from '../../../src/mongo/embedded/bson/decode.js';
import { encode } from '../../../src/mongo/embedded/bson/encode.js';
import type { Document, Value } from '../../../src/mongo/embedded/bson/value.js';

/** A document of the server from plain fields; `{$numberLong: "5"}` and its like give the other types. */
export function doc(fields: Record<string, unknown>): Document {
  return decode(Buffer.from(serialize(EJSON.parse(JSON.stringify(fields), { relaxed: false }) as object)));
}

/** A value of the server, as {@link doc}. */
export function value(plain: unknown): Value {
  return doc({ value: plain }).get('value') ?? null;
}

/** A document of the server as extended JSON that tells all types apart, as text that keeps the order. */
export function shown(document: Document): string {
  return EJSON.stringify(deserialize(encode(document), { promoteValues: false }), { relaxed: false });
}
