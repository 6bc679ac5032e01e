import { BSONRegExp } from 'bson';
import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { isOperatorDocument } from '../query/matcher.js';
import type { Update } from './updater.js';

/** The document that an upsert starts from: what the filter says for certain. A replacement takes the `_id` only. */
export function upsertSeed(filter: Document, update: Update): Document {
  const equalities = new Map<string, Value>();
  collectEqualities(filter, equalities);
  const seed: Document = new Map();
  for (const [path, value] of equalities) {
    if (!update.isReplacement || path === '_id') place(seed, path.split('.'), value, path);
  }
  return seed;
}

function collectEqualities(filter: Document, found: Map<string, Value>): void {
  for (const [name, operand] of filter) {
    if (name === '$and' || (name === '$or' && Array.isArray(operand) && operand.length === 1)) {
      for (const item of Array.isArray(operand) ? operand : [])
        if (item instanceof Map) collectEqualities(item, found);
    } else if (!name.startsWith('$')) {
      const value = equality(operand);
      if (value === undefined) continue;
      if (found.has(name))
        throw new ServerError(54, `cannot infer query fields to set, path '${name}' is matched twice`);
      found.set(name, value);
    }
  }
}

function equality(operand: Value): Value | undefined {
  if (operand instanceof BSONRegExp) return undefined;
  if (!isOperatorDocument(operand)) return operand;
  if (operand.has('$eq')) return operand.get('$eq');
  const all = operand.get('$all');
  return Array.isArray(all) && all.length === 1 && all[0] !== undefined && !isOperatorDocument(all[0])
    ? all[0]
    : undefined;
}

function place(holder: Document, path: readonly string[], value: Value, whole: string): void {
  const [name = '', ...rest] = path;
  const current = holder.get(name);
  if (rest.length === 0) {
    if (current !== undefined)
      throw new ServerError(
        54,
        `cannot infer query fields to set, both paths '${whole}' and another are matched`,
      );
    holder.set(name, value);
    return;
  }
  if (current !== undefined && !(current instanceof Map)) {
    throw new ServerError(
      54,
      `cannot infer query fields to set, both paths '${whole}' and '${name}' are matched`,
    );
  }
  const child = current ?? new Map<string, Value>();
  holder.set(name, child);
  place(child, rest, value, whole);
}
