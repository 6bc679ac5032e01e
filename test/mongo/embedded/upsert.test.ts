import { describe, expect, test } from 'vitest';
import { queryContext } from '../../../src/mongo/embedded/query/context.js';
import { compileUpdate } from '../../../src/mongo/embedded/update/updater.js';
import { checkUpsertFilter, upsertSeed } from '../../../src/mongo/embedded/update/upsert.js';
import { doc, shown, value } from './support.js';

type Fields = Record<string, unknown>;

const OPERATORS = { $set: { z: 1 } };
const REPLACEMENT = { z: 1 };

function seed(filter: Fields, update: Fields): string {
  checkUpsertFilter(doc(filter));
  return shown(upsertSeed(doc(filter), compileUpdate(value(update), queryContext(), undefined)));
}

const regex = { $regularExpression: { pattern: 'x', options: '' } };

/** filter, what a document starts from when operators insert it */
const CASES: readonly [Fields, Fields][] = [
  [
    { b: 1, a: 2 },
    { a: 2, b: 1 },
  ],
  [{ a: { $eq: 1 } }, { a: 1 }],
  [{ a: null }, { a: null }],
  [{ a: [1, 2] }, { a: [1, 2] }],
  [{ a: { $in: [1] } }, { a: 1 }],
  [{ _id: { $in: ['u'] } }, { _id: 'u' }],
  [{ a: { $all: [1] } }, { a: 1 }],
  [{ a: { $eq: regex } }, { a: regex }],
  [{ a: { $gt: 1, $eq: 5 } }, { a: 5 }],
  [{ $and: [{ a: 1 }, { $or: [{ b: 2 }] }] }, { a: 1, b: 2 }],
  [{ 'a.c': 1, 'a.b': 2 }, { a: { b: 2, c: 1 } }],
  [{ 'a.0': 1 }, { a: { 0: 1 } }],
  [{ a: { $in: [1, 2] } }, {}],
  [{ a: { $in: [regex] } }, {}],
  [{ a: regex }, {}],
  [{ a: { $ne: 1 }, b: { $gt: 1 }, c: { $exists: true } }, {}],
  [{ a: { $elemMatch: { b: 1 } }, c: { $not: { $eq: 1 } } }, {}],
  [{ $or: [{ a: 1 }, { a: 2 }], $nor: [{ b: 1 }] }, {}],
];

describe('what a filter says about the document that an upsert inserts', () => {
  test.each(CASES)('%j', (filter, expected) => {
    expect(seed(filter, OPERATORS)).toBe(shown(doc(expected)));
  });

  test('a replacement takes the _id only', () => {
    expect(seed({ _id: { $in: [1] }, a: 5, 'a.b': 6 }, REPLACEMENT)).toBe(shown(doc({ _id: 1 })));
  });

  test.each<[Fields, Fields, number, string]>([
    [{ a: { $all: [1, 2] } }, OPERATORS, 54, "path 'a' is matched twice"],
    [{ $and: [{ a: 1 }, { a: 1 }] }, OPERATORS, 54, "path 'a' is matched twice"],
    [{ 'a.c': 1, a: { b: 1 } }, OPERATORS, 54, "both paths 'a.c' and 'a' are matched"],
    [{ '_id.a': 1 }, REPLACEMENT, 111, "field at '_id' must be exactly specified"],
    [{ $or: [{ a: 1, $expr: { $eq: ['$a', 1] } }] }, OPERATORS, 224, '$expr is not allowed'],
  ])('%j with %j is refused with code %i', (filter, update, code, message) => {
    expect(() => seed(filter, update)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  test('the update changes nothing of the filter', () => {
    const filter = doc({ a: { b: 1 } });
    const { apply, isReplacement } = compileUpdate(value({ $set: { 'a.c': 1 } }), queryContext(), undefined);
    const inserted = apply(upsertSeed(filter, { apply, isReplacement }), {
      position: undefined,
      isInsert: true,
    });
    expect(shown(inserted)).toBe(shown(doc({ a: { b: 1, c: 1 } })));
    expect(shown(filter)).toBe(shown(doc({ a: { b: 1 } })));
  });
});
