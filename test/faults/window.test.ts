import { describe, expect, it } from 'vitest';
import { isOn } from '../../src/faults/window.js';

function onAt(window: Parameters<typeof isOn>[0], moments: readonly number[]): number[] {
  return moments.filter((moment) => isOn(window, moment));
}

const SECONDS = [0, 999, 1000, 1999, 2000, 3000, 10_999, 11_000, 12_000];

describe('isOn', () => {
  it('is always on without a window', () => {
    expect(onAt({}, SECONDS)).toEqual(SECONDS);
  });

  it('starts at `after` and stays on without `for`', () => {
    expect(onAt({ after: 2000 }, SECONDS)).toEqual([2000, 3000, 10_999, 11_000, 12_000]);
  });

  it('ends after `for`', () => {
    expect(onAt({ after: 1000, for: 1000 }, SECONDS)).toEqual([1000, 1999]);
    expect(onAt({ for: 1000 }, SECONDS)).toEqual([0, 999]);
  });

  it('comes back with `every`', () => {
    expect(onAt({ after: 1000, for: 1000, every: 10_000 }, SECONDS)).toEqual([1000, 1999, 11_000]);
  });
});
