import { type Random, randomInteger } from '../../base/random.js';

/**
 * When a failed update is tried again (WebhookActor.cpp:493-523; facts/telegram.md §1.4). The state belongs
 * to one update; nothing that happens to another one touches it.
 */
export interface RetryState {
  readonly failures: number;
  /** The last computed wait; it doubles. */
  readonly delayS: number;
}

export const NEVER_FAILED: RetryState = { failures: 0, delayS: 1 };

/** `Retry-After` counts up to an hour. */
const LONGEST_RETRY_AFTER_S = 3600;
/** From here on the wait is drawn between this and its double. */
const LONGEST_WAIT_S = 60;

/**
 * The first failure is answered at once, then waits double: 2, 4, 8, 16, 32 s, and 60 to 120 s from the
 * eighth failure on. A `Retry-After` above 0 replaces the wait and leaves the doubling where it was.
 */
export function afterFailure(
  state: RetryState,
  retryAfterS: number,
  random: Random,
): { readonly state: RetryState; readonly waitS: number } {
  const failures = state.failures + 1;
  const wanted = Math.min(Math.max(retryAfterS, 0), LONGEST_RETRY_AFTER_S);
  if (wanted > 0) return { state: { failures, delayS: state.delayS }, waitS: wanted };
  if (state.failures === 0) return { state: { failures, delayS: state.delayS }, waitS: 0 };
  const longest = randomInteger(random, LONGEST_WAIT_S, 2 * LONGEST_WAIT_S);
  const delayS = Math.min(longest, 2 * state.delayS);
  return { state: { failures, delayS }, waitS: delayS };
}

/** The value of a `Retry-After` header: a plain whole number of seconds, anything else counts as 0. */
export function parseRetryAfter(value: string | undefined): number {
  return value !== undefined && /^-?\d+$/.test(value) ? Math.max(Number(value), 0) : 0;
}
