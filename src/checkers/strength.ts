/**
 * How surely a call was attributed to what caused it, from sure to guessed.
 * `exact`: the bot sent the delivery's traceparent back, or the call was the webhook's answer.
 * `marker`: the call names the update (a callback query id, a reply to the user's message).
 * `exclusive`: only one can have been at work. `overlap`: the best guess among several.
 */
export type Strength = 'exact' | 'marker' | 'exclusive' | 'overlap';

const ORDER: readonly Strength[] = ['exact', 'marker', 'exclusive', 'overlap'];

/** The weakest of several links; `exact` for none. */
export function weakest(...strengths: readonly Strength[]): Strength {
  return ORDER[Math.max(0, ...strengths.map((strength) => ORDER.indexOf(strength)))] ?? 'overlap';
}
