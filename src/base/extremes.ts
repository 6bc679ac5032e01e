/** The largest of any number of values. `Math.max` takes them as arguments, of which there may be some hundred thousand. */
export function largest(values: Iterable<number>, atLeast = Number.NEGATIVE_INFINITY): number {
  let found = atLeast;
  for (const value of values) if (value > found) found = value;
  return found;
}

/** The smallest of any number of values. */
export function smallest(values: Iterable<number>, atMost = Number.POSITIVE_INFINITY): number {
  let found = atMost;
  for (const value of values) if (value < found) found = value;
  return found;
}
