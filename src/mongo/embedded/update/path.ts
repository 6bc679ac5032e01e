import { inspectValue } from '../bson/inspect.js';
import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { arrayIndex } from '../query/path.js';
import type { UpdateInfo } from './contract.js';

/** The most elements that writing behind the end of an array may add. */
const MAX_PADDING = 1_500_000;

/** Selects the elements of `$[identifier]`. */
export type ElementFilters = ReadonlyMap<string, (element: Value) => boolean>;

export interface Target {
  readonly path: readonly string[];
  readonly filters: ElementFilters;
  readonly change: (current: Value | undefined) => Value | undefined;
  /** A scalar in the way is no error: there is nothing to change then. */
  readonly ignoresScalars: boolean;
}

/** The path with `$` replaced by the position that the filter matched. */
export function withPosition(path: readonly string[], { position }: UpdateInfo): readonly string[] {
  if (!path.includes('$')) return path;
  if (position === undefined) {
    throw new ServerError(2, 'The positional operator did not find the match needed from the query.');
  }
  return path.map((component) => (component === '$' ? String(position) : component));
}

/** Applies a change at the end of a path, making the documents on the way that are missing. */
export function changeAt(holder: Document | Value[], target: Target, at = 0): void {
  const name = target.path[at] ?? '';
  if (name.startsWith('$[')) {
    for (const position of selected(holder, name, target, at))
      changeMember(holder, String(position), target, at);
  } else changeMember(holder, name, target, at);
}

function selected(holder: Document | Value[], name: string, target: Target, at: number): number[] {
  if (!Array.isArray(holder)) {
    const path = target.path.slice(0, at).join('.');
    throw new ServerError(2, `Cannot apply array updates to non-array element ${path}`);
  }
  const filter = name === '$[]' ? undefined : target.filters.get(name.slice(2, -1));
  return [...holder.keys()].filter((index) => filter === undefined || filter(holder[index] ?? null));
}

function changeMember(holder: Document | Value[], name: string, target: Target, at: number): void {
  const current = readMember(holder, name);
  if (at === target.path.length - 1) {
    if (Array.isArray(holder) && arrayIndex(name) === undefined) notViable(holder, at, target);
    else replaceMember(holder, name, current, target, at);
    return;
  }
  if (current instanceof Map || Array.isArray(current)) {
    changeAt(current, target, at + 1);
    return;
  }
  if (target.path[at + 1]?.startsWith('$[') === true) {
    const path = target.path.slice(0, at + 1).join('.');
    throw current === undefined
      ? new ServerError(2, `The path '${path}' must exist in the document in order to apply array updates.`)
      : new ServerError(2, `Cannot apply array updates to non-array element ${path}`);
  }
  if (current !== undefined) {
    notViable(current, at + 1, target);
    return;
  }
  const next = target.change(undefined);
  if (next !== undefined) writeMember(holder, name, nested(target.path.slice(at + 1), next), target, at);
}

function replaceMember(
  holder: Document | Value[],
  name: string,
  current: Value | undefined,
  target: Target,
  at: number,
): void {
  const next = target.change(current);
  if (next !== undefined) writeMember(holder, name, next, target, at);
  else if (current !== undefined) removeMember(holder, name);
}

function nested(path: readonly string[], value: Value): Value {
  return path.reduceRight<Value>((inner, name) => {
    if (name.startsWith('$[')) {
      throw new ServerError(2, `The path must exist in the document in order to apply array updates.`);
    }
    return new Map([[name, inner]]);
  }, value);
}

/** The holder can have no field of the name that is at this place of the path. */
function notViable(holder: Value, at: number, { path, ignoresScalars }: Target): void {
  if (ignoresScalars) return;
  throw new ServerError(
    28,
    `Cannot create field '${path[at]}' in element {${path[at - 1]}: ${inspectValue(holder)}}`,
  );
}

function readMember(holder: Document | Value[], name: string): Value | undefined {
  if (holder instanceof Map) return holder.get(name);
  const index = arrayIndex(name);
  return index === undefined ? undefined : holder[index];
}

function writeMember(
  holder: Document | Value[],
  name: string,
  value: Value,
  target: Target,
  at: number,
): void {
  if (holder instanceof Map) {
    holder.set(name, value);
    return;
  }
  const index = arrayIndex(name);
  if (index === undefined) {
    notViable(holder, at, target);
    return;
  }
  if (index - holder.length > MAX_PADDING) {
    throw new ServerError(2, `can't backfill more than ${MAX_PADDING} elements`);
  }
  while (holder.length < index) holder.push(null);
  holder[index] = value;
}

function removeMember(holder: Document | Value[], name: string): void {
  if (holder instanceof Map) holder.delete(name);
  else holder[Number(name)] = null;
}
