import { expect, test } from 'vitest';
import { compileLookup } from '../../../src/mongo/embedded/aggregate/lookup.js';
import { queryContext } from '../../../src/mongo/embedded/query/context.js';
import { doc, shown, value } from './support.js';

type Fields = Record<string, unknown>;

/** The `_id`s of the foreign documents that `$lookup` finds for one document. */
function found(
  local: Fields,
  foreign: readonly Fields[],
  localField: string,
  foreignField: string,
): unknown[] {
  const spec = { from: 'other', localField, foreignField, as: 'joined' };
  const documents = foreign.map((fields, _id) => doc({ _id, ...fields }));
  const stage = compileLookup(value(spec), { context: queryContext(), read: () => documents });
  const [result] = stage([doc(local)]);
  return JSON.parse(shown(result ?? new Map())).joined.map(({ _id }: { _id: { $numberInt: string } }) =>
    Number(_id.$numberInt),
  );
}

/** a local document, and which of the foreign ones are found by a = b */
const FOREIGN = [
  { b: 1 },
  { b: [1, 2] },
  { b: [[1, 2], 3] },
  { b: null },
  {},
  { b: [] },
  { b: [null] },
  { b: '1' },
];
test.each<[Fields, number[]]>([
  [{ a: 1 }, [0, 1]],
  [{ a: { $numberDouble: '1' } }, [0, 1]],
  [{ a: [1, 9] }, [0, 1]],
  [{ a: [1, 2] }, [0, 1]],
  [{ a: [[1, 2]] }, [1, 2]],
  [{ a: null }, [3, 4, 6]],
  [{}, [3, 4, 6]],
  [{ a: [] }, [3, 4, 6]],
  [{ a: [[]] }, [5]],
  [{ a: 7 }, []],
])('$lookup finds for %j the documents %j', (local, ids) => {
  expect(found(local, FOREIGN, 'a', 'b')).toEqual(ids);
});

test('$lookup goes through arrays on the way, on both sides', () => {
  const foreign = [{ b: [{ x: 1 }, { x: [2] }] }, { b: { x: 3 } }, { b: [] }, { b: [{}] }, {}];
  expect(found({ a: [{ y: 2 }, { y: [3] }] }, foreign, 'a.y', 'b.x')).toEqual([0, 1]);
  expect(found({ a: null }, foreign, 'a', 'b.x')).toEqual([3, 4]);
});
