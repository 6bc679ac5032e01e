import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileFilter } from '../query/matcher.js';
import type { ElementFilters } from './path.js';

/**
 * Compiles the `arrayFilters` of an update: each filter is about one identifier, the first component of
 * all its paths.
 */
export function compileArrayFilters(filters: readonly Value[], context: QueryContext): ElementFilters {
  const result = new Map<string, (element: Value) => boolean>();
  for (const filter of filters) {
    if (!(filter instanceof Map)) throw new ServerError(14, 'arrayFilters must be documents');
    const identifier = identifierOf(filter);
    if (result.has(identifier)) {
      throw new ServerError(
        9,
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    }
    const test = compileFilter(filter, context);
    result.set(identifier, (element) => test(new Map([[identifier, element]])));
  }
  return result;
}

function identifierOf(filter: Document): string {
  const names = new Set(identifiersIn(filter));
  const [identifier, other] = names;
  if (identifier === undefined)
    throw new ServerError(9, 'Cannot use an expression without a top-level field name in arrayFilters');
  if (other !== undefined) {
    throw new ServerError(
      9,
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${identifier}' and '${other}'`,
    );
  }
  if (!/^[a-z][A-Za-z0-9]*$/.test(identifier)) {
    throw new ServerError(
      2,
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
    );
  }
  return identifier;
}

function identifiersIn(filter: Document): string[] {
  return [...filter].flatMap(([name, value]) => {
    if (!name.startsWith('$')) return [name.split('.', 1)[0] ?? ''];
    return Array.isArray(value)
      ? value.flatMap((item) => (item instanceof Map ? identifiersIn(item) : []))
      : [];
  });
}

/** Every identifier in a path needs its filter, and every filter must be used. */
export function checkArrayFilters(filters: ElementFilters, paths: readonly (readonly string[])[]): void {
  const unused = new Set(filters.keys());
  for (const path of paths) {
    for (const component of path) {
      const identifier = /^\$\[(.+)\]$/.exec(component)?.[1];
      if (identifier === undefined) continue;
      if (!filters.has(identifier)) {
        throw new ServerError(
          2,
          `No array filter found for identifier '${identifier}' in path '${path.join('.')}'`,
        );
      }
      unused.delete(identifier);
    }
  }
  const [name] = unused;
  if (name !== undefined) {
    throw new ServerError(9, `The array filter for identifier '${name}' was not used in the update`);
  }
}
