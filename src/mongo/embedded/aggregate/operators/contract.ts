import type { Document, Value } from '../../bson/value.js';
import { ServerError } from '../../errors.js';
import type { QueryContext } from '../../query/context.js';

/** What an expression is evaluated in. */
export interface Frame {
  readonly root: Document;
  readonly variables: ReadonlyMap<string, Value | undefined>;
}

/** A compiled expression; `undefined` is a missing value. */
export type Expression = (frame: Frame) => Value | undefined;

export interface Compiler {
  readonly context: QueryContext;
  readonly compile: (spec: Value) => Expression;
  /** A compiler that knows more variables. */
  readonly withVariables: (names: readonly string[]) => Compiler;
}

/** Compiles the operand of one operator. */
export type OperatorCompiler = (operand: Value, compiler: Compiler) => Expression;

export type OperatorTable = Readonly<Record<string, OperatorCompiler>>;

/** The arguments of an operator: an array, or one value by itself. */
export function compileArguments(
  name: string,
  operand: Value,
  { compile }: Compiler,
  least: number,
  most = least,
): Expression[] {
  const items = Array.isArray(operand) ? operand : [operand];
  if (items.length < least || items.length > most) {
    const wanted = least === most ? `exactly ${least}` : `at least ${least} arguments, and at most ${most}`;
    throw new ServerError(
      16020,
      `Expression ${name} takes ${wanted} arguments. ${items.length} were passed in.`,
    );
  }
  return items.map(compile);
}

/** An operator over one argument. */
export function unary(
  name: string,
  apply: (value: Value | undefined) => Value | undefined,
): OperatorCompiler {
  return (operand, compiler) => {
    const [argument] = compileArguments(name, operand, compiler, 1);
    return (frame) => apply(argument?.(frame));
  };
}

/** An operator over two arguments. */
export function binary(
  name: string,
  apply: (a: Value | undefined, b: Value | undefined, compiler: Compiler) => Value | undefined,
): OperatorCompiler {
  return (operand, compiler) => {
    const [left, right] = compileArguments(name, operand, compiler, 2);
    return (frame) => apply(left?.(frame), right?.(frame), compiler);
  };
}

/** An operator over any number of arguments. */
export function variadic(
  name: string,
  apply: (values: (Value | undefined)[], compiler: Compiler) => Value | undefined,
  least = 0,
  most = Number.POSITIVE_INFINITY,
): OperatorCompiler {
  return (operand, compiler) => {
    const items = compileArguments(name, operand, compiler, least, most);
    return (frame) =>
      apply(
        items.map((item) => item(frame)),
        compiler,
      );
  };
}

/**
 * The compiled fields of an operator that takes an object.
 *
 * @throws ServerError for a missing field, and for one that the operator does not have.
 */
export function compileFields(
  name: string,
  operand: Value,
  compiler: Compiler,
  required: readonly string[],
  optional: readonly string[] = [],
): ReadonlyMap<string, Expression> {
  const fields = objectOperand(name, operand, required, optional);
  return new Map([...fields].map(([field, value]) => [field, compiler.compile(value)]));
}

/** Checks the fields of an operator that takes an object. */
export function objectOperand(
  name: string,
  operand: Value,
  required: readonly string[],
  optional: readonly string[] = [],
): Document {
  if (!(operand instanceof Map)) throw new ServerError(9, `${name} only supports an object as its argument`);
  for (const field of operand.keys()) {
    if (!required.includes(field) && !optional.includes(field)) {
      throw new ServerError(9, `${name} found an unknown argument: ${field}`);
    }
  }
  for (const field of required) {
    if (!operand.has(field)) throw new ServerError(9, `Missing '${field}' parameter to ${name}`);
  }
  return operand;
}
