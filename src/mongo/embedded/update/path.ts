import { inspectValue } from '../bson/inspect.js';
import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { arrayIndex } from '../query/path.js';
import type { UpdateInfo } from './contract.js';

/** The most elements that writing behind the end of an array may add. */
const MAX_PADDING = 1_500_000;

/** Selects the elements of `$[identifier]`. */
export type ElementFilters = ReadonlyMap<string, (element: Value) => boolean>;

export type Obstacle = 'ignored' | 'cannot be passed' | 'cannot hold the field';

export interface Target {
  readonly path: readonly string[];
  readonly filters: ElementFilters;
  readonly change: (current: Value | undefined) => Value | undefined;
  /** What is in the way, so that the path leads nowhere: no error when there is nothing to change then. */
  readonly obstacle: Obstacle;
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
  if (Array.isArray(holder) && arrayIndex(name) === undefined) {
    notViable(holder, at, target);
    return;
  }
  const current = holder instanceof Map ? holder.get(name) : holder[Number(name)];
  if (at === target.path.length - 1) {
    replaceMember(holder, name, current, target);
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
  if (next !== undefined) writeMember(holder, name, nested(target.path.slice(at + 1), next));
}

function replaceMember(
  holder: Document | Value[],
  name: string,
  current: Value | undefined,
  target: Target,
): void {
  const next = target.change(current);
  if (next !== undefined) writeMember(holder, name, next);
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
function notViable(holder: Value, at: number, { path, obstacle }: Target): void {
  if (obstacle === 'ignored') return;
  const element = `{${path[at - 1]}: ${inspectValue(holder)}}`;
  throw new ServerError(
    28,
    obstacle === 'cannot hold the field'
      ? `Cannot create field '${path[at]}' in element ${element}`
      : `Cannot use the part (${path[at]}) of (${path.join('.')}) to traverse the element (${element})`,
  );
}

function writeMember(holder: Document | Value[], name: string, value: Value): void {
  if (holder instanceof Map) {
    holder.set(name, value);
    return;
  }
  const index = Number(name);
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
