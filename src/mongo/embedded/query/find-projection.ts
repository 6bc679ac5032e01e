import { addRule, insertRule, projecting, type Rules, type Transform } from '../aggregate/projection.js';
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
  readonly change: (items: readonly Value[], original: Document) => readonly Value[] | undefined;
}

/** Compiles the projection of `find`, which has `$slice`, `$elemMatch` and the positional `$` more than `$project`. */
export function compileFindProjection(
  spec: Document | undefined,
  filter: Filter,
  context: QueryContext,
): FindProjection {
  if (spec === undefined || spec.size === 0) return ({ bytes }) => bytes;
  const rules: Rules = new Map();
  const steps: ArrayStep[] = [];
  let onlySlices = true;
  for (const [name, value] of spec) {
    const step = arrayStep(name, value, filter, context);
    if (step === undefined) {
      addRule(rules, name, value, context, 'find');
      onlySlices = false;
    } else {
      steps.push(step.step);
      if (step.includes) {
        insertRule(rules, step.step.path.join('.'), { kind: 'include' });
        onlySlices = false;
      }
    }
  }
  const slicePaths = steps.map(({ path }) => path.join('.'));
  const project = onlySlices ? undefined : withSlices(rules, slicePaths, context);
  return ({ document }) => {
    let result = project === undefined ? document : project(document);
    for (const { path, change } of steps) result = changed(result, path, (items) => change(items, document));
    return encode(result);
  };
}

/** A field with `$slice` is part of an inclusion, even though it does not make one. */
function withSlices(rules: Rules, slicePaths: readonly string[], context: QueryContext): Transform {
  const isInclusion = [...rules].some(
    ([name, rule]) => name !== '_id' && rule.kind !== 'exclude' && rule.kind !== 'inside',
  );
  if (isInclusion) {
    for (const path of slicePaths) if (!rules.has(path)) insertRule(rules, path, { kind: 'include' });
  }
  return projecting(rules, context);
}

function arrayStep(
  name: string,
  value: Value,
  filter: Filter,
  context: QueryContext,
): { readonly step: ArrayStep; readonly includes: boolean } | undefined {
  if (name.endsWith('.$')) return { step: positional(name, filter), includes: true };
  if (!(value instanceof Map) || value.size !== 1) return undefined;
  const [[operator, operand] = ['', null]] = value;
  const path = name.split('.');
  if (operator === '$meta') throw notImplemented('The projection operator $meta');
  if (operator === '$slice') return slice(path, operand);
  if (operator !== '$elemMatch') return undefined;
  if (!(operand instanceof Map)) throw new ServerError(31274, 'elemMatch: Invalid argument, object required');
  if (path.length > 1) throw new ServerError(31275, 'Cannot use $elemMatch projection on a nested field');
  const test = compileElementFilter(operand, context);
  const change: ArrayStep['change'] = (items) => {
    const found = items.find((item) => test(item));
    return found === undefined ? undefined : [found];
  };
  return { step: { path, change }, includes: true };
}

/** `$slice` with the expression's three arguments is left to `$project`. */
function slice(
  path: readonly string[],
  operand: Value,
): { readonly step: ArrayStep; readonly includes: false } | undefined {
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
  return { step: { path, change }, includes: false };
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
  change: (items: readonly Value[]) => readonly Value[] | undefined,
): Document {
  const [name = '', ...rest] = path;
  const value = document.get(name);
  const next = changedValue(value, rest, change);
  if (next === value) return document;
  const result = new Map(document);
  if (next === undefined) result.delete(name);
  else result.set(name, next);
  return result;
}

function changedValue(
  value: Value | undefined,
  rest: readonly string[],
  change: (items: readonly Value[]) => readonly Value[] | undefined,
): Value | undefined {
  if (rest.length > 0) {
    if (value instanceof Map) return changed(value, rest, change);
    if (Array.isArray(value))
      return value.map((item) => (item instanceof Map ? changed(item, rest, change) : item));
    return value;
  }
  if (!Array.isArray(value)) return value;
  const items = change(value);
  return items === undefined ? undefined : [...items];
}
