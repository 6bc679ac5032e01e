import { expect, it } from 'vitest';
import { combine } from '../../src/faults/combine.js';
import type { Hit } from '../../src/faults/plan.js';

const hit: Hit<'mongo'> = {
  fault: 'a',
  on: 'mongo',
  phase: 'before',
  delayMs: 10,
  effect: undefined,
  settings: { on: 'mongo', name: 'a' },
};

const NOTHING = { beforeMs: 0, afterMs: 0, beforeMsPerByte: 0, afterMsPerByte: 0 };

it('adds up the delays of each phase and keeps the first effect', () => {
  const reset: Hit<'mongo'> = { ...hit, phase: 'after', delayMs: 5, effect: 'reset' };
  const late: Hit<'mongo'> = { ...hit, phase: 'after', delayMs: 7 };
  expect(combine([hit, hit, late, reset])).toEqual({ ...NOTHING, beforeMs: 20, afterMs: 12, effect: reset });
  expect(combine([])).toEqual(NOTHING);
});

it('keeps delays by size apart', () => {
  const throttle: Hit<'mongo'> = {
    ...hit,
    phase: 'after',
    settings: { on: 'mongo', name: 'a', per: 'kilobyte' },
  };
  expect(combine([hit, throttle])).toEqual({ ...NOTHING, beforeMs: 10, afterMsPerByte: 10 / 1024 });
});
