/**
 * Forgets the oldest of what is kept, until there are no more than `most`. The order is that in which the keys
 * were added: who wants "used last" deletes a key before it is set again.
 */
export function dropOldest<K>(kept: Map<K, unknown> | Set<K>, most: number): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(oldest);
  }
}
