import type { Document, Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { splitPath, visitLeaves } from '../query/path.js';
import { compileExpression } from './expression.js';
import { compilePipeline, type Stage, type StageEnvironment } from './stages.js';
import { withValue } from './unwind.js';

const LOOKUP_FIELDS = new Set(['from', 'localField', 'foreignField', 'let', 'pipeline', 'as']);

function text(fields: Document, name: string): string | undefined {
  const value = fields.get(name);
  if (value === undefined || typeof value === 'string') return value;
  if (name === 'from' && value instanceof Map) throw notImplemented('$lookup from another database');
  throw new ServerError(9, `$lookup argument '${name}' must be a string`);
}

/** Compiles `$lookup` with equality of two fields, with a pipeline, or with both. */
export function compileLookup(operand: Value, environment: StageEnvironment): Stage {
  if (!(operand instanceof Map)) throw new ServerError(9, 'the $lookup specification must be an Object');
  for (const name of operand.keys())
    if (!LOOKUP_FIELDS.has(name)) throw new ServerError(9, `unknown argument to $lookup: ${name}`);
  const [from, local, foreign, as] = ['from', 'localField', 'foreignField', 'as'].map((name) =>
    text(operand, name),
  );
  if (as === undefined) throw new ServerError(9, "must specify 'as' field for a $lookup");
  if (from === undefined) throw new ServerError(9, "must specify 'from' field for a $lookup");
  if ((local === undefined) !== (foreign === undefined)) {
    throw new ServerError(
      9,
      '$lookup requires both or neither of localField and foreignField to be specified',
    );
  }
  const pipeline = operand.get('pipeline');
  if (local === undefined && pipeline === undefined)
    throw new ServerError(9, '$lookup requires either pipeline or both localField and foreignField');
  if (pipeline !== undefined && !Array.isArray(pipeline))
    throw new ServerError(9, "the 'pipeline' of $lookup must be an array");
  const variables = operand.get('let') ?? new Map();
  if (!(variables instanceof Map)) throw new ServerError(9, "$lookup argument 'let' must be an object");
  const { context } = environment;
  const values = [...variables].map(([name, value]) => [name, compileExpression(value, context)] as const);
  const runPipeline = (input: Iterable<Document>, root: Document): Iterable<Document> => {
    if (pipeline === undefined) return input;
    const bound = new Map(context.variables);
    for (const [name, value] of values) bound.set(name, value({ root, variables: context.variables }));
    return compilePipeline(pipeline, { ...environment, context: { ...context, variables: bound } })(input);
  };
  // Compiled once here as well, so that a wrong pipeline fails even without documents.
  if (pipeline !== undefined) compilePipeline(pipeline, withNames(environment, [...variables.keys()]));
  return function* lookUp(input) {
    const all = [...environment.read(from)];
    const join =
      local === undefined || foreign === undefined ? () => all : joined(all, local, foreign, context);
    for (const document of input) {
      const found = [...runPipeline(join(document), document)];
      yield withValue(document, as.split('.'), found);
    }
  };
}

function withNames(environment: StageEnvironment, names: readonly string[]): StageEnvironment {
  const { context } = environment;
  const variables = new Map(context.variables);
  for (const name of names) variables.set(name, null);
  return { ...environment, context: { ...context, variables } };
}

/**
 * Finds the foreign documents that equal a value; missing counts as null. A local array stands for its
 * elements, or for null when it has none; a foreign one matches as it does in a filter.
 */
function joined(
  all: readonly Document[],
  local: string,
  foreign: string,
  { keyOf }: QueryContext,
): (document: Document) => Document[] {
  const byKey = new Map<string, number[]>();
  for (const [at, document] of all.entries()) {
    for (const key of new Set(foreignValues(document, splitPath(foreign)).map(keyOf))) {
      const places = byKey.get(key);
      if (places === undefined) byKey.set(key, [at]);
      else places.push(at);
    }
  }
  return (document) => {
    const places = new Set<number>();
    for (const value of localValues(document, splitPath(local))) {
      for (const at of byKey.get(keyOf(value)) ?? []) places.add(at);
    }
    return [...places].sort((a, b) => a - b).flatMap((at) => all[at] ?? []);
  };
}

function foreignValues(document: Document, path: readonly string[]): Value[] {
  const values: Value[] = [];
  visitLeaves(document, path, (value) => {
    if (Array.isArray(value)) for (const item of value) values.push(item);
    values.push(value ?? null);
    return false;
  });
  return values;
}

function localValues(document: Document, path: readonly string[]): Value[] {
  const values: Value[] = [];
  visitLeaves(document, path, (value) => {
    if (!Array.isArray(value)) values.push(value ?? null);
    else if (value.length === 0) values.push(null);
    else for (const item of value) values.push(item);
    return false;
  });
  return values.length === 0 ? [null] : values;
}

/** Compiles `$unionWith`. */
export function compileUnion(operand: Value, environment: StageEnvironment): Stage {
  const fields = operand instanceof Map ? operand : new Map<string, Value>([['coll', operand]]);
  for (const name of fields.keys()) {
    if (name !== 'coll' && name !== 'pipeline')
      throw new ServerError(40415, `BSON field '$unionWith.${name}' is an unknown field.`);
  }
  const collection = fields.get('coll');
  if (typeof collection !== 'string') throw new ServerError(9, '$unionWith needs the name of a collection');
  const pipeline = fields.get('pipeline') ?? [];
  if (!Array.isArray(pipeline))
    throw new ServerError(14, "BSON field '$unionWith.pipeline' must be an array");
  const stage = compilePipeline(pipeline, environment);
  return function* union(input) {
    yield* input;
    yield* stage(environment.read(collection));
  };
}
