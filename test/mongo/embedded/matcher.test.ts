import { describe, expect, test } from 'vitest';
import { ServerError } from '../../../src/mongo/embedded/errors.js';
import { queryContext } from '../../../src/mongo/embedded/query/context.js';
import { compileFilter } from '../../../src/mongo/embedded/query/matcher.js';
import { doc } from './support.js';

type Fields = Record<string, unknown>;

function matches(filter: Fields, document: Fields): boolean {
  return compileFilter(doc(filter), queryContext())(doc(document));
}

const regex = (pattern: string, options = '') => ({ $regularExpression: { pattern, options } });

/** filter, documents that pass, documents that do not */
const CASES: readonly [Fields, readonly Fields[], readonly Fields[]][] = [
  [
    { a: 5 },
    [{ a: 5 }, { a: [1, 5] }, { a: { $numberDouble: '5' } }, { a: { $numberLong: '5' } }],
    [{ a: 6 }, {}, { a: '5' }, { a: [[5]] }],
  ],
  [{ a: null }, [{ a: null }, {}, { a: [null] }], [{ a: 0 }, { a: [] }, { a: false }]],
  [
    { 'a.b': null },
    [{}, { a: 4 }, { a: {} }, { a: [{ b: 1 }, { c: 1 }] }],
    [{ a: [] }, { a: [1, 2] }, { a: { b: 1 } }],
  ],
  [
    { 'a.b': 1 },
    [{ a: { b: 1 } }, { a: [{ b: 2 }, { b: 1 }] }, { a: [{ b: [1] }] }],
    [{ a: [[{ b: 1 }]] }, { a: 1 }],
  ],
  [{ 'a.0': 1 }, [{ a: [1, 2] }, { a: { 0: 1 } }, { a: [{ 0: 1 }] }], [{ a: [2, 1] }, { a: [[1, 2]] }]],
  [{ 'a.0': [1, 2] }, [{ a: [[1, 2]] }], [{ a: [1, 2] }]],
  [{ 'a.1.b': 1 }, [{ a: [{ b: 0 }, { b: 1 }] }], [{ a: [{ b: 1 }, { b: 0 }] }]],
  [{ a: [1, 2] }, [{ a: [1, 2] }, { a: [[1, 2]] }], [{ a: [2, 1] }, { a: [1, 2, 3] }]],
  [{ a: { x: 1, y: 2 } }, [{ a: { x: 1, y: 2 } }], [{ a: { y: 2, x: 1 } }, { a: { x: 1 } }]],
  [
    { a: { $gt: 3 } },
    [{ a: 4 }, { a: [1, 9] }, { a: { $numberLong: '4' } }],
    [{ a: 3 }, { a: '9' }, {}, { a: null }],
  ],
  [{ a: { $gte: null } }, [{ a: null }, {}], [{ a: 1 }]],
  [{ a: { $lt: { $maxKey: 1 } } }, [{ a: 1 }, { a: 'x' }], [{ a: { $maxKey: 1 } }]],
  [{ a: { $gt: { $minKey: 1 } } }, [{ a: 1 }, {}], [{ a: { $minKey: 1 } }]],
  [{ a: { $gte: { $maxKey: 1 } } }, [{ a: { $maxKey: 1 } }], [{ a: 1 }, {}]],
  [{ a: { $lt: { $minKey: 1 } } }, [], [{ a: 1 }, {}]],
  [{ a: { $lte: { $numberDouble: 'NaN' } } }, [{ a: { $numberDouble: 'NaN' } }], [{ a: 1 }]],
  [{ a: { $gt: 1, $lt: 5 } }, [{ a: 3 }, { a: [0, 9] }], [{ a: 5 }, { a: [0, 1] }]],
  [{ a: { $elemMatch: { $gt: 1, $lt: 5 } } }, [{ a: [3] }], [{ a: 3 }, { a: [0, 9] }, { a: [[3]] }]],
  [{ a: { $elemMatch: { $in: [3] } } }, [{ a: [3] }], [{ a: [[3]] }]],
  [{ a: { $elemMatch: { $not: { $gt: 1 } } } }, [{ a: [[3]] }, { a: [1] }], [{ a: [3] }, { a: [] }]],
  [{ a: { $elemMatch: { $elemMatch: { $gt: 1 } } } }, [{ a: [[3]] }], [{ a: [3] }, { a: [[[3]]] }]],
  [
    { a: { $elemMatch: { x: 1, y: { $gt: 1 } } } },
    [{ a: [{ x: 1, y: 2 }] }],
    [
      {
        a: [
          { x: 1, y: 0 },
          { x: 0, y: 2 },
        ],
      },
    ],
  ],
  [{ a: { $ne: 5 } }, [{ a: 6 }, {}, { a: [6] }], [{ a: 5 }, { a: [5, 6] }]],
  [
    { a: { $in: [1, null, regex('^x')] } },
    [{ a: 1 }, {}, { a: 'xy' }, { a: ['q', 'xq'] }],
    [{ a: 2 }, { a: 'yx' }],
  ],
  [{ a: { $nin: [1, 2] } }, [{ a: 3 }, {}], [{ a: 1 }, { a: [3, 2] }]],
  [{ a: { $exists: true } }, [{ a: null }, { a: [] }], [{}]],
  [{ 'a.b': { $exists: false } }, [{}, { a: [] }, { a: [{ c: 1 }] }], [{ a: { b: null } }]],
  [{ a: { $type: 'number' } }, [{ a: 1 }, { a: { $numberLong: '1' } }, { a: ['x', 1] }], [{ a: '1' }, {}]],
  [{ a: { $type: ['array', 2] } }, [{ a: [] }, { a: 'x' }], [{ a: 1 }]],
  [{ a: { $mod: [4, 1] } }, [{ a: 5 }, { a: { $numberDouble: '5.7' } }], [{ a: 4 }, { a: '5' }]],
  [{ a: { $size: 2 } }, [{ a: [1, 2] }], [{ a: [1] }, { a: 'xx' }]],
  [{ a: { $all: [1, 2] } }, [{ a: [2, 3, 1] }], [{ a: [1] }]],
  [{ a: { $all: [] } }, [], [{ a: [] }]],
  [
    { a: { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: 2 } }] } },
    [{ a: [{ x: 2 }, { x: 1 }] }],
    [{ a: [{ x: 1 }] }],
  ],
  [{ a: { $not: { $gt: 3 } } }, [{ a: 1 }, {}], [{ a: 4 }]],
  [{ a: regex('^h.llo$', 'i') }, [{ a: 'Hello' }, { a: 'hello\n' }], [{ a: 'h\nllo' }, { a: 5 }]],
  [{ a: { $regex: 'b c', $options: 'x' } }, [{ a: 'abcd' }], [{ a: 'b c' }]],
  [{ a: regex('^.$') }, [{ a: '\ud83d\ude00' }], [{ a: 'xy' }]],
  [{ a: { $bitsAllSet: [0, 2] } }, [{ a: 5 }, { a: 7 }], [{ a: 4 }, { a: 'x' }]],
  [{ a: { $bitsAnyClear: 3 } }, [{ a: 1 }], [{ a: 3 }]],
  [{ $or: [{ a: 1 }, { b: 1 }] }, [{ a: 1 }, { b: 1 }], [{ c: 1 }]],
  [{ $nor: [{ a: 1 }, { b: 1 }] }, [{ c: 1 }], [{ b: 1 }]],
  [{ $and: [{ a: 1 }, { a: 2 }] }, [{ a: [1, 2] }], [{ a: 1 }]],
  [{ $expr: { $gt: ['$a', '$b'] } }, [{ a: 2, b: 1 }, { a: 1 }], [{ a: 1, b: 2 }]],
  [{ a: { $eq: regex('x') } }, [{ a: regex('x') }], [{ a: 'x' }]],
];

describe('a filter', () => {
  test.each(CASES)('%j', (filter, passing, failing) => {
    expect(passing.filter((document) => !matches(filter, document))).toEqual([]);
    expect(failing.filter((document) => matches(filter, document))).toEqual([]);
  });

  test.each<[Fields, number]>([
    [{ a: { $foo: 1 } }, 2],
    [{ a: { $gt: 1, foo: 2 } }, 2],
    [{ $foo: [] }, 2],
    [{ $and: [] }, 2],
    [{ $where: 'true' }, 238],
    [{ $text: { $search: 'x' } }, 238],
    [{ a: { $near: [1, 2] } }, 238],
    [{ a: { $in: 5 } }, 2],
    [{ a: { $size: -1 } }, 2],
    [{ a: { $size: { $numberDouble: '1.5' } } }, 2],
    [{ a: { $mod: [0, 1] } }, 2],
    [{ a: { $ne: regex('x') } }, 2],
    [{ a: { $not: 5 } }, 2],
    [{ a: { $type: 'nonsense' } }, 2],
    [{ a: regex('(?i)x') }, 238],
    [{ a: regex('[[:alpha:]]') }, 238],
    [{ a: regex('(') }, 51091],
    // PCRE2, which the official server uses since 6.1, takes it for a range that is none.
    [{ a: regex('[\\w-.]') }, 51091],
    [{ $expr: { $foo: 1 } }, 168],
    [{ $expr: '$$unknown' }, 17276],
  ])('refuses %j with code %i', (filter, code) => {
    let refused: unknown;
    try {
      matches(filter, { a: 1 });
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ServerError);
    expect((refused as ServerError).code).toBe(code);
  });
});
