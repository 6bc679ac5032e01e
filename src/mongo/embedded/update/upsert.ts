import { BSONRegExp } from 'bson';
import { compareBytewise } from '../bson/compare.js';
import { decode } from '../bson/decode.js';
import { encode } from '../bson/encode.js';
import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { isOperatorDocument } from '../query/matcher.js';
import type { Update } from './updater.js';

/**
 * The document that an upsert starts from: what the filter says for certain, in the order of the paths. A
 * replacement takes the `_id` only.
 */
export function upsertSeed(filter: Document, update: Update): Document {
  const found = [...equalities(filter)]
    .filter(([path]) => !update.isReplacement || path === '_id' || path.startsWith('_id.'))
    .sort(([a], [b]) => compareBytewise(a, b));
  const seed: Document = new Map();
  const paths = new Set<string>();
  for (const [path, value] of found) {
    if (update.isReplacement && path !== '_id') {
      throw new ServerError(
        111,
        `field at '_id' must be exactly specified, field at sub-path '${path}'found`,
      );
    }
    checkPath(path, paths);
    paths.add(path);
    place(seed, path.split('.'), value);
  }
  // What the update changes must be its own, not a part of the filter.
  return decode(encode(seed));
}

/** @throws ServerError 224 for `$expr`: what it would say about the new document is unclear. */
export function checkUpsertFilter(filter: Document): void {
  for (const [name, operand] of filter) {
    if (name === '$expr')
      throw new ServerError(224, '$expr is not allowed in the query predicate for an upsert');
    if (!name.startsWith('$') || !Array.isArray(operand)) continue;
    for (const part of operand) if (part instanceof Map) checkUpsertFilter(part);
  }
}

function* equalities(filter: Document): Generator<[path: string, value: Value]> {
  for (const [name, operand] of filter) {
    if (name === '$and' || (name === '$or' && Array.isArray(operand) && operand.length === 1)) {
      for (const item of Array.isArray(operand) ? operand : [])
        if (item instanceof Map) yield* equalities(item);
    } else if (!name.startsWith('$')) {
      for (const value of equalTo(operand)) yield [name, value];
    }
  }
}

/** The values that a field must equal: of `$all` each one, of `$in` the only one. */
function equalTo(operand: Value): readonly Value[] {
  if (operand instanceof BSONRegExp) return [];
  if (!isOperatorDocument(operand)) return [operand];
  return [...operand].flatMap(([operator, value]): readonly Value[] => {
    if (operator === '$eq') return [value];
    if (!Array.isArray(value)) return [];
    const certain = operator === '$all' || (operator === '$in' && value.length === 1) ? value : [];
    return certain.filter((item) => !(item instanceof BSONRegExp) && !isOperatorDocument(item));
  });
}

/** Paths come in their order, so that a path comes before those within it. */
function checkPath(path: string, former: ReadonlySet<string>): void {
  if (former.has(path)) {
    throw new ServerError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
  }
  const components = path.split('.');
  for (let count = 1; count < components.length; count += 1) {
    const prefix = components.slice(0, count).join('.');
    if (former.has(prefix)) {
      throw new ServerError(
        54,
        `cannot infer query fields to set, both paths '${path}' and '${prefix}' are matched`,
      );
    }
  }
}

function place(holder: Document, [name = '', ...rest]: readonly string[], value: Value): void {
  if (rest.length === 0) {
    holder.set(name, value);
    return;
  }
  const child = holder.get(name) ?? new Map<string, Value>();
  holder.set(name, child);
  if (child instanceof Map) place(child, rest, value);
}
