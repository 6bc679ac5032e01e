import hdr from 'hdr-histogram-js';

/** Longest time that is told apart; what takes longer counts as this. */
export const LONGEST_MS = 600_000;

/** The distribution of some durations in milliseconds. */
export interface Distribution {
  /** Samples that came. */
  readonly n: number;
  /** Samples that should have come and never did. They count as infinitely late in the percentiles. */
  readonly missing: number;
  /** Milliseconds; null when so large a share never came, or when there is no sample at all. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** The largest of those that came; null when none came. */
  readonly max: number | null;
  /** All that came, in microseconds: an HdrHistogram V2, compressed, base64; empty without samples. */
  readonly histogram: string;
}

/**
 * Sums durations up. Negative ones count as 0. A duration that is no finite number is a defect of the
 * caller and throws a RangeError; the library would count it silently.
 */
export function distributionOf(durationsMs: Iterable<number>, missing = 0): Distribution {
  const histogram = newHistogram();
  let max: number | null = null;
  for (const ms of durationsMs) {
    if (!Number.isFinite(ms)) throw new RangeError(`A duration must be a finite number, got ${ms}`);
    const bounded = Math.min(Math.max(ms, 0), LONGEST_MS);
    histogram.recordValue(Math.round(bounded * 1000));
    max = Math.max(max ?? 0, bounded);
  }
  const n = histogram.totalCount;
  const percentile = (share: number): number | null => {
    // The rank among all that should have come, then its place among those that did.
    const rank = Math.ceil((share / 100) * (n + missing) - 1e-9);
    if (n === 0 || rank > n) return null;
    // A hair below the share of the rank: the library rounds the rank up again.
    const us = histogram.getValueAtPercentile(Math.max(0, ((rank - 0.5) / n) * 100));
    return Math.min(us / 1000, max ?? 0);
  };
  return {
    n,
    missing,
    p50: percentile(50),
    p90: percentile(90),
    p95: percentile(95),
    p99: percentile(99),
    max,
    histogram: n === 0 ? '' : hdr.encodeIntoCompressedBase64(histogram),
  };
}

function newHistogram(): hdr.Histogram {
  return hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_MS * 1000,
    numberOfSignificantValueDigits: 3,
    autoResize: true,
    useWebAssembly: false,
  });
}
