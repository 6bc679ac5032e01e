import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ddmin } from '../../src/investigate/ddmin.js';

const items = Array.from({ length: 20 }, (_, index) => index);

describe('delta debugging', () => {
  it('finds exactly what is needed, and nothing can be taken away from it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(19), { maxLength: 6 }), async (needed) => {
        const best = await ddmin(items, async (kept) => needed.every((one) => kept.includes(one)));
        expect(best).toEqual([...needed].sort((a, b) => a - b));
      }),
    );
  });

  it('is 1-minimal where either of two is enough', async () => {
    const test = async (kept: readonly number[]) => kept.includes(3) || kept.includes(15);
    expect(await ddmin(items, test)).toHaveLength(1);
  });

  it('keeps the best so far when it must end', async () => {
    let calls = 0;
    const test = async (kept: readonly number[]) => {
      calls += 1;
      return kept.includes(2);
    };
    const best = await ddmin(items, test, () => calls >= 2);
    expect(calls).toBe(2);
    expect(best).toContain(2);
    expect(best.length).toBeLessThan(items.length);
  });
});
