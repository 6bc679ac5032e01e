/**
 * A map that forgets what was not used for longest. It holds at most `limit` entries and at least the half
 * of it that was used last: entries live in two generations, and when the young one is full, what is left
 * of the old one goes at once. (One map in order of use would be exact, but taking out its first entry
 * again and again is slow in V8: a replay with 50,000 chats took four times as long.)
 */
export class BoundedMap<K, V> {
  readonly #half: number;
  readonly #onForget: ((value: V) => void) | undefined;
  #young = new Map<K, V>();
  #old: Map<K, V> | undefined;

  constructor(limit: number, onForget?: (value: V) => void) {
    this.#half = Math.max(1, Math.floor(limit / 2));
    this.#onForget = onForget;
  }

  get size(): number {
    return this.#young.size + (this.#old?.size ?? 0);
  }

  /** Reading counts as use. */
  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old?.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.#old?.delete(key);
    this.#young.set(key, value);
    if (this.#young.size < this.#half) return;
    const forgotten = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    if (this.#onForget === undefined || forgotten === undefined) return;
    for (const one of forgotten.values()) this.#onForget(one);
  }

  /** Everything that is remembered, the older half first. */
  values(): readonly V[] {
    return [...(this.#old?.values() ?? []), ...this.#young.values()];
  }
}
