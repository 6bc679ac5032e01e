import { SendtwiceError } from '../base/errors.js';
import type { Path, Spot, YamlSource } from './yaml-source.js';

/** Where a value was written: in a file, or on the command line. */
export type Origin = { readonly source: YamlSource; readonly path: Path } | { readonly set: string };

/** A value of YAML that knows for each of its parts where that was written. */
export type Traced = TracedScalar | TracedMap | TracedList;

export interface TracedScalar {
  readonly kind: 'scalar';
  readonly origin: Origin;
  readonly value: unknown;
}

export interface TracedMap {
  readonly kind: 'map';
  readonly origin: Origin;
  readonly entries: ReadonlyMap<string, Traced>;
}

export interface TracedList {
  readonly kind: 'list';
  readonly origin: Origin;
  readonly items: readonly Traced[];
}

const MOST_LEVELS = 100;

/** Everything in `value` with its origin; in a file, the keys that lead to it. */
export function traced(value: unknown, origin: Origin, level = 0): Traced {
  if (level > MOST_LEVELS) {
    const where = 'source' in origin ? origin.source.path : origin.set;
    throw new SendtwiceError('file/bad-yaml', `${where}: it is nested too deeply`);
  }
  const inside = (key: string | number): Origin =>
    'source' in origin ? { source: origin.source, path: [...origin.path, key] } : origin;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => traced(item, inside(index), level + 1));
    return { kind: 'list', origin, items };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, inner]) => [key, traced(inner, inside(key), level + 1)] as const,
    );
    return { kind: 'map', origin, entries: new Map(entries) };
  }
  return { kind: 'scalar', origin, value };
}

/** The plain value. */
export function plain(node: Traced): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plain);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, inner]) => [key, plain(inner)]));
  }
}

/** What stands at a key of a map or at a place of a list. */
export function childOf(node: Traced | undefined, key: PropertyKey): Traced | undefined {
  if (node?.kind === 'map') return node.entries.get(String(key));
  return node?.kind === 'list' ? node.items[Number(key)] : undefined;
}

/** The text of a scalar, if it is one. */
export function textAt(node: Traced | undefined, key: string): string | undefined {
  const child = childOf(node, key);
  return child?.kind === 'scalar' && typeof child.value === 'string' ? child.value : undefined;
}

/** A copy of the map in which a key has another value; without a value, no longer is. */
export function withEntry(map: TracedMap, key: string, value: Traced | undefined): TracedMap {
  const entries = new Map(map.entries);
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
  return { ...map, entries };
}

/** Changes each scalar; `at` is its path. */
export function mapScalars(
  node: Traced,
  change: (scalar: TracedScalar, at: Path) => Traced,
  at: Path = [],
): Traced {
  switch (node.kind) {
    case 'scalar':
      return change(node, at);
    case 'list':
      return { ...node, items: node.items.map((item, index) => mapScalars(item, change, [...at, index])) };
    case 'map':
      return {
        ...node,
        entries: new Map(
          [...node.entries].map(([key, inner]) => [key, mapScalars(inner, change, [...at, key])]),
        ),
      };
  }
}

/** A message with the place of what it is about: the file that wrote that part, or the `--set`. */
export function tellAt(root: Traced, { path, atKey = false }: Spot, message: string): string {
  let node = root;
  for (const key of path) {
    const inner = childOf(node, key);
    if (inner === undefined) break;
    node = inner;
  }
  return told(node.origin, message, atKey);
}

export function told(origin: Origin, message: string, atKey = false): string {
  if ('set' in origin) return `--set ${origin.set}: ${message}`;
  return origin.source.placed({ path: origin.path, atKey }, message);
}
