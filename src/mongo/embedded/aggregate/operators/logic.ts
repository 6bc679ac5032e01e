import { Double } from 'bson';
import { compareValues } from '../../bson/compare.js';
import { typeName, type Value } from '../../bson/value.js';
import { ServerError } from '../../errors.js';
import { isNullish, isTruthy } from '../truth.js';
import {
  binary,
  compileArguments,
  compileFields,
  type OperatorCompiler,
  type OperatorTable,
  objectOperand,
  unary,
  variadic,
} from './contract.js';

function comparison(name: string, holds: (difference: number) => boolean): OperatorCompiler {
  return binary(name, (a, b, { context }) => holds(compareValues(a, b, context.strings)));
}

const conditional: OperatorCompiler = (operand, compiler) => {
  const fields = Array.isArray(operand)
    ? undefined
    : compileFields('$cond', operand, compiler, ['if', 'then', 'else']);
  const [condition, yes, no] =
    fields === undefined
      ? compileArguments('$cond', operand, compiler, 3)
      : [fields.get('if'), fields.get('then'), fields.get('else')];
  return (frame) => (isTruthy(condition?.(frame)) ? yes?.(frame) : no?.(frame));
};

const switchCase: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$switch', operand, ['branches'], ['default']);
  const branches = fields.get('branches') ?? null;
  if (!Array.isArray(branches) || branches.length === 0) {
    throw new ServerError(40068, '$switch requires at least one branch.');
  }
  const cases = branches.map((branch) => compileFields('$switch', branch, compiler, ['case', 'then']));
  const otherwise = fields.get('default');
  const fallback = otherwise === undefined ? undefined : compiler.compile(otherwise);
  return (frame) => {
    const taken = cases.find((branch) => isTruthy(branch.get('case')?.(frame)));
    if (taken !== undefined) return taken.get('then')?.(frame);
    if (fallback === undefined) {
      throw new ServerError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      );
    }
    return fallback(frame);
  };
};

const letIn: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$let', operand, ['vars', 'in']);
  const vars = fields.get('vars') ?? null;
  if (!(vars instanceof Map))
    throw new ServerError(10065, `invalid parameter: expected an object (vars), got ${typeName(vars)}`);
  const values = [...vars].map(([name, value]) => [checkedVariable(name), compiler.compile(value)] as const);
  const body = compiler.withVariables([...vars.keys()]).compile(fields.get('in') ?? null);
  return (frame) => {
    const variables = new Map(frame.variables);
    for (const [name, value] of values) variables.set(name, value(frame));
    return body({ ...frame, variables });
  };
};

/** Names of variables start with a lower-case letter: capitals are the server's own. */
export function checkedVariable(name: string): string {
  if (!/^[a-z\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*$/.test(name) && name !== 'CURRENT') {
    throw new ServerError(9, `'${name}' starts with an invalid character for a user variable name`);
  }
  return name;
}

function firstValue(values: readonly (Value | undefined)[]): Value | undefined {
  return values.find((value) => !isNullish(value)) ?? values.at(-1);
}

export const logicOperators: OperatorTable = {
  $eq: comparison('$eq', (difference) => difference === 0),
  $ne: comparison('$ne', (difference) => difference !== 0),
  $gt: comparison('$gt', (difference) => difference > 0),
  $gte: comparison('$gte', (difference) => difference >= 0),
  $lt: comparison('$lt', (difference) => difference < 0),
  $lte: comparison('$lte', (difference) => difference <= 0),
  $cmp: binary('$cmp', (a, b, { context }) => Math.sign(compareValues(a, b, context.strings))),
  $and: (operand, compiler) => {
    const items = compileArguments('$and', operand, compiler, 0, Number.POSITIVE_INFINITY);
    return (frame) => items.every((item) => isTruthy(item(frame)));
  },
  $or: (operand, compiler) => {
    const items = compileArguments('$or', operand, compiler, 0, Number.POSITIVE_INFINITY);
    return (frame) => items.some((item) => isTruthy(item(frame)));
  },
  $not: unary('$not', (value) => !isTruthy(value)),
  $cond: conditional,
  $switch: switchCase,
  $ifNull: variadic('$ifNull', firstValue, 2),
  $let: letIn,
  $literal: (operand) => () => operand,
  $rand: (operand, compiler) => {
    if (!(operand instanceof Map)) compileArguments('$rand', operand, compiler, 0);
    return () => new Double(Math.random());
  },
};
