import { compareValues } from '../bson/compare.js';
import { type Document, isNumeric, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from './context.js';
import { splitPath, visitKeys } from './path.js';

export type CompareDocuments = (a: Document, b: Document) => number;

interface SortField {
  readonly path: readonly string[];
  readonly direction: 1 | -1;
}

/** The most fields that one sort may have. */
const MAX_SORT_FIELDS = 32;

/**
 * Compiles a sort specification; `undefined` for `{}` and `{$natural: 1}`.
 *
 * An array sorts by its smallest element ascending, by its greatest descending, an empty one below null.
 */
export function compileSort(spec: Document, context: QueryContext): CompareDocuments | undefined {
  if (spec.size > MAX_SORT_FIELDS) throw new ServerError(2, 'too many sort fields');
  if (spec.has('$natural')) {
    if (spec.size > 1) throw new ServerError(2, '$natural sort cannot be set to a value other than -1 or 1.');
    if (directionOf('$natural', spec.get('$natural') ?? null) === 1) return undefined;
    throw notImplemented('A reverse $natural sort');
  }
  const fields = [...spec].map(([name, value]): SortField => {
    if (name.startsWith('$'))
      throw new ServerError(16410, `FieldPath field names may not start with '$'. Given: ${name}`);
    return { path: splitPath(name), direction: directionOf(name, value) };
  });
  if (fields.length === 0) return undefined;
  return (a, b) => {
    for (const { path, direction } of fields) {
      const difference = compareValues(
        sortKey(a, path, direction, context),
        sortKey(b, path, direction, context),
        context.strings,
      );
      if (difference !== 0) return difference * direction;
    }
    return 0;
  };
}

function directionOf(name: string, value: Value): 1 | -1 {
  if (value instanceof Map) {
    if (value.has('$meta')) throw notImplemented('A sort by $meta');
    throw new ServerError(15974, `Illegal key in $sort specification: ${name}`);
  }
  if (!isNumeric(value)) throw new ServerError(15974, `Illegal key in $sort specification: ${name}`);
  const number = Number(value.valueOf().toString());
  if (number === 1) return 1;
  if (number === -1) return -1;
  throw new ServerError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
}

/** `{$natural: -1}`: the order of the documents is turned round, whatever is in them. */
export function isReverseNatural(spec: Document): boolean {
  return (
    spec.size === 1 && spec.has('$natural') && directionOf('$natural', spec.get('$natural') ?? null) === -1
  );
}

/** A missing value sorts as null; `undefined` stands for an empty array, which is below. */
function sortKey(
  document: Document,
  path: readonly string[],
  direction: 1 | -1,
  { strings }: QueryContext,
): Value | undefined {
  let key: Value | undefined;
  let any = false;
  const offer = (value: Value | undefined): void => {
    if (!any || compareValues(value, key, strings) * direction < 0) key = value;
    any = true;
  };
  visitKeys(document, path, (value) => {
    if (!Array.isArray(value)) offer(value ?? null);
    else if (value.length === 0) offer(undefined);
    else value.forEach(offer);
    return false;
  });
  return any ? key : null;
}
