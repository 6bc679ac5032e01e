import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/mongo/embedded/bson/decode.js';
import { encode } from '../../../src/mongo/embedded/bson/encode.js';
import { queryContext } from '../../../src/mongo/embedded/query/context.js';
import { compileFindProjection } from '../../../src/mongo/embedded/query/find-projection.js';
import { compileFilter } from '../../../src/mongo/embedded/query/matcher.js';
import { doc, shown } from './support.js';

type Fields = Record<string, unknown>;

function projected(projection: Fields, document: Fields, filter: Fields = {}): string {
  const compiled = compileFilter(doc(filter), queryContext());
  const project = compileFindProjection(doc(projection), doc(filter), compiled, queryContext());
  const stored = doc(document);
  return shown(decode(project({ bytes: encode(stored), document: stored })));
}

/** projection, document, result, filter */
const CASES: readonly [Fields, Fields, Fields, Fields?][] = [
  [{ a: 1 }, { _id: 1, a: 2, b: 3 }, { _id: 1, a: 2 }],
  [
    { b: 1, a: 1, _id: 0 },
    { _id: 1, a: 2, b: 3, c: 4 },
    { a: 2, b: 3 },
  ],
  [{ a: 0 }, { _id: 1, a: 2, b: 3 }, { _id: 1, b: 3 }],
  [{ _id: 0 }, { _id: 1, a: 2 }, { a: 2 }],
  [{ _id: 1 }, { _id: 1, a: 2 }, { _id: 1 }],
  [
    { _id: 1, a: 0 },
    { _id: 1, a: 2, b: 3 },
    { _id: 1, b: 3 },
  ],
  [{ 'a.b': 1 }, { a: [{ b: 1, c: 2 }, 3, { c: 4 }], d: 5 }, { a: [{ b: 1 }, {}] }],
  [{ a: { b: 0 } }, { a: [{ b: 1, c: 2 }, 3], d: 5 }, { a: [{ c: 2 }, 3], d: 5 }],
  [{ x: { $add: ['$a', 1] } }, { _id: 1, a: 2 }, { _id: 1, x: 3 }],
  [{ a: { $slice: 1 } }, { _id: 1, a: [1, 2], b: 3 }, { _id: 1, a: [1], b: 3 }],
  [
    { a: { $slice: [-2, 1] }, b: 1 },
    { _id: 1, a: [1, 2, 3], b: 3, c: 4 },
    { _id: 1, a: [2], b: 3 },
  ],
  [
    { a: { $slice: 1 }, b: 0 },
    { _id: 1, a: [1, 2], b: 3, c: 4 },
    { _id: 1, a: [1], c: 4 },
  ],
  [
    { _id: 0, a: { $slice: 1 } },
    { _id: 1, a: [1, 2], b: 3 },
    { a: [1], b: 3 },
  ],
  [
    { _id: 1, a: { $slice: 1 } },
    { _id: 1, a: [1, 2], b: 3 },
    { _id: 1, a: [1] },
  ],
  [{ a: { $elemMatch: { $gt: 1 } } }, { _id: 1, a: [1, 2, 3], b: 4 }, { _id: 1, a: [2] }],
  [
    { a: { $elemMatch: { $gt: 1 } }, b: 1 },
    { _id: 1, a: [1, 2], b: 4 },
    { _id: 1, b: 4, a: [2] },
  ],
  [{ _id: 0, a: { $elemMatch: { $gt: 1 } } }, { _id: 1, a: [1, 2], b: 4 }, { a: [2] }],
  [{ a: { $elemMatch: { $gt: 1 } } }, { _id: 1, a: 5 }, { _id: 1 }],
  [{ a: { $elemMatch: { $gt: 9 } } }, { _id: 1, a: [5] }, { _id: 1 }],
  [
    { a: { $slice: 1 }, b: { $elemMatch: { $gt: 1 } } },
    { _id: 1, a: [1, 2], b: [1, 3], c: 4 },
    { _id: 1, a: [1], b: [3], c: 4 },
  ],
  [{ 'a.$': 1 }, { _id: 1, a: [1, 2, 3], b: 4 }, { _id: 1, a: [2] }, { a: { $gt: 1 } }],
  [
    { 'a.$': 1, b: 1 },
    { _id: 1, a: [{ x: 1 }, { x: 2 }], b: 4, c: 5 },
    { _id: 1, a: [{ x: 2 }], b: 4 },
    { $and: [{ 'a.x': 2 }] },
  ],
];

describe('a projection of find', () => {
  test.each(CASES)('%j of %j', (projection, document, result, filter) => {
    expect(projected(projection, document, filter)).toBe(shown(doc(result)));
  });

  test.each<[Fields, number, string]>([
    [{ a: 1, b: 0 }, 31254, 'Cannot do exclusion on field b in inclusion projection'],
    [{ a: 0, b: 1 }, 31253, 'Cannot do inclusion on field b in exclusion projection'],
    [{ a: 0, b: { c: 1 } }, 31253, 'Cannot do inclusion on field b.c in exclusion projection'],
    [{ a: 0, b: { $add: [1, 2] } }, 31252, 'Cannot use an expression in an exclusion projection'],
    [{ a: 0, b: 'x' }, 31310, 'Cannot use an expression in an exclusion projection'],
    [{ a: { $foo: 1 } }, 31325, 'Unknown expression $foo'],
    [{ a: 1, 'a.b': 1 }, 31249, 'Path collision at a.b'],
    [{ 'a.b': 1, a: 1 }, 31250, 'Path collision at a'],
    [{ 'a.$': 1 }, 31277, "Positional projection 'a.$' does not match the query document."],
    [{ 'b.c.$': 1, 'b.d.$': 1 }, 31276, 'Cannot specify more than one positional projection per query.'],
    [{ 'b.$': 1, a: { $elemMatch: { c: 1 } } }, 31256, 'Cannot specify positional operator and $elemMatch.'],
    [{ 'a.b': { $elemMatch: { c: 1 } } }, 31275, 'Cannot use $elemMatch projection on a nested field'],
  ])('%j is refused with code %i', (projection, code, message) => {
    expect(() => projected(projection, {}, { b: 1 })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
