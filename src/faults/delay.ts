import type { Random } from '../base/random.js';
import type { Delay } from './schema.js';

/** No fault delays anything longer than this (10 minutes), whatever its distribution draws. */
export const MAX_DELAY_MS = 600_000;

/** 99 % of a standard normal distribution lie below this. */
const Z99 = 2.3263478740408408;

/**
 * Draws one delay in milliseconds, between 0 and {@link MAX_DELAY_MS}; what falls outside is moved to the
 * border. A fixed delay draws nothing, a uniform or pareto one draws once, a normal or lognormal one twice.
 *
 * A trace gives its values in their order: `turn` counts from 0. Without a turn it draws one of them.
 */
export function drawDelay(delay: Delay, random: Random, turn?: number): number {
  return Math.min(Math.max(unbounded(delay, random, turn), 0), MAX_DELAY_MS);
}

function unbounded(delay: Delay, random: Random, turn: number | undefined): number {
  if (typeof delay === 'number') return delay;
  switch (delay.distribution) {
    case 'uniform':
      return delay.min + random() * (delay.max - delay.min);
    case 'normal':
      return delay.mean + delay.stddev * standardNormal(random);
    case 'lognormal': {
      const sigma = Math.log(delay.p99 / delay.median) / Z99;
      return delay.median * Math.exp(sigma * standardNormal(random));
    }
    case 'pareto':
      return delay.min / (1 - random()) ** (1 / delay.alpha);
    case 'trace': {
      const { values = [] } = delay;
      return values[(turn ?? Math.floor(random() * values.length)) % values.length] ?? 0;
    }
  }
}

/** Box and Muller's way. The second value is not kept, so that each delay takes the same number of draws. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
