import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../src/recording/bounded-map.js';

describe('BoundedMap', () => {
  it('never holds more than its limit, always the half used last, and tells of all it forgets', () => {
    const use = fc.record({ key: fc.nat({ max: 30 }), isRead: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.array(use, { maxLength: 200 }), (limit, uses) => {
        const forgotten: number[] = [];
        const map = new BoundedMap<number, number>(limit, (key) => forgotten.push(key));
        const put: number[] = [];
        let recent: number[] = [];
        for (const { key, isRead } of uses) {
          const isKnown = map.values().includes(key);
          if (isRead) expect(map.get(key)).toBe(isKnown ? key : undefined);
          else map.set(key, key);
          if (!isRead && !isKnown) put.push(key);
          if (isKnown || !isRead) recent = [...recent.filter((one) => one !== key), key];
          expect(map.size).toBeLessThanOrEqual(limit);
          expect(map.values()).toEqual(expect.arrayContaining(recent.slice(-Math.floor(limit / 2))));
          expect([...map.values(), ...forgotten].sort()).toEqual([...put].sort());
        }
      }),
    );
  });
});
