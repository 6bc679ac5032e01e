/**
 * Delta debugging: a smaller list that still passes the test, from which no single item can be taken away
 * (1-minimal). Ends early, with the best so far, when `isOver` says so. Large parts are tried first, the last
 * ones before the first: what comes last in a dialogue depends on the most and is needed by the least.
 */
export async function ddmin<T>(
  items: readonly T[],
  test: (candidate: readonly T[]) => Promise<boolean>,
  isOver: () => boolean = () => false,
): Promise<readonly T[]> {
  let best = items;
  let size = Math.ceil(best.length / 2);
  while (best.length > 0 && !isOver()) {
    let isSmaller = false;
    for (let end = best.length; end > 0 && !isOver(); end -= size) {
      const start = Math.max(0, end - size);
      const candidate = [...best.slice(0, start), ...best.slice(end)];
      if (!(await test(candidate))) continue;
      best = candidate;
      isSmaller = true;
    }
    if (size === 1 && !isSmaller) return best;
    if (!isSmaller || size > best.length) size = Math.max(1, Math.floor(Math.min(size, best.length) / 2));
  }
  return best;
}
