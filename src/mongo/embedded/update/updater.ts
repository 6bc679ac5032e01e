import { type Document, typeName, type Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { arrayIndex } from '../query/path.js';
import { arrayChanges } from './array-changes.js';
import { checkArrayFilters, compileArrayFilters } from './array-filters.js';
import type { Change, UpdateInfo } from './contract.js';
import { fieldChanges } from './field-changes.js';
import { changeAt, type ElementFilters, type Obstacle, withPosition } from './path.js';
import { compileUpdatePipeline } from './pipeline.js';

/** Makes the new document. The one that it is given is its own to change. */
export type ApplyUpdate = (document: Document, info: UpdateInfo) => Document;

export interface Update {
  readonly apply: ApplyUpdate;
  /** The whole document is replaced, only its `_id` stays. */
  readonly isReplacement: boolean;
}

const CHANGES = new Map(Object.entries({ ...fieldChanges, ...arrayChanges }));

/** What these make of something in their way. Others cannot make the field that they want. */
const OBSTACLES: Readonly<Record<string, Obstacle>> = {
  $unset: 'ignored',
  $pull: 'cannot be passed',
  $pullAll: 'cannot be passed',
  $pop: 'cannot be passed',
};

interface Step {
  readonly path: readonly string[];
  readonly run: (document: Document, info: UpdateInfo) => void;
}

/**
 * Compiles an update: a replacement, operators or a pipeline.
 *
 * @throws ServerError when it is none of them or says something that this server does not know.
 */
export function compileUpdate(
  update: Value,
  context: QueryContext,
  arrayFilters: readonly Value[] | undefined,
): Update {
  if (Array.isArray(update)) {
    if (arrayFilters !== undefined)
      throw new ServerError(9, 'arrayFilters may not be specified for pipeline-style updates');
    return { apply: compileUpdatePipeline(update, context), isReplacement: false };
  }
  if (!(update instanceof Map)) {
    throw new ServerError(9, `Update argument must be either an object or an array, not ${typeName(update)}`);
  }
  const [first] = update.keys();
  if (first?.startsWith('$') === true) {
    return { apply: compileOperators(update, context, arrayFilters ?? []), isReplacement: false };
  }
  if (arrayFilters !== undefined)
    throw new ServerError(9, 'arrayFilters may not be specified for replacement-style updates');
  return { apply: replacement(update), isReplacement: true };
}

function replacement(update: Document): ApplyUpdate {
  for (const name of update.keys()) {
    if (name.startsWith('$')) {
      throw new ServerError(
        52,
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
  return (document) => {
    const id = update.get('_id') ?? document.get('_id');
    return new Map<string, Value>(id === undefined ? update : [['_id', id], ...update]);
  };
}

function compileOperators(
  update: Document,
  context: QueryContext,
  arrayFilters: readonly Value[],
): ApplyUpdate {
  const filters = compileArrayFilters(arrayFilters, context);
  const steps = [...update].flatMap(([operator, fields]) => stepsOf(operator, fields, filters, context));
  checkConflicts(steps.map(({ path }) => path));
  checkArrayFilters(
    filters,
    steps.map(({ path }) => path),
  );
  // New fields are made in the order of their names, not in that of the update.
  const ordered = steps.toSorted((a, b) => comparePaths(a.path, b.path));
  return (document, info) => {
    for (const step of ordered) step.run(document, info);
    return document;
  };
}

function stepsOf(operator: string, fields: Value, filters: ElementFilters, context: QueryContext): Step[] {
  const compile = CHANGES.get(operator);
  if (compile === undefined && operator !== '$rename') {
    throw new ServerError(
      9,
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!(fields instanceof Map)) {
    throw new ServerError(
      9,
      `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${typeName(fields)}}`,
    );
  }
  return [...fields].flatMap(([name, operand]) => {
    const path = checkedPath(name);
    if (compile === undefined) return renameSteps(path, operand, filters);
    const done = step(path, compile(operand, name, context), filters, OBSTACLES[operator]);
    // Nothing in a document that is there can be in the way of what only a new one gets.
    return operator === '$setOnInsert' ? onInsertOnly(done) : done;
  });
}

function step(
  path: readonly string[],
  change: Change,
  filters: ElementFilters,
  obstacle: Obstacle = 'cannot hold the field',
): Step {
  return {
    path,
    run: (document, info) =>
      changeAt(document, {
        path: withPosition(path, info),
        filters,
        obstacle,
        change,
      }),
  };
}

function onInsertOnly({ path, run }: Step): Step {
  return { path, run: (document, info) => info.isInsert && run(document, info) };
}

function checkedPath(name: string): string[] {
  if (name === '') throw new ServerError(56, 'An empty update path is not valid.');
  const path = name.split('.');
  for (const [at, component] of path.entries()) {
    if (component === '')
      throw new ServerError(
        56,
        `The update path '${name}' contains an empty field name, which is not allowed.`,
      );
    if (!component.startsWith('$')) continue;
    const isPositional =
      component === '$' || component === '$[]' || /^\$\[[a-z][A-Za-z0-9]*\]$/.test(component);
    if (isPositional && at === 0) {
      throw new ServerError(
        2,
        `Cannot have positional (i.e. '${component}') element in the first position in path '${name}'`,
      );
    }
    if (component === '$' && path.lastIndexOf('$') !== at) {
      throw new ServerError(2, `Too many positional (i.e. '$') elements found in path '${name}'`);
    }
    if (!isPositional && !['$id', '$ref', '$db'].includes(component)) {
      throw new ServerError(
        52,
        `The dollar ($) prefixed field '${component}' in '${name}' is not valid for storage.`,
      );
    }
  }
  return path;
}

function renameSteps(source: readonly string[], operand: Value, filters: ElementFilters): Step[] {
  if (typeof operand !== 'string')
    throw new ServerError(2, `The 'to' field for $rename must be a string: ${source.join('.')}`);
  const target = checkedPath(operand);
  if ([...source, ...target].some((component) => component.startsWith('$'))) {
    throw new ServerError(
      2,
      `The source and target field for $rename may not be dynamic: ${source.join('.')}`,
    );
  }
  let moved: Value | undefined;
  const set = step(target, () => moved, filters);
  const move: Step['run'] = (document, info) => {
    moved = plainValue(document, source, 'source');
    plainValue(document, target, 'destination');
    if (moved === undefined) return;
    changeAt(document, { path: source, filters, obstacle: 'ignored', change: () => undefined });
    set.run(document, info);
  };
  return [
    { path: source, run: () => undefined },
    { path: target, run: move },
  ];
}

/** The value at a path that may not go through an array. */
function plainValue(document: Document, path: readonly string[], role: string): Value | undefined {
  let value: Value | undefined = document;
  for (const [at, name] of path.entries()) {
    if (Array.isArray(value)) {
      throw new ServerError(
        2,
        `The ${role} field cannot be an array element, '${path.join('.')}' has an array at '${path.slice(0, at).join('.')}'`,
      );
    }
    value = value instanceof Map ? value.get(name) : undefined;
  }
  return value;
}

function checkConflicts(paths: readonly (readonly string[])[]): void {
  const seen = new Set<string>();
  const prefixes = new Set<string>();
  for (const path of paths) {
    const whole = path.join('.');
    const own = path.map((_, at) => path.slice(0, at + 1).join('.'));
    const clash = prefixes.has(whole) ? whole : own.find((prefix) => seen.has(prefix));
    if (clash !== undefined) {
      throw new ServerError(40, `Updating the path '${whole}' would create a conflict at '${clash}'`);
    }
    seen.add(whole);
    for (const prefix of own) prefixes.add(prefix);
  }
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    if (right === undefined) return 1;
    if (left === right) continue;
    const [x, y] = [arrayIndex(left), arrayIndex(right)];
    if (x !== undefined && y !== undefined) return x - y;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
