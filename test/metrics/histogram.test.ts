import fc from 'fast-check';
import hdr from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { distributionOf, LONGEST_MS } from '../../src/metrics/histogram.js';

describe('distribution', () => {
  it('gives percentiles in milliseconds', () => {
    const { histogram: _, ...figures } = distributionOf(
      Array.from({ length: 100 }, (__, index) => index + 1),
    );
    expect(figures.n).toBe(100);
    expect(figures.missing).toBe(0);
    expect(figures.p50).toBeCloseTo(50, 0);
    expect(figures.p90).toBeCloseTo(90, 0);
    expect(figures.p95).toBeCloseTo(95, 0);
    expect(figures.p99).toBeCloseTo(99, 0);
    expect(figures.max).toBe(100);
  });

  it('is empty without samples', () => {
    expect(distributionOf([])).toEqual({
      n: 0,
      missing: 0,
      p50: null,
      p90: null,
      p95: null,
      p99: null,
      max: null,
      histogram: '',
    });
    expect(distributionOf([], 3)).toMatchObject({ n: 0, missing: 3, p50: null });
  });

  it('counts what never came as infinitely late', () => {
    const samples = Array.from({ length: 98 }, () => 10);
    expect(distributionOf(samples, 2)).toMatchObject({ p95: 10, p99: null });
    expect(distributionOf([...samples, 10], 1)).toMatchObject({ p99: 10 });
    expect(distributionOf([5, 5, 5, 5, 5], 5)).toMatchObject({ p50: 5, p90: null });
    expect(distributionOf([5, 5, 5, 5], 6)).toMatchObject({ p50: null });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    expect(() => distributionOf([value])).toThrow(RangeError);
  });

  it('bounds what is too short and too long', () => {
    expect(distributionOf([-1])).toMatchObject({ n: 1, max: 0, p50: 0 });
    expect(distributionOf([LONGEST_MS * 2])).toMatchObject({ max: LONGEST_MS, p50: LONGEST_MS });
  });

  it('keeps a histogram that holds every sample', () => {
    const { histogram } = distributionOf([1, 2, 3]);
    expect(hdr.decodeFromCompressedBase64(histogram).totalCount).toBe(3);
  });

  it('agrees with sorting, to three digits, in any order', () => {
    const samples = fc.array(fc.double({ min: 0.001, max: LONGEST_MS, noNaN: true }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(samples, fc.nat(20), (values, missing) => {
        const distribution = distributionOf(values, missing);
        const sorted = [...values].sort((a, b) => a - b);
        for (const [name, share] of [
          ['p50', 0.5],
          ['p90', 0.9],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const rank = Math.ceil(share * (values.length + missing) - 1e-9);
          const exact = sorted[rank - 1];
          const measured = distribution[name];
          if (exact === undefined) expect(measured).toBeNull();
          else expect(Math.abs((measured ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.002 + 0.001);
        }
      }),
    );
  });
});
