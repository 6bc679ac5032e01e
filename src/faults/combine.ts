import type { Hit } from './plan.js';
import type { FaultPoint } from './schema.js';

/** What several hits on one thing come to. */
export interface Combined<P extends FaultPoint = FaultPoint> {
  /** Milliseconds to wait before it takes effect, all hits together. */
  readonly beforeMs: number;
  /** Milliseconds to hold back the answer, all hits together. */
  readonly afterMs: number;
  /** The first hit that does more than delay. */
  readonly effect?: Hit<P>;
}

/** Adds up the delays of each phase and finds the first other effect. */
export function combine<P extends FaultPoint>(hits: readonly Hit<P>[]): Combined<P> {
  let beforeMs = 0;
  let afterMs = 0;
  let effect: Hit<P> | undefined;
  for (const hit of hits) {
    if (hit.phase === 'before') beforeMs += hit.delayMs;
    else afterMs += hit.delayMs;
    if (hit.effect !== undefined) effect ??= hit;
  }
  return { beforeMs, afterMs, ...(effect !== undefined && { effect }) };
}
