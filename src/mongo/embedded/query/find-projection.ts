import type { Expression } from '../aggregate/operators/contract.js';
import {
  addRule,
  type Decision,
  decide,
  insertRule,
  kindById,
  projecting,
  type Rules,
} from '../aggregate/projection.js';
import { encode } from '../bson/encode.js';
import { toNumber } from '../bson/number.js';
import { type Document, isNumeric, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from './context.js';
import { compileElementFilter, type Filter, type Position } from './matcher.js';

/** Makes what `find` returns of a document. */
export type FindProjection = (stored: { readonly bytes: Buffer; readonly document: Document }) => Buffer;

/** Changes the value of one field after the projection. */
interface ArrayStep {
  readonly path: readonly string[];
  readonly change: (items: readonly Value[], original: Document) => readonly Value[];
}

/** Compiles the projection of `find`, which has `$slice`, `$elemMatch` and the positional `$` more than `$project`. */
export function compileFindProjection(
  spec: Document | undefined,
  filterSpec: Document,
  filter: Filter,
  context: QueryContext,
): FindProjection {
  if (spec === undefined || spec.size === 0) return ({ bytes }) => bytes;
  const rules: Rules = new Map();
  const decision: Decision = { kind: undefined, where: '' };
  const steps: ArrayStep[] = [];
  const slicePaths: string[] = [];
  let positionals = 0;
  let elemMatches = 0;
  for (const [name, value] of spec) {
    const [operator, operand = null] = operatorOf(value);
    const sliced = operator === '$slice' ? slice(name.split('.'), operand) : undefined;
    if (name.endsWith('.$')) {
      positionals += 1;
      checkPositional(name, filterSpec);
      insertRule(rules, name.slice(0, -2), { kind: 'include' });
      decide(decision, name, 'include');
      steps.push(positional(name, filter));
    } else if (operator === '$elemMatch') {
      elemMatches += 1;
      insertRule(rules, name, { kind: 'compute', expression: elementMatch(name, operand, context) });
    } else if (sliced !== undefined) {
      slicePaths.push(name);
      steps.push(sliced);
    } else if (operator === '$meta') throw notImplemented('The projection operator $meta');
    else addRule(rules, name, value, context, decision);
  }
  if (positionals > 1)
    throw new ServerError(31276, 'Cannot specify more than one positional projection per query.');
  if (positionals > 0 && elemMatches > 0)
    throw new ServerError(31256, 'Cannot specify positional operator and $elemMatch.');
  // $slice decides nothing, but it hides that $elemMatch alone would include.
  const open = slicePaths.length === 0 && elemMatches > 0 ? 'inclusion' : kindById(rules);
  const kind = decision.kind ?? open;
  if (kind === 'inclusion') {
    for (const path of slicePaths) if (!rules.has(path)) insertRule(rules, path, { kind: 'include' });
  }
  const project = projecting(rules, context, kind);
  return ({ document }) => {
    let result = project(document);
    for (const { path, change } of steps) result = changed(result, path, (items) => change(items, document));
    return encode(result);
  };
}

/** Name and operand of `{$operator: operand}`. */
function operatorOf(value: Value): readonly [string | undefined, Value?] {
  const [first] = value instanceof Map && value.size === 1 ? value : [];
  return first ?? [undefined];
}

/** The first element that passes, in an array; nothing when there is none. It stands behind the fields that were there. */
function elementMatch(name: string, operand: Value, context: QueryContext): Expression {
  if (!(operand instanceof Map)) throw new ServerError(31274, 'elemMatch: Invalid argument, object required');
  if (name.includes('.')) throw new ServerError(31275, 'Cannot use $elemMatch projection on a nested field');
  const test = compileElementFilter(operand, context);
  return ({ root }) => {
    const items = root.get(name);
    const found = Array.isArray(items) ? items.find((item) => test(item)) : undefined;
    return found === undefined ? undefined : [found];
  };
}

/** `$slice` with the expression's three arguments is left to `$project`. */
function slice(path: readonly string[], operand: Value): ArrayStep | undefined {
  const numbers = (Array.isArray(operand) ? operand : [operand]).map((item) =>
    isNumeric(item) ? Math.trunc(toNumber(item)) : Number.NaN,
  );
  const [first = 0, second] = numbers;
  if (numbers.some(Number.isNaN) || numbers.length > 2) return undefined;
  const change: ArrayStep['change'] = (items) => {
    if (second === undefined) return first >= 0 ? items.slice(0, first) : items.slice(first);
    const start = first >= 0 ? first : Math.max(items.length + first, 0);
    return items.slice(start, start + second);
  };
  if (second !== undefined && second <= 0)
    throw new ServerError(28724, `First argument to $slice must be an array, but is of type: ${second}`);
  return { path, change };
}

/** @throws ServerError when the filter says nothing of the field, so that it cannot find a position in it. */
function checkPositional(name: string, filter: Document): void {
  const [field = ''] = name.split('.', 1);
  if (!namesField(filter, field)) {
    throw new ServerError(31277, `Positional projection '${name}' does not match the query document.`);
  }
}

function namesField(filter: Document, field: string): boolean {
  return [...filter].some(([name, operand]) =>
    name.startsWith('$')
      ? Array.isArray(operand) && operand.some((part) => part instanceof Map && namesField(part, field))
      : name.split('.', 1)[0] === field,
  );
}

function positional(name: string, filter: Filter): ArrayStep {
  const path = name.slice(0, -2).split('.');
  return {
    path,
    change: (items, original) => {
      const position: Position = { index: undefined };
      filter(original, position);
      const item = position.index === undefined ? undefined : items[position.index];
      if (item === undefined) {
        throw new ServerError(
          51246,
          "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
        );
      }
      return [item];
    },
  };
}

function changed(
  document: Document,
  path: readonly string[],
  change: (items: readonly Value[]) => readonly Value[],
): Document {
  const [name = '', ...rest] = path;
  const value = document.get(name);
  const next = changedValue(value, rest, change);
  if (next === value) return document;
  const result = new Map(document);
  if (next !== undefined) result.set(name, next);
  return result;
}

function changedValue(
  value: Value | undefined,
  rest: readonly string[],
  change: (items: readonly Value[]) => readonly Value[],
): Value | undefined {
  if (rest.length > 0) {
    if (value instanceof Map) return changed(value, rest, change);
    if (Array.isArray(value))
      return value.map((item) => (item instanceof Map ? changed(item, rest, change) : item));
    return value;
  }
  if (!Array.isArray(value)) return value;
  return [...change(value)];
}
