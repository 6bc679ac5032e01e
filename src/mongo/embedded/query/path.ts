import type { Document, Value } from '../bson/value.js';

const INDEX = /^(?:0|[1-9]\d*)$/;

export function splitPath(path: string): string[] {
  return path.split('.');
}

/** The position that a path component names in an array, if it is one. */
export function arrayIndex(component: string): number | undefined {
  return INDEX.test(component) ? Number(component) : undefined;
}

/**
 * Sees one value at the end of a path; `outer` is the position in the outermost array that was passed
 * through. `isPicked`: the path ends with a position in an array, and this is what is there. Returning true
 * ends the walk.
 */
export type LeafVisitor = (value: Value | undefined, outer: number | undefined, isPicked: boolean) => boolean;

/**
 * Visits what a filter's path leads to. Arrays on the way are gone through, element by element; an array
 * at the end is visited as it is. A path that leads nowhere is visited as `undefined`.
 */
export function visitLeaves(
  document: Document,
  path: readonly string[],
  visit: LeafVisitor,
  at = 0,
  outer?: number,
  picksOnly = false,
): boolean {
  const value = document.get(path[at] ?? '');
  if (at === path.length - 1) return visit(value, outer, false);
  if (value instanceof Map) return visitLeaves(value, path, visit, at + 1, outer, picksOnly);
  if (Array.isArray(value)) return visitElements(value, path, visit, at + 1, outer, picksOnly);
  return visit(undefined, outer, false);
}

function visitElements(
  array: readonly Value[],
  path: readonly string[],
  visit: LeafVisitor,
  at: number,
  outer: number | undefined,
  picksOnly: boolean,
): boolean {
  const index = arrayIndex(path[at] ?? '');
  const isPicked = picksOnly && index !== undefined && index < array.length;
  for (const [position, element] of array.entries()) {
    const passed = outer ?? position;
    if (!isPicked && element instanceof Map && visitLeaves(element, path, visit, at, passed, picksOnly))
      return true;
    if (position !== index) continue;
    if (at === path.length - 1) {
      if (visit(element, outer, true)) return true;
    } else if (element instanceof Map) {
      if (visitLeaves(element, path, visit, at + 1, outer, picksOnly)) return true;
    } else if (Array.isArray(element) && visitElements(element, path, visit, at + 1, outer, picksOnly)) {
      return true;
    }
  }
  return false;
}

/**
 * Visits what sorting and `distinct` see: there, a number in the path is a position whenever the array has
 * it, and not the name of a field of the elements as well.
 */
export function visitKeys(document: Document, path: readonly string[], visit: LeafVisitor): void {
  visitLeaves(document, path, visit, 0, undefined, true);
}

/** All leaves of a path; the last arrays are spread and kept as well. Never empty. */
export function leafValues(document: Document, path: readonly string[]): (Value | undefined)[] {
  const values: (Value | undefined)[] = [];
  visitLeaves(document, path, (value) => {
    if (Array.isArray(value)) for (const item of value) values.push(item);
    values.push(value);
    return false;
  });
  return values.length === 0 ? [undefined] : values;
}
