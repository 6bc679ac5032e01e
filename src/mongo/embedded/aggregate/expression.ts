import type { Document, Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { EXPRESSIONS_NOT_HERE } from './not-here.js';
import { arithmeticOperators } from './operators/arithmetic.js';
import { arrayOperators } from './operators/array.js';
import type { Compiler, Expression, Frame, OperatorCompiler } from './operators/contract.js';
import { dateOperators } from './operators/date.js';
import { logicOperators } from './operators/logic.js';
import { objectOperators } from './operators/object.js';
import { setOperators } from './operators/set.js';
import { statisticsOperators } from './operators/statistics.js';
import { stringOperators } from './operators/string.js';
import { typeOperators } from './operators/type.js';

const OPERATORS: ReadonlyMap<string, OperatorCompiler> = new Map(
  [
    arithmeticOperators,
    arrayOperators,
    dateOperators,
    logicOperators,
    objectOperators,
    setOperators,
    statisticsOperators,
    stringOperators,
    typeOperators,
  ].flatMap((table) => Object.entries(table)),
);

/** Variables that every expression has. */
const SYSTEM_VARIABLES = new Set(['ROOT', 'CURRENT', 'REMOVE', 'NOW']);

/**
 * Compiles an aggregation expression.
 *
 * @throws ServerError for operators and variables that this server does not know.
 */
export function compileExpression(spec: Value, context: QueryContext): Expression {
  return compilerOf(context).compile(spec);
}

/** True for the name of an operator that MongoDB knows. */
export function isOperatorName(name: string): boolean {
  return OPERATORS.has(name) || EXPRESSIONS_NOT_HERE.has(name);
}

export function compilerOf(context: QueryContext): Compiler {
  return compilerFor(context, new Set(context.variables.keys()));
}

function compilerFor(context: QueryContext, names: ReadonlySet<string>): Compiler {
  const compiler: Compiler = {
    context,
    compile: (spec) => compileIn(spec, compiler, names),
    withVariables: (added) => compilerFor(context, new Set([...names, ...added])),
  };
  return compiler;
}

function compileIn(spec: Value, compiler: Compiler, names: ReadonlySet<string>): Expression {
  if (typeof spec === 'string' && spec.startsWith('$')) return compileReference(spec, names);
  if (Array.isArray(spec)) {
    const items = spec.map(compiler.compile);
    return (frame) => items.map((item) => item(frame) ?? null);
  }
  if (!(spec instanceof Map)) return () => spec;
  const [first] = spec.keys();
  if (first?.startsWith('$') !== true) return compileObject(spec, compiler);
  if (spec.size > 1) {
    throw new ServerError(
      15983,
      `An object representing an expression must have exactly one field, it has ${spec.size}`,
    );
  }
  const operator = OPERATORS.get(first);
  if (operator === undefined) {
    throw EXPRESSIONS_NOT_HERE.has(first)
      ? notImplemented(`The expression ${first}`)
      : new ServerError(168, `Unrecognized expression '${first}'`);
  }
  return operator(spec.get(first) ?? null, compiler);
}

function compileObject(spec: Document, compiler: Compiler): Expression {
  const fields = [...spec].map(([name, value]) => {
    if (name.startsWith('$'))
      throw new ServerError(16410, `FieldPath field names may not start with '$'. Given: ${name}`);
    if (name.includes('.'))
      throw new ServerError(16412, `FieldPath field names may not contain '.'. Given: ${name}`);
    return [name, compiler.compile(value)] as const;
  });
  return (frame) => {
    const result: Document = new Map();
    for (const [name, expression] of fields) {
      const value = expression(frame);
      if (value !== undefined) result.set(name, value);
    }
    return result;
  };
}

function compileReference(text: string, names: ReadonlySet<string>): Expression {
  if (!text.startsWith('$$')) {
    const path = fieldPath(text.slice(1));
    return (frame) => valueAt(frame.root, path);
  }
  const [name = '', ...path] = text.slice(2).split('.');
  if (path.length > 0) fieldPath(path.join('.'));
  if (!names.has(name) && !SYSTEM_VARIABLES.has(name)) {
    throw new ServerError(17276, `Use of undefined variable: ${name}`);
  }
  return (frame) => valueAt(variable(name, frame), path);
}

function variable(name: string, frame: Frame): Value | undefined {
  if (frame.variables.has(name)) return frame.variables.get(name);
  return name === 'ROOT' || name === 'CURRENT' ? frame.root : undefined;
}

function fieldPath(text: string): string[] {
  if (text === '') throw new ServerError(16872, "'$' by itself is not a valid FieldPath");
  const path = text.split('.');
  for (const component of path) {
    if (component === '') throw new ServerError(15998, 'FieldPath field names may not be empty strings.');
    if (component.startsWith('$')) {
      throw new ServerError(16410, `FieldPath field names may not start with '$'. Given: ${component}`);
    }
  }
  return path;
}

/** The value of a field path; the documents in arrays on the way are gone through and give arrays. */
export function valueAt(value: Value | undefined, path: readonly string[], at = 0): Value | undefined {
  if (at === path.length) return value;
  if (value instanceof Map) return valueAt(value.get(path[at] ?? ''), path, at + 1);
  if (!Array.isArray(value)) return undefined;
  return value
    .map((item) => (item instanceof Map ? valueAt(item, path, at) : undefined))
    .filter((inner) => inner !== undefined);
}
