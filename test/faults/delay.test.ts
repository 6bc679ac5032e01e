import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { drawDelay, MAX_DELAY_MS } from '../../src/faults/delay.js';
import type { Delay } from '../../src/faults/schema.js';

const DRAWS = 20_000;

function draws(delay: Delay): number[] {
  const random = randomStream('delay.test', JSON.stringify(delay));
  return Array.from({ length: DRAWS }, () => drawDelay(delay, random)).sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.floor(q * sorted.length)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('drawDelay', () => {
  it('gives a fixed delay without drawing', () => {
    const random = (): number => {
      throw new Error('a fixed delay must not draw');
    };
    expect(drawDelay(250, random)).toBe(250);
  });

  it('spreads a uniform delay evenly between its borders', () => {
    const values = draws({ distribution: 'uniform', min: 100, max: 300 });
    expect(values[0]).toBeGreaterThanOrEqual(100);
    expect(values.at(-1)).toBeLessThan(300);
    for (const q of [0.1, 0.5, 0.9]) expect(Math.abs(quantile(values, q) - (100 + 200 * q))).toBeLessThan(5);
  });

  it('gives a normal delay its mean and its standard deviation', () => {
    const values = draws({ distribution: 'normal', mean: 500, stddev: 50 });
    expect(mean(values)).toBeCloseTo(500, -0.5);
    const variance = mean(values.map((value) => (value - 500) ** 2));
    expect(Math.sqrt(variance)).toBeGreaterThan(48.5);
    expect(Math.sqrt(variance)).toBeLessThan(51.5);
  });

  it('gives a lognormal delay its median and its 99th percentile', () => {
    const values = draws({ distribution: 'lognormal', median: 300, p99: 900 });
    expect(quantile(values, 0.5) / 300).toBeGreaterThan(0.97);
    expect(quantile(values, 0.5) / 300).toBeLessThan(1.03);
    expect(quantile(values, 0.99) / 900).toBeGreaterThan(0.93);
    expect(quantile(values, 0.99) / 900).toBeLessThan(1.07);
  });

  it('is constant when median and 99th percentile are the same', () => {
    const values = draws({ distribution: 'lognormal', median: 40, p99: 40 });
    expect([values[0], values.at(-1)]).toEqual([40, 40]);
  });

  it('stays between 0 and its maximum', () => {
    const wide = draws({ distribution: 'normal', mean: 0, stddev: MAX_DELAY_MS });
    expect([wide[0], wide.at(-1)]).toEqual([0, MAX_DELAY_MS]);
    expect(drawDelay(MAX_DELAY_MS + 1, Math.random)).toBe(MAX_DELAY_MS);
  });

  it('survives the extreme draws', () => {
    for (const draw of [0, 1 - 2 ** -32]) {
      for (const delay of [
        { distribution: 'normal', mean: 10, stddev: 5 },
        { distribution: 'lognormal', median: 10, p99: 50 },
      ] as const) {
        expect(Number.isFinite(drawDelay(delay, () => draw))).toBe(true);
      }
    }
  });
});
