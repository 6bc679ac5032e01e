import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  booleanParam,
  integerParam,
  leadingInteger,
  messageIdParam,
  requiredParam,
  userIdParam,
} from '../../src/telegram/coercion.js';
import { integerField, parseJsonParam, parsing, stringField } from '../../src/telegram/json-fields.js';

const params = (value?: string) => new Map(value === undefined ? [] : [['x', value]]);

test.each([
  ['12abc', 12],
  ['1.9', 1],
  ['abc', 0],
  ['', 0],
  ['-5', -5],
  ['- 5', 0],
  [' 5', 0],
  ['+5', 0],
])('%j is read as %d', (text, number) => {
  expect(leadingInteger(text)).toBe(number);
});

test('item 15: integers are clamped, never refused', () => {
  const range = { fallback: 100, min: 1, max: 100 };
  expect(integerParam(params('abc'), 'x', range)).toBe(1);
  expect(integerParam(params(), 'x', range)).toBe(100);
  expect(integerParam(params(''), 'x', range)).toBe(100);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const value = integerParam(params(text), 'x', range);
      expect(value >= 1 && value <= 100).toBe(true);
    }),
  );
});

test('item 14: booleans', () => {
  for (const text of ['true', 'YES', ' 1 ']) expect(booleanParam(params(text), 'x')).toBe(true);
  for (const text of ['on', '0', '11', '', 'truee']) expect(booleanParam(params(text), 'x')).toBe(false);
});

test('ids', () => {
  expect(messageIdParam(params('-3'), 'x')).toBe(0);
  expect(messageIdParam(params('3x'), 'x')).toBe(3);
  expect(() => userIdParam(params('0'), 'x')).toThrow('Bad Request: invalid user_id specified');
  expect(() => requiredParam(params(''), 'x')).toThrow('Bad Request: parameter "x" is required');
});

test('fields inside JSON are read strictly', () => {
  expect(stringField({ x: 5 }, 'x')).toBe('5');
  expect(integerField({ x: '5' }, 'x')).toBe(5);
  expect(() => stringField({ x: null }, 'x')).toThrow('Field "x" must be of type String');
  expect(() => integerField({ x: null }, 'x')).toThrow('Field "x" must be a Number');
  expect(() => integerField({ x: '5x' }, 'x')).toThrow('Field "x" must be a valid Number');
  expect(() => parsing('thing', () => stringField({ x: true }, 'x'))).toThrow(
    'Bad Request: can\'t parse thing: Field "x" must be of type String',
  );
  expect(() => parseJsonParam('{', 'thing')).toThrow("Bad Request: can't parse thing JSON object");
});
