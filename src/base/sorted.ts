/** Of an ordered list: the first index at which this no longer holds, which it does for all indexes before. */
export function firstWhereNot(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index of rising numbers with one that is not below a limit. */
export const firstNotBelow = (numbers: readonly number[], limit: number): number =>
  firstWhereNot(numbers.length, (index) => (numbers[index] ?? 0) < limit);
