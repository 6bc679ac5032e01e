/** k of n runs show it. */
export interface Share {
  readonly k: number;
  readonly n: number;
}

/**
 * Fisher's exact test, one-sided: how likely chance alone makes the second share as small as this or smaller,
 * if removing something changed nothing. From 0 to 1.
 */
export function chanceOfFewer(before: Share, after: Share): number {
  const shown = before.k + after.k;
  const total = before.n + after.n;
  let sum = 0;
  for (let k = Math.max(0, shown - before.n); k <= after.k; k += 1) {
    sum += Math.exp(logChoose(after.n, k) + logChoose(before.n, shown - k) - logChoose(total, shown));
  }
  return Math.min(1, sum);
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let index = 1; index <= k; index += 1) sum += Math.log(n - k + index) - Math.log(index);
  return sum;
}
