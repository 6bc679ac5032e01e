import { BSONRegExp } from 'bson';
import { compareBytewise } from '../../bson/compare.js';
import { toNumber } from '../../bson/number.js';
import { isNumeric, typeName, type Value } from '../../bson/value.js';
import { ServerError } from '../../errors.js';
import { compileRegex } from '../../query/regex.js';
import { isNullish } from '../truth.js';
import {
  binary,
  compileFields,
  type OperatorCompiler,
  type OperatorTable,
  unary,
  variadic,
} from './contract.js';
import { stringFrom } from './type.js';

function text(name: string, value: Value | undefined): string {
  if (typeof value !== 'string')
    throw new ServerError(34471, `${name} requires a string argument, found: ${typeName(value)}`);
  return value;
}

function wholeNumber(name: string, value: Value | undefined): number {
  const number = value !== undefined && isNumeric(value) ? toNumber(value) : Number.NaN;
  if (!Number.isInteger(number))
    throw new ServerError(34450, `${name} requires an integer argument, found: ${typeName(value)}`);
  return number;
}

/** Case and the like: null gives an empty string; numbers and dates are taken as their text. */
function asText(name: string, value: Value | undefined): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string' || isNumeric(value) || value instanceof Date) return stringFrom(value);
  throw new ServerError(16007, `can't convert from BSON type ${typeName(value)} to String in ${name}`);
}

/** Only ASCII letters change case, as in the official server. */
function upper(value: string): string {
  return value.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function lower(value: string): string {
  return value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function concat(values: readonly (Value | undefined)[]): Value {
  let result = '';
  for (const value of values) {
    if (isNullish(value)) return null;
    if (typeof value !== 'string')
      throw new ServerError(16702, `$concat only supports strings, not ${typeName(value)}`);
    result += value;
  }
  return result;
}

function substringBytes([value, start, length]: readonly (Value | undefined)[]): Value {
  const bytes = Buffer.from(asText('$substrBytes', value));
  const from = wholeNumber('$substrBytes', start);
  const count = wholeNumber('$substrBytes', length);
  if (from < 0) throw new ServerError(50752, '$substrBytes: starting index must be non-negative');
  const end = count < 0 ? bytes.length : Math.min(from + count, bytes.length);
  for (const border of [from, end]) {
    if (border < bytes.length && ((bytes[border] ?? 0) & 0xc0) === 0x80) {
      throw new ServerError(
        28656,
        '$substrBytes: Invalid range, starting or ending index is a UTF-8 continuation byte.',
      );
    }
  }
  return bytes.toString('utf8', from, Math.max(from, end));
}

function substringCodePoints([value, start, length]: readonly (Value | undefined)[]): Value {
  const points = [...asText('$substrCP', value)];
  const from = wholeNumber('$substrCP', start);
  const count = wholeNumber('$substrCP', length);
  if (from < 0 || count < 0)
    throw new ServerError(34455, '$substrCP: starting index and length must be non-negative');
  return points.slice(from, from + count).join('');
}

function trimmed(name: string, atStart: boolean, atEnd: boolean): OperatorCompiler {
  return (operand, compiler) => {
    const fields = compileFields(name, operand, compiler, ['input'], ['chars']);
    return (frame) => {
      const input = fields.get('input')?.(frame);
      const chars = fields.has('chars') ? fields.get('chars')?.(frame) : WHITESPACE;
      if (isNullish(input) || isNullish(chars)) return null;
      const points = [...text(name, input)];
      const dropped = new Set(text(name, chars));
      let start = 0;
      let end = points.length;
      while (atStart && start < end && dropped.has(points[start] ?? '')) start += 1;
      while (atEnd && end > start && dropped.has(points[end - 1] ?? '')) end -= 1;
      return points.slice(start, end).join('');
    };
  };
}

const WHITESPACE =
  '\0\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

function split(value: Value | undefined, separator: Value | undefined): Value {
  if (isNullish(value) || isNullish(separator)) return null;
  const between = text('$split', separator);
  if (between === '') throw new ServerError(40087, '$split requires a non-empty separator');
  return text('$split', value).split(between);
}

function indexOf(name: string, units: (value: string) => readonly (string | number)[]): OperatorCompiler {
  return variadic(
    name,
    ([value, wanted, start = 0, end]) => {
      if (isNullish(value)) return null;
      const searched = units(text(name, value));
      const found = units(text(name, wanted));
      const from = wholeNumber(name, start);
      const until = end === undefined ? searched.length : Math.min(wholeNumber(name, end), searched.length);
      if (from < 0 || until < 0)
        throw new ServerError(40097, `${name} requires a nonnegative start and end index`);
      for (let at = from; at + found.length <= until; at += 1) {
        if (found.every((unit, offset) => searched[at + offset] === unit)) return at;
      }
      return -1;
    },
    2,
    4,
  );
}

function replacing(
  name: string,
  replace: (input: string, find: string, replacement: string) => string,
): OperatorCompiler {
  return (operand, compiler) => {
    const fields = compileFields(name, operand, compiler, ['input', 'find', 'replacement']);
    return (frame) => {
      const parts = ['input', 'find', 'replacement'].map((field) => fields.get(field)?.(frame));
      const [input, find, replacement] = parts.map((part) =>
        isNullish(part) ? undefined : text(name, part),
      );
      if (input === undefined || find === undefined || replacement === undefined) return null;
      return replace(input, find, replacement);
    };
  };
}

const regexMatch: OperatorCompiler = (operand, compiler) => {
  const fields = compileFields('$regexMatch', operand, compiler, ['input', 'regex'], ['options']);
  return (frame) => {
    const input = fields.get('input')?.(frame);
    const regex = fields.get('regex')?.(frame);
    const options = fields.get('options')?.(frame);
    if (isNullish(input) || isNullish(regex)) return false;
    const given = isNullish(options) ? undefined : text('$regexMatch', options);
    if (regex instanceof BSONRegExp) {
      return compileRegex(regex.pattern, given ?? regex.options).test(text('$regexMatch', input));
    }
    return compileRegex(text('$regexMatch', regex), given ?? '').test(text('$regexMatch', input));
  };
};

export const stringOperators: OperatorTable = {
  $concat: variadic('$concat', concat),
  $toUpper: unary('$toUpper', (value) => upper(asText('$toUpper', value))),
  $toLower: unary('$toLower', (value) => lower(asText('$toLower', value))),
  $strcasecmp: binary('$strcasecmp', (a, b) =>
    Math.sign(compareBytewise(upper(asText('$strcasecmp', a)), upper(asText('$strcasecmp', b)))),
  ),
  $substr: variadic('$substr', substringBytes, 3, 3),
  $substrBytes: variadic('$substrBytes', substringBytes, 3, 3),
  $substrCP: variadic('$substrCP', substringCodePoints, 3, 3),
  $strLenBytes: unary('$strLenBytes', (value) => Buffer.byteLength(text('$strLenBytes', value))),
  $strLenCP: unary('$strLenCP', (value) => [...text('$strLenCP', value)].length),
  $trim: trimmed('$trim', true, true),
  $ltrim: trimmed('$ltrim', true, false),
  $rtrim: trimmed('$rtrim', false, true),
  $split: binary('$split', split),
  $indexOfBytes: indexOf('$indexOfBytes', (value) => [...Buffer.from(value)]),
  $indexOfCP: indexOf('$indexOfCP', (value) => [...value]),
  $replaceOne: replacing('$replaceOne', (input, find, replacement) => input.replace(find, () => replacement)),
  $replaceAll: replacing('$replaceAll', (input, find, replacement) =>
    input.replaceAll(find, () => replacement),
  ),
  $regexMatch: regexMatch,
};
