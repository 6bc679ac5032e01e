import { Timestamp } from 'bson';
import { compareValues } from '../bson/compare.js';
import { arithmetic } from '../bson/number.js';
import { isNumeric, type Numeric, typeName, type Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { Change, ChangeCompiler } from './contract.js';

function numericOperand(operator: string, operand: Value, path: string): Numeric {
  if (isNumeric(operand)) return operand;
  const verb = operator === '$inc' ? 'increment' : 'multiply';
  throw new ServerError(14, `Cannot ${verb} with non-numeric argument: {${path}: ${typeName(operand)}}`);
}

function calculating(operator: '$inc' | '$mul', sign: '+' | '*'): ChangeCompiler {
  return (operand, path) => {
    const by = numericOperand(operator, operand, path);
    return (current) => {
      // A missing field counts as an int32 zero, so that $inc sets the operand with its type.
      if (current === undefined) return sign === '+' ? by : (arithmetic('*', 0, by) ?? by);
      if (!isNumeric(current)) {
        throw new ServerError(
          14,
          `Cannot apply ${operator} to a value of non-numeric type. The field '${path}' is of non-numeric type ${typeName(current)}`,
        );
      }
      const result = arithmetic(sign, current, by);
      if (result === undefined) {
        throw new ServerError(
          2,
          `Failed to apply ${operator} operations to current value (${current}) of field '${path}'`,
        );
      }
      return result;
    };
  };
}

function bounded(direction: 1 | -1): ChangeCompiler {
  return (operand, _path, { strings }) =>
    (current) =>
      current === undefined || compareValues(operand, current, strings) * direction > 0 ? operand : current;
}

function currentDate(operand: Value): Change {
  const type = operand instanceof Map ? operand.get('$type') : operand;
  if (operand instanceof Map && (operand.size !== 1 || (type !== 'date' && type !== 'timestamp'))) {
    throw new ServerError(2, "The '$type' string field is required to be 'date' or 'timestamp'");
  }
  if (type === 'timestamp') return () => new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  if (type !== 'date' && typeof type !== 'boolean') {
    throw new ServerError(2, `${typeName(operand)} is not valid type for $currentDate`);
  }
  return () => new Date();
}

const BIT_OPERATIONS: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

function bits(operand: Value, path: string): Change {
  if (!(operand instanceof Map) || operand.size === 0) {
    throw new ServerError(
      2,
      `The $bit modifier is not compatible with a ${typeName(operand)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps = [...operand].map(([name, mask]) => {
    const operation = BIT_OPERATIONS[name];
    if (operation === undefined)
      throw new ServerError(2, `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
    if (typeof mask !== 'number' && typeof mask !== 'bigint') {
      throw new ServerError(
        2,
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(mask)}' is not supported`,
      );
    }
    return { operation, mask };
  });
  return (current = 0) => {
    if (typeof current !== 'number' && typeof current !== 'bigint') {
      throw new ServerError(
        2,
        `Cannot apply $bit to a value of non-integral type: the field '${path}' is a ${typeName(current)}`,
      );
    }
    let value = BigInt(current);
    let isLong = typeof current === 'bigint';
    for (const { operation, mask } of steps) {
      value = operation(value, BigInt(mask));
      isLong ||= typeof mask === 'bigint';
    }
    return isLong ? value : Number(value);
  };
}

/** The operators that treat a field as one value. */
export const fieldChanges: Readonly<Record<string, ChangeCompiler>> = {
  $set: (operand) => () => operand,
  $setOnInsert: (operand) => () => operand,
  $unset: () => () => undefined,
  $inc: calculating('$inc', '+'),
  $mul: calculating('$mul', '*'),
  $min: bounded(-1),
  $max: bounded(1),
  $currentDate: currentDate,
  $bit: bits,
};
