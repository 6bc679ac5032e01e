import { describe, expect, test } from 'vitest';
import { compileExpression } from '../../../src/mongo/embedded/aggregate/expression.js';
import { queryContext } from '../../../src/mongo/embedded/query/context.js';
import { doc, shown, value } from './support.js';

type Fields = Record<string, unknown>;

function evaluated(expression: unknown, document: Fields): string {
  const context = queryContext();
  const result = compileExpression(
    value(expression),
    context,
  )({
    root: doc(document),
    variables: context.variables,
  });
  return result === undefined ? 'missing' : shown(new Map([['value', result]]));
}

const decimal = (text: string) => ({ $numberDecimal: text });

const date = (iso: string) => ({ $date: { $numberLong: String(Date.parse(iso)) } });
const AT = { at: date('2024-03-31T00:00:00.000Z') };
const local = (timezone: string) => ({ $dateToString: { date: '$at', format: '%Y-%m-%d %H:%M', timezone } });

/** expression, document, value */
const CASES: readonly [unknown, Fields, unknown][] = [
  ['$a.b', { a: [{ b: 1 }, 2, { c: 3 }, { b: 4 }] }, [1, 4]],
  ['$a.b', { a: [[{ b: 1 }], { b: [2] }] }, [[2]]],
  [local('+05:30'), AT, '2024-03-31 05:30'],
  [local('Europe/Berlin'), AT, '2024-03-31 01:00'],
  [local('Europe/Berlin'), { at: date('2024-03-31T01:00:00.000Z') }, '2024-03-31 03:00'],
  [local('Europe/Moscow'), AT, '2024-03-31 03:00'],
  [local('America/St_Johns'), AT, '2024-03-30 21:30'],
  [{ $hour: { date: '$at', timezone: 'Asia/Kolkata' } }, AT, 5],
  [{ $dayOfMonth: { date: '$at', timezone: 'America/New_York' } }, AT, 30],
  [{ $concat: ['a', null, 5] }, {}, null],
  [{ $avg: '$a' }, { a: [decimal('1.10'), decimal('2.20')] }, decimal('1.65')],
  [{ $avg: '$a' }, { a: [decimal('1'), 1, 2] }, decimal('1.333333333333333333333333333333333')],
  [{ $avg: '$a' }, { a: [1, 2, 'x', null] }, { $numberDouble: '1.5' }],
  [{ $divide: ['$a', 4] }, { a: decimal('10.00') }, decimal('2.50')],
  [{ $divide: ['$a', 8] }, { a: decimal('1') }, decimal('0.125')],
  [{ $divide: ['$a', -3] }, { a: decimal('2') }, decimal('-0.6666666666666666666666666666666667')],
];

describe('an expression', () => {
  test.each(CASES)('%j of %j', (expression, document, expected) => {
    expect(evaluated(expression, document)).toBe(shown(doc({ value: expected })));
  });

  test.each<[unknown, number]>([
    [{ $dateTrunc: { date: '$a', unit: 'day' } }, 238],
    [local('Europe/Berlinn'), 40485],
    [local('UTC+3'), 40485],
    [{ $size: '$zz' }, 17124],
    [{ $in: [1, '$zz'] }, 40081],
    [{ $arrayElemAt: ['$at', 0] }, 28689],
    [{ $filter: { input: '$at', cond: true } }, 28651],
    [{ $dateTruncate: { date: '$a', unit: 'day' } }, 168],
  ])('%j is refused with code %i', (expression, code) => {
    expect(() => evaluated(expression, AT)).toThrow(expect.objectContaining({ code }));
  });
});
