import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cells } from '../../src/history/cells.js';
import { Column } from '../../src/history/column.js';

const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    254,
    255,
    256,
    65_534,
    65_535,
    65_536,
    2 ** 32 - 2,
    2 ** 32 - 1,
    2 ** 32,
    4_294_967.295,
    -1,
    0.001,
    0.0005,
    1 / 3,
    Number.POSITIVE_INFINITY,
  ),
  fc.integer({ min: 0, max: 6_000_000_000 }).map((us) => us / 1000),
  fc.nat(300),
  fc.double({ noNaN: true }),
);

describe('numbers side by side', () => {
  it('come back as they were, absent ones among them, over several pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3000), number), { maxLength: 30 }), (steps) => {
        const cells = new Cells();
        const kept = new Map<number, number>();
        let index = 0;
        for (const [gap, each] of steps) {
          cells.set(index, each);
          kept.set(index, each);
          index += gap;
        }
        for (const [at, each] of kept) expect(Object.is(cells.get(at), each)).toBe(true);
        for (let at = 0; at <= index; at += 97) expect(cells.get(at)).toBe(kept.get(at));
      }),
      { numRuns: 300 },
    );
  });

  it('keep the old numbers when a wider one comes late', () => {
    const cells = new Cells();
    const numbers = Array.from({ length: 5000 }, (_, index) => index % 200);
    numbers.push(70_000, 0.125, 1 / 3, 5e9);
    for (const [index, each] of numbers.entries()) cells.set(index, each);
    expect(numbers.map((_, index) => cells.get(index))).toEqual(numbers);
  });
});

describe('a column', () => {
  it('keeps ids of any shape, thousands of them', () => {
    const shapes: ((n: number) => unknown)[] = [
      (n) => `c${n}`,
      (n) => `m2.${n}x${n % 7}`,
      (n) => `00-${n.toString(16)}-0${n % 10}`,
      (n) => `${n}`,
      (n) => (n < 3000 ? `d${n}` : `no number ${n}!`),
      (n) => (n < 3000 ? `d${n}` : n),
      (n) => `d${n}0000000000000`,
    ];
    for (const shape of shapes) {
      const column = new Column();
      for (let n = 0; n < 6000; n += 1) if (n % 5 !== 0) column.set(n, shape(n));
      for (let n = 0; n < 6000; n += 1) expect(column.get(n)).toBe(n % 5 === 0 ? undefined : shape(n));
    }
  });

  it('tells a list from the text that says the same', () => {
    const column = new Column();
    for (const [index, each] of ['["a"]', ['a'], '["a"]'].entries()) column.set(index, each);
    expect([0, 1, 2].map((index) => column.get(index))).toEqual(['["a"]', ['a'], '["a"]']);
  });
});
