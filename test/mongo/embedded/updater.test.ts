import { describe, expect, test } from 'vitest';
import { ServerError } from '../../../src/mongo/embedded/errors.js';
import { queryContext } from '../../../src/mongo/embedded/query/context.js';
import { compileUpdate } from '../../../src/mongo/embedded/update/updater.js';
import { doc, shown, value } from './support.js';

type Fields = Record<string, unknown>;

interface Extra {
  readonly arrayFilters?: readonly Fields[];
  readonly position?: number;
  readonly isInsert?: boolean;
}

function updated(
  document: Fields,
  update: unknown,
  { arrayFilters, position, isInsert = false }: Extra = {},
): unknown {
  const { apply } = compileUpdate(
    value(update),
    queryContext(),
    arrayFilters?.map((filter) => value(filter)),
  );
  return shown(apply(doc(document), { position, isInsert }));
}

const long = (number: number) => ({ $numberLong: String(number) });
const double = (number: string) => ({ $numberDouble: number });

/** document, update, result */
const CASES: readonly [Fields, unknown, Fields, Extra?][] = [
  [{ a: 1 }, { $set: { c: 3, b: 2 } }, { a: 1, b: 2, c: 3 }],
  [{ a: 1 }, { $set: { 'x.y.z': 1 } }, { a: 1, x: { y: { z: 1 } } }],
  [{ a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }],
  [{}, { $set: { 'a.0': 1 } }, { a: { 0: 1 } }],
  [{ a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
  [{ a: [1, 2] }, { $unset: { 'a.0': '' } }, { a: [null, 2] }],
  [{ a: 1 }, { $unset: { 'a.b': '' } }, { a: 1 }],
  [{ a: 1 }, { $inc: { a: 2, b: long(5) } }, { a: 3, b: long(5) }],
  [{ a: 2147483647 }, { $inc: { a: 1 } }, { a: long(2147483648) }],
  [{ a: 1 }, { $inc: { a: double('0.5') } }, { a: double('1.5') }],
  [
    { a: { $numberDecimal: '0.1' } },
    { $inc: { a: { $numberDecimal: '0.2' } } },
    { a: { $numberDecimal: '0.3' } },
  ],
  [{ a: 3 }, { $mul: { a: 4, b: 4 } }, { a: 12, b: 0 }],
  [{ a: 5 }, { $min: { a: 3, b: 1 }, $max: { c: 1 } }, { a: 3, b: 1, c: 1 }],
  [{ a: 5 }, { $max: { a: 'x' } }, { a: 'x' }],
  [{ a: { b: 1 }, c: 2 }, { $rename: { 'a.b': 'd', nothing: 'e' } }, { a: {}, c: 2, d: 1 }],
  [{ a: null, b: 2 }, { $rename: { a: 'c' } }, { b: 2, c: null }],
  [{ a: null, b: 2 }, { $rename: { a: 'b' } }, { b: null }],
  [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
  [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1, b: 1 }, { isInsert: true }],
  [{ a: 1, c: [1] }, { $setOnInsert: { 'a.b': 1, 'c.x': 1 } }, { a: 1, c: [1] }],
  [{ a: [3] }, { $push: { a: 1, b: 2 } }, { a: [3, 1], b: [2] }],
  [{ a: [3, 1] }, { $push: { a: { $each: [2, 0], $sort: 1, $slice: 3 } } }, { a: [0, 1, 2] }],
  [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: 1 } } }, { a: [1, 9, 2] }],
  [{ a: [1, 2, 3] }, { $push: { a: { $each: [4], $slice: -2 } } }, { a: [3, 4] }],
  [{ a: [{ x: 2 }] }, { $push: { a: { $each: [{ x: 1 }], $sort: { x: 1 } } } }, { a: [{ x: 1 }, { x: 2 }] }],
  [{ a: [1, 2] }, { $addToSet: { a: { $each: [2, 3, double('1'), 3] } } }, { a: [1, 2, 3] }],
  [{ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  [{ a: [{ x: 1, y: 1 }, { x: 2 }] }, { $pull: { a: { x: 1 } } }, { a: [{ x: 2 }] }],
  [
    { a: ['ab', 'b'] },
    { $pull: { a: { $regularExpression: { pattern: '^a', options: '' } } } },
    { a: ['b'] },
  ],
  [{ a: [1, 2, 1] }, { $pullAll: { a: [1] } }, { a: [2] }],
  [{}, { $pull: { 'a.b': 1 } }, {}],
  [{ a: [1, 2, 3] }, { $pop: { a: -1 } }, { a: [2, 3] }],
  [{ a: 13 }, { $bit: { a: { and: 10 } } }, { a: 8 }],
  [{ a: [1, 2, 3] }, { $set: { 'a.$': 9 } }, { a: [1, 9, 3] }, { position: 1 }],
  [{ a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
  [
    { a: [{ x: 1 }, { x: 5 }] },
    { $set: { 'a.$[big].y': 1 } },
    { a: [{ x: 1 }, { x: 5, y: 1 }] },
    { arrayFilters: [{ 'big.x': { $gt: 3 } }] },
  ],
  [{ _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
  [{ _id: 1, a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }, { $unset: 'a' }], { _id: 1, b: 2 }],
  [{ b: 1, 10: 1, 2: 1 }, { $set: { a: 1 } }, { b: 1, 10: 1, 2: 1, a: 1 }],
];

describe('an update', () => {
  test('says in which element a field cannot be', () => {
    expect(() => updated({ a: [{ b: [1] }] }, { $pull: { 'a.b': 1 } })).toThrow(
      'Cannot use the part (b) of (a.b) to traverse the element ({a: [ { b: [ 1 ] } ]})',
    );
    expect(() => updated({ a: { b: null } }, { $set: { 'a.b.c': 1 } })).toThrow(
      "Cannot create field 'c' in element {b: null}",
    );
    expect(() => updated({ a: [{ x: 1 }] }, { $set: { 'a.x': 2 } })).toThrow(
      "Cannot create field 'x' in element {a: [ { x: 1 } ]}",
    );
  });

  test.each(CASES)('%j %j', (before, update, after, extra) => {
    expect(updated(before, update, extra)).toEqual(shown(doc(after)));
  });

  test.each<[Fields, unknown, number, Extra?]>([
    [{ a: 'x' }, { $inc: { a: 1 } }, 14],
    [{ a: 1 }, { $inc: { a: 'x' } }, 14],
    [{ a: { $numberLong: '9223372036854775807' } }, { $inc: { a: 1 } }, 2],
    [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
    [{ a: 1 }, { $push: { a: 1 } }, 2],
    [{ a: [{ b: [1] }] }, { $pull: { 'a.b': 1 } }, 28],
    [{ a: [{ b: { c: [1] } }] }, { $pull: { 'a.b.c': 1 } }, 28],
    [{ a: null }, { $pullAll: { 'a.b': [1] } }, 28],
    [{ a: 'x' }, { $pop: { 'a.b': 1 } }, 28],
    [{ a: 1 }, { $pop: { a: 1 } }, 14],
    [{ a: 1 }, { $set: { a: 1, 'a.b': 2 } }, 40],
    [{ a: 1 }, { $set: { a: 1 }, $inc: { a: 2 } }, 40],
    [{ a: 1 }, { $foo: { a: 1 } }, 9],
    [{ a: 1 }, { $set: 5 }, 9],
    [{ a: 1 }, { $set: { '': 1 } }, 56],
    [{ a: 1 }, { $set: { 'a..b': 1 } }, 56],
    [{ a: [1] }, { $set: { 'a.$': 1 } }, 2],
    [{ a: [1] }, { $set: { 'a.$[x]': 1 } }, 2],
    [{ a: [1] }, { $set: { b: 1 } }, 9, { arrayFilters: [{ x: 1 }] }],
    [{ a: 1 }, { $set: { 'a.$[]': 1 } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [1], $foo: 1 } } }, 2],
    [{ a: 1 }, { b: 1, $set: { a: 1 } }, 52],
    [{ a: 1 }, [{ $match: {} }], 72],
  ])('%j %j is refused with code %i', (before, update, code, extra) => {
    let refused = 0;
    try {
      updated(before, update, extra);
    } catch (error) {
      expect(error).toBeInstanceOf(ServerError);
      refused = (error as ServerError).code;
    }
    expect(refused).toBe(code);
  });
});
