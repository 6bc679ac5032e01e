import { canonicalKey } from '../bson/compare.js';
import type { Document, Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { Filter } from '../query/matcher.js';
import { splitPath, visitLeaves } from '../query/path.js';
import { type Slot, versions } from './slot.js';
import type { StoredDocument } from './stored-document.js';

export interface IndexOptions {
  readonly name: string;
  readonly key: Document;
  readonly unique: boolean;
  readonly sparse: boolean;
  /** Only documents that pass are in the index. */
  readonly partial: Filter | undefined;
  readonly expireAfterSeconds: number | undefined;
  /** As `listIndexes` shows it. */
  readonly spec: Document;
}

/** One entry: the values of the index's fields, and a text that equal values share. */
export interface IndexKey {
  readonly text: string;
  readonly values: readonly Value[];
}

/** A hash index over all versions of all documents: those who look something up check what they find. */
export class Index {
  readonly #entries = new Map<string, Set<Slot>>();
  readonly #paths: readonly (readonly string[])[];

  constructor(public options: IndexOptions) {
    this.#paths = [...options.key.keys()].map(splitPath);
  }

  /** The field of an index that can answer "which documents have this value": one field, all documents. */
  get lookupField(): string | undefined {
    const { key, partial } = this.options;
    return key.size === 1 && partial === undefined ? [...key.keys()][0] : undefined;
  }

  find(text: string): ReadonlySet<Slot> {
    return this.#entries.get(text) ?? new Set();
  }

  /** The entries of a document; none when the index leaves it out. */
  keysOf(document: Document): IndexKey[] {
    if (this.options.partial?.(document) === false) return [];
    const fields = this.#paths.map((path) => fieldKeys(document, path));
    if (this.options.sparse && fields.every(({ isMissing }) => isMissing)) return [];
    this.#checkParallelArrays(fields);
    // Nothing is looked up in such an index.
    if (fields.length > 1 && !this.options.unique) return [];
    return fields.reduce<IndexKey[]>(
      (keys, { values }) =>
        keys.flatMap((key) =>
          values.map((value) => ({ text: key.text + canonicalKey(value), values: [...key.values, value] })),
        ),
      [{ text: '', values: [] }],
    );
  }

  has(stored: StoredDocument | undefined, text: string): boolean {
    return stored !== undefined && this.keysOf(stored.document).some((key) => key.text === text);
  }

  add(slot: Slot, stored: StoredDocument): void {
    for (const { text } of this.keysOf(stored.document)) {
      const slots = this.#entries.get(text);
      if (slots === undefined) this.#entries.set(text, new Set([slot]));
      else slots.add(slot);
    }
  }

  /** Takes out the entries of a version that is gone, but not those that another version also has. */
  remove(slot: Slot, gone: StoredDocument): void {
    const kept = new Set(
      versions(slot).flatMap((stored) => this.keysOf(stored.document).map(({ text }) => text)),
    );
    for (const { text } of this.keysOf(gone.document)) {
      if (kept.has(text)) continue;
      const slots = this.#entries.get(text);
      slots?.delete(slot);
      if (slots?.size === 0) this.#entries.delete(text);
    }
  }

  #checkParallelArrays(fields: readonly FieldKeys[]): void {
    const arrays = this.#paths.filter((_, at) => fields[at]?.isArray === true);
    const [first, second] = arrays;
    if (first === undefined || second === undefined) return;
    if (first[0] === second[0]) {
      // Only a unique index needs to know which values belong together.
      if (this.options.unique) throw notImplemented('A unique index over two fields of one array');
      return;
    }
    throw new ServerError(171, `cannot index parallel arrays [${second[0]}] [${first[0]}]`);
  }
}

interface FieldKeys {
  readonly values: readonly Value[];
  readonly isMissing: boolean;
  readonly isArray: boolean;
}

/** A missing value is indexed as null, an array by its elements. */
function fieldKeys(document: Document, path: readonly string[]): FieldKeys {
  const values = new Map<string, Value>();
  let isMissing = true;
  let isArray = false;
  const offer = (value: Value): void => {
    values.set(canonicalKey(value), value);
  };
  visitLeaves(document, path, (value, outer) => {
    isArray ||= outer !== undefined || Array.isArray(value);
    isMissing &&= value === undefined;
    if (!Array.isArray(value)) offer(value ?? null);
    else if (value.length === 0) offer(value);
    else value.forEach(offer);
    return false;
  });
  if (values.size === 0) offer(null);
  return { values: [...values.values()], isMissing, isArray };
}
