/**
 * How fast the webhook engine may open connections (WebhookActor.cpp:282-312, facts/telegram.md §1.2):
 * ten at once and twenty a second while deliveries succeed, else one in two seconds.
 */

/** A bucket of `burst` tokens; a new one drips in every `intervalMs`. */
interface Bucket {
  readonly burst: number;
  readonly intervalMs: number;
  tokens: number;
  filledAt: number;
}

/** So long after the last success the webhook counts as healthy. */
const HEALTHY_MS = 10_000;

export class ConnectionRamp {
  readonly #healthy: Bucket = { burst: 10, intervalMs: 50, tokens: 10, filledAt: 0 };
  readonly #failing: Bucket = { burst: 1, intervalMs: 2000, tokens: 1, filledAt: 0 };
  #lastSuccessAt = Number.NEGATIVE_INFINITY;

  succeeded(now: number): void {
    this.#lastSuccessAt = now;
  }

  /** How many connections should exist when `queues` of them have something to send. */
  wanted(queues: number, maxConnections: number, now: number): number {
    const useful = Math.min(queues, maxConnections);
    return this.#isHealthy(now) ? Math.max(useful, 1) : Math.min(useful, 1);
  }

  /** Takes the right to open one connection: 0, or the time to wait for it in milliseconds. */
  take(now: number): number {
    const bucket = this.#isHealthy(now) ? this.#healthy : this.#failing;
    const drips = Math.floor((now - bucket.filledAt) / bucket.intervalMs);
    if (bucket.tokens + drips >= bucket.burst) {
      bucket.tokens = bucket.burst;
      bucket.filledAt = now;
    } else {
      bucket.tokens += drips;
      bucket.filledAt += drips * bucket.intervalMs;
    }
    if (bucket.tokens === 0) return bucket.filledAt + bucket.intervalMs - now;
    bucket.tokens -= 1;
    return 0;
  }

  #isHealthy(now: number): boolean {
    return this.#lastSuccessAt + HEALTHY_MS >= now;
  }
}
