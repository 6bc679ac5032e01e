import { type Traced, textAt } from './traced.js';

/** The names that faults have, or get: `mongo-1`, `call-1`, `call-2`. */
export function faultNames(items: readonly Traced[]): (string | undefined)[] {
  const counts = new Map<string, number>();
  return items.map((item) => {
    const on = textAt(item, 'on');
    if (on === undefined) return textAt(item, 'name');
    const number = (counts.get(on) ?? 0) + 1;
    counts.set(on, number);
    return textAt(item, 'name') ?? `${on}-${number}`;
  });
}
