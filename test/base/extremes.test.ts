import { describe, expect, it } from 'vitest';
import { largest, smallest } from '../../src/base/extremes.js';

describe('extremes', () => {
  it('are found in lists longer than a call takes arguments', () => {
    const values = Array.from({ length: 500_000 }, (_, index) => (index * 7_919) % 500_000);
    expect(() => Math.max(...values)).toThrow(RangeError);
    expect([smallest(values), largest(values)]).toEqual([0, 499_999]);
  });

  it('are the bound where nothing lies beyond it', () => {
    expect([largest([], 3), smallest([], 3)]).toEqual([3, 3]);
    expect([largest([1, 2], 3), smallest([4, 5], 3)]).toEqual([3, 3]);
    expect([largest([1, 4], 3), smallest([2, 4], 3)]).toEqual([4, 2]);
    expect([largest([]), smallest([])]).toEqual([-Infinity, Infinity]);
  });
});
