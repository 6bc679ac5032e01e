import type { Document, Value } from '../bson/value.js';
import { typeName } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { Stage } from './stages.js';
import { isNullish } from './truth.js';

/** Compiles `$unwind`: one document for every element of an array. */
export function compileUnwind(operand: Value): Stage {
  const fields = operand instanceof Map ? operand : new Map<string, Value>([['path', operand]]);
  for (const name of fields.keys()) {
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(name)) {
      throw new ServerError(28811, `unrecognized option to $unwind stage: ${name}`);
    }
  }
  const path = fields.get('path') ?? null;
  if (typeof path !== 'string')
    throw new ServerError(28808, `expected a string as the path for $unwind stage, got ${typeName(path)}`);
  if (!path.startsWith('$') || path.startsWith('$$'))
    throw new ServerError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const indexName = fields.get('includeArrayIndex');
  if (
    indexName !== undefined &&
    (typeof indexName !== 'string' || indexName === '' || indexName.startsWith('$'))
  ) {
    throw new ServerError(
      28810,
      'expected a non-empty string for the includeArrayIndex option to $unwind stage',
    );
  }
  const keepsEmpty = fields.get('preserveNullAndEmptyArrays') === true;
  const components = path.slice(1).split('.');
  const indexPath = typeof indexName === 'string' ? indexName.split('.') : undefined;
  return function* unwind(input) {
    for (const document of input) {
      const value = plainAt(document, components);
      const items = Array.isArray(value) ? value : isNullish(value) ? [] : undefined;
      if (items === undefined) yield withIndex(document, indexPath, null);
      else if (items.length > 0) {
        for (const [at, item] of items.entries())
          yield withIndex(withValue(document, components, item), indexPath, BigInt(at));
      } else if (keepsEmpty) {
        const kept = Array.isArray(value) ? withValue(document, components, undefined) : document;
        yield withIndex(kept, indexPath, null);
      }
    }
  };
}

function plainAt(document: Document, path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>(
    (value, name) => (value instanceof Map ? value.get(name) : undefined),
    document,
  );
}

function withIndex(document: Document, path: readonly string[] | undefined, index: Value): Document {
  return path === undefined ? document : withValue(document, path, index);
}

/** The document with another value at a path; the documents on the way are copied. */
export function withValue(document: Document, path: readonly string[], value: Value | undefined): Document {
  const [name = '', ...rest] = path;
  const result = new Map(document);
  const current = result.get(name);
  const next =
    rest.length === 0 ? value : withValue(current instanceof Map ? current : new Map(), rest, value);
  if (next === undefined) result.delete(name);
  else result.set(name, next);
  return result;
}
