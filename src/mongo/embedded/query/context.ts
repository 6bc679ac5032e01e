import { type CompareStrings, canonicalKey, compareBytewise } from '../bson/compare.js';
import type { Value } from '../bson/value.js';

/** What the meaning of a filter or an expression depends on, besides the document. */
export interface QueryContext {
  readonly strings: CompareStrings;
  /** Equal values, under the collation of the command, have equal keys. */
  readonly keyOf: (value: Value | undefined) => string;
  /** Variables of the command: `let`, and `NOW`. */
  readonly variables: ReadonlyMap<string, Value | undefined>;
}

export function queryContext(
  variables: ReadonlyMap<string, Value | undefined> = new Map(),
  collation?: CompareStrings,
): QueryContext {
  if (collation === undefined)
    return { strings: compareBytewise, keyOf: (value) => canonicalKey(value), variables };
  const stringKey = representative(collation);
  return { strings: collation, keyOf: (value) => canonicalKey(value, stringKey), variables };
}

/** Maps a string to the first one seen that the collation holds equal. */
function representative(collation: CompareStrings): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found =
      known.get(text) ?? [...new Set(known.values())].find((other) => collation(text, other) === 0) ?? text;
    known.set(text, found);
    return found;
  };
}
