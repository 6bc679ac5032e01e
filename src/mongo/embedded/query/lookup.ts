import { BSONRegExp } from 'bson';
import { canonicalKey } from '../bson/compare.js';
import type { Document, Value } from '../bson/value.js';
import type { Collection } from '../storage/collection.js';
import type { StoredDocument } from '../storage/stored-document.js';
import type { Transaction } from '../storage/transaction.js';
import { isOperatorDocument } from './matcher.js';

/**
 * The documents that may pass a filter, in natural order: by an index when the filter demands a value in
 * an indexed field, else all. The filter itself has still to be applied.
 */
export function candidates(
  collection: Collection,
  filter: Document,
  reader: Transaction | undefined,
): Iterable<StoredDocument> {
  for (const [field, operand] of demands(filter)) {
    const keys = keysOf(operand);
    const found = keys === undefined ? undefined : collection.lookUp(field, keys, reader);
    if (found !== undefined) return found;
  }
  return collection.documents(reader);
}

/** The conditions that every passing document meets, `_id` first. */
function demands(filter: Document): [string, Value][] {
  const found: [string, Value][] = [];
  for (const [name, operand] of filter) {
    if (name === '$and' && Array.isArray(operand)) {
      for (const part of operand) if (part instanceof Map) found.push(...demands(part));
    } else if (name === '_id') found.unshift([name, operand]);
    else if (!name.startsWith('$')) found.push([name, operand]);
  }
  return found;
}

function keysOf(operand: Value): string[] | undefined {
  if (!isOperatorDocument(operand)) return keysOfAll([operand]);
  const equal = operand.get('$eq');
  if (equal !== undefined) return keysOfAll([equal]);
  const list = operand.get('$in');
  return Array.isArray(list) ? keysOfAll(list) : undefined;
}

/** Null also means missing, and arrays and expressions match in more ways than one: no index helps there. */
function keysOfAll(values: readonly Value[]): string[] | undefined {
  if (values.some((value) => value === null || Array.isArray(value) || value instanceof BSONRegExp))
    return undefined;
  return values.map((value) => canonicalKey(value));
}
