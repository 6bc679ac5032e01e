import { expect, it } from 'vitest';
import { combine } from '../../src/faults/combine.js';
import type { Hit } from '../../src/faults/plan.js';

const hit: Hit<'mongo'> = { fault: 'a', on: 'mongo', phase: 'before', delayMs: 10, effect: undefined };

it('adds up the delays of each phase and keeps the first effect', () => {
  const reset: Hit<'mongo'> = { ...hit, phase: 'after', delayMs: 5, effect: 'reset' };
  const late: Hit<'mongo'> = { ...hit, phase: 'after', delayMs: 7 };
  expect(combine([hit, hit, late, reset])).toEqual({ beforeMs: 20, afterMs: 12, effect: reset });
  expect(combine([])).toEqual({ beforeMs: 0, afterMs: 0 });
});
