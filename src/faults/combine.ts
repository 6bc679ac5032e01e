import type { Hit } from './plan.js';
import type { FaultPoint } from './schema.js';

/** What several hits on one thing come to. */
export interface Combined<P extends FaultPoint = FaultPoint> {
  /** Milliseconds to wait before it takes effect, all hits together. */
  readonly beforeMs: number;
  /** Milliseconds to hold back the answer, all hits together. */
  readonly afterMs: number;
  /** The same for each byte, where faults delay by size. */
  readonly beforeMsPerByte: number;
  readonly afterMsPerByte: number;
  /** The first hit that does more than delay. */
  readonly effect?: Hit<P>;
}

/** Adds up the delays of each phase and finds the first other effect. */
export function combine<P extends FaultPoint>(hits: readonly Hit<P>[]): Combined<P> {
  let beforeMs = 0;
  let afterMs = 0;
  let beforeMsPerByte = 0;
  let afterMsPerByte = 0;
  let effect: Hit<P> | undefined;
  for (const hit of hits) {
    if ('per' in hit.settings && hit.settings.per === 'kilobyte') {
      if (hit.phase === 'before') beforeMsPerByte += hit.delayMs / 1024;
      else afterMsPerByte += hit.delayMs / 1024;
    } else if (hit.phase === 'before') beforeMs += hit.delayMs;
    else afterMs += hit.delayMs;
    if (hit.effect !== undefined) effect ??= hit;
  }
  return { beforeMs, afterMs, beforeMsPerByte, afterMsPerByte, ...(effect !== undefined && { effect }) };
}
