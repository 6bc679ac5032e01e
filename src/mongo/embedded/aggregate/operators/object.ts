import { type Document, typeName, type Value } from '../../bson/value.js';
import { ServerError } from '../../errors.js';
import { isNullish } from '../truth.js';
import {
  type Compiler,
  type Expression,
  type OperatorCompiler,
  type OperatorTable,
  objectOperand,
  unary,
  variadic,
} from './contract.js';

function mergeObjects(values: readonly (Value | undefined)[]): Value {
  const result: Document = new Map();
  const items = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
  for (const item of items) {
    if (isNullish(item)) continue;
    if (!(item instanceof Map))
      throw new ServerError(
        40400,
        `$mergeObjects requires object inputs, but input is of type ${typeName(item)}`,
      );
    for (const [name, value] of item) result.set(name, value);
  }
  return result;
}

function objectToArray(value: Value | undefined): Value {
  if (isNullish(value)) return null;
  if (!(value instanceof Map))
    throw new ServerError(40390, `$objectToArray requires a document input, found: ${typeName(value)}`);
  return [...value].map(
    ([k, v]) =>
      new Map<string, Value>([
        ['k', k],
        ['v', v],
      ]),
  );
}

function arrayToObject(value: Value | undefined): Value {
  if (isNullish(value)) return null;
  if (!Array.isArray(value))
    throw new ServerError(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`);
  const result: Document = new Map();
  for (const item of value) {
    const [name, inner] = pairOf(item);
    if (typeof name !== 'string' || inner === undefined) {
      throw new ServerError(
        40394,
        '$arrayToObject requires an array of key-value pairs, where the key must be of type string',
      );
    }
    result.set(name, inner);
  }
  return result;
}

function pairOf(item: Value): [Value | undefined, Value | undefined] {
  if (Array.isArray(item) && item.length === 2) return [item[0], item[1]];
  if (item instanceof Map && item.size === 2) return [item.get('k'), item.get('v')];
  return [undefined, undefined];
}

/** The constant name of `$getField` and `$setField`; it may hold dots and dollars. */
function constantName(operator: string, spec: Value | undefined, compiler: Compiler): string {
  const name =
    spec === undefined
      ? undefined
      : compiler.compile(spec)({ root: new Map(), variables: compiler.context.variables });
  if (typeof name !== 'string')
    throw new ServerError(4161107, `${operator} requires 'field' to evaluate to a constant string`);
  return name;
}

const getField: OperatorCompiler = (operand, compiler) => {
  const short = !(operand instanceof Map) || !operand.has('field');
  const fields = short ? undefined : objectOperand('$getField', operand, ['field'], ['input']);
  const name = constantName('$getField', fields === undefined ? operand : fields.get('field'), compiler);
  const input: Expression = compiler.compile(fields?.get('input') ?? '$$CURRENT');
  return (frame) => {
    const value = input(frame);
    if (value instanceof Map) return value.get(name);
    return value === null ? null : undefined;
  };
};

const setField: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$setField', operand, ['field', 'input', 'value']);
  return withField('$setField', fields, compiler, compiler.compile(fields.get('value') ?? null));
};

const unsetField: OperatorCompiler = (operand, compiler) => {
  const fields = objectOperand('$unsetField', operand, ['field', 'input']);
  return withField('$unsetField', fields, compiler, () => undefined);
};

function withField(operator: string, fields: Document, compiler: Compiler, value: Expression): Expression {
  const name = constantName(operator, fields.get('field'), compiler);
  const input = compiler.compile(fields.get('input') ?? null);
  return (frame) => {
    const base = input(frame);
    if (isNullish(base)) return null;
    if (!(base instanceof Map))
      throw new ServerError(4161105, `${operator} requires 'input' to evaluate to type Object`);
    const result = new Map(base);
    const set = value(frame);
    if (set === undefined) result.delete(name);
    else result.set(name, set);
    return result;
  };
}

export const objectOperators: OperatorTable = {
  $mergeObjects: variadic('$mergeObjects', mergeObjects),
  $objectToArray: unary('$objectToArray', objectToArray),
  $arrayToObject: unary('$arrayToObject', arrayToObject),
  $getField: getField,
  $setField: setField,
  $unsetField: unsetField,
};
