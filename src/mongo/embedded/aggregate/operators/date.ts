import { ObjectId, Timestamp } from 'bson';
import { typeName, type Value } from '../../bson/value.js';
import { notImplemented, ServerError } from '../../errors.js';
import { isNullish } from '../truth.js';
import {
  type Compiler,
  compileArguments,
  compileFields,
  type Expression,
  type OperatorCompiler,
  type OperatorTable,
} from './contract.js';
import { zoneOffsetMs } from './time-zone.js';

const DAY_MS = 86_400_000;

function dateFrom(name: string, value: Value): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  throw new ServerError(16006, `can't convert from BSON type ${typeName(value)} to Date in ${name}`);
}

/** The date moved by its time zone, so that its UTC fields are the local ones. */
function shifted(name: string, value: Value, timezone: Value | undefined): Date {
  const date = dateFrom(name, value);
  return timezone === undefined ? date : new Date(date.getTime() + offsetMs(name, timezone, date));
}

function offsetMs(name: string, timezone: Value, at: Date): number {
  if (typeof timezone !== 'string')
    throw new ServerError(40533, `${name} requires a string for the timezone argument`);
  return zoneOffsetMs(timezone, at);
}

/** The operand is a date, `[date]` or `{date, timezone}`. */
function dateOperand(
  name: string,
  operand: Value,
  compiler: Compiler,
): { date: Expression; timezone: Expression | undefined } {
  if (operand instanceof Map && operand.has('date')) {
    const fields = compileFields(name, operand, compiler, ['date'], ['timezone']);
    return { date: fields.get('date') ?? (() => null), timezone: fields.get('timezone') };
  }
  const [date = () => null] = compileArguments(name, operand, compiler, 1);
  return { date, timezone: undefined };
}

function part(name: string, read: (date: Date) => number): OperatorCompiler {
  return (operand, compiler) => {
    const { date, timezone } = dateOperand(name, operand, compiler);
    return (frame) => {
      const value = date(frame);
      const zone = timezone === undefined ? undefined : timezone(frame);
      if (isNullish(value) || (timezone !== undefined && isNullish(zone))) return null;
      return read(shifted(name, value, zone));
    };
  };
}

function dayOfYear(date: Date): number {
  const firstDay = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - firstDay) / DAY_MS) + 1;
}

const FORMATS: Readonly<Record<string, (date: Date) => string>> = {
  '%': () => '%',
  Y: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  m: (date) => String(date.getUTCMonth() + 1).padStart(2, '0'),
  d: (date) => String(date.getUTCDate()).padStart(2, '0'),
  H: (date) => String(date.getUTCHours()).padStart(2, '0'),
  M: (date) => String(date.getUTCMinutes()).padStart(2, '0'),
  S: (date) => String(date.getUTCSeconds()).padStart(2, '0'),
  L: (date) => String(date.getUTCMilliseconds()).padStart(3, '0'),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  w: (date) => String(date.getUTCDay() + 1),
  u: (date) => String(date.getUTCDay() || 7),
};

const dateToString: OperatorCompiler = (operand, compiler) => {
  const fields = compileFields(
    '$dateToString',
    operand,
    compiler,
    ['date'],
    ['format', 'timezone', 'onNull'],
  );
  return (frame) => {
    const date = fields.get('date')?.(frame);
    const zone = fields.get('timezone')?.(frame);
    const format = fields.has('format') ? fields.get('format')?.(frame) : '%Y-%m-%dT%H:%M:%S.%LZ';
    if (isNullish(date)) return fields.has('onNull') ? fields.get('onNull')?.(frame) : null;
    if (isNullish(format) || (fields.has('timezone') && isNullish(zone))) return null;
    if (typeof format !== 'string')
      throw new ServerError(18533, "$dateToString requires that 'format' be a string");
    if (
      !fields.has('format') &&
      zone !== undefined &&
      offsetMs('$dateToString', zone, dateFrom('$dateToString', date)) !== 0
    ) {
      throw notImplemented('$dateToString with a timezone and no format');
    }
    const local = shifted('$dateToString', date, zone);
    return format.replace(/%(.|$)/gs, (_found, letter: string) => {
      const write = FORMATS[letter];
      if (write === undefined)
        throw new ServerError(18536, `Invalid format character '%${letter}' in format string`);
      return write(local);
    });
  };
};

export const dateOperators: OperatorTable = {
  $year: part('$year', (date) => date.getUTCFullYear()),
  $month: part('$month', (date) => date.getUTCMonth() + 1),
  $dayOfMonth: part('$dayOfMonth', (date) => date.getUTCDate()),
  $dayOfWeek: part('$dayOfWeek', (date) => date.getUTCDay() + 1),
  $isoDayOfWeek: part('$isoDayOfWeek', (date) => date.getUTCDay() || 7),
  $dayOfYear: part('$dayOfYear', dayOfYear),
  $hour: part('$hour', (date) => date.getUTCHours()),
  $minute: part('$minute', (date) => date.getUTCMinutes()),
  $second: part('$second', (date) => date.getUTCSeconds()),
  $millisecond: part('$millisecond', (date) => date.getUTCMilliseconds()),
  $dateToString: dateToString,
};
