import type { Random } from '../base/random.js';

/** Nobody who probes waits longer than this, in ms. */
export const LONGEST_PROBE_MS = 2_000;
/** This share of the answers comes at once. */
const AT_ONCE = 0.1;

/**
 * A time to think that looks for the end of a dead window: as many answers between 10 and 20 ms as between 1 and 2 s, so
 * that short windows are found as well as long ones. Always two draws.
 */
export function probingThink(random: Random): number {
  const isAtOnce = random() < AT_ONCE;
  const ms = LONGEST_PROBE_MS ** random();
  return isAtOnce ? 0 : ms;
}
