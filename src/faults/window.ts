/** The part of a fault that says when it is on, in milliseconds since the play began. */
export interface Window {
  readonly after?: number | undefined;
  readonly for?: number | undefined;
  readonly every?: number | undefined;
}

/** Is a fault with this window on? The first moment of a window belongs to it, its end does not. */
export function isOn(window: Window, sinceBeginMs: number): boolean {
  const sinceFirstMs = sinceBeginMs - (window.after ?? 0);
  if (sinceFirstMs < 0) return false;
  if (window.for === undefined) return true;
  const inTurnMs = window.every === undefined ? sinceFirstMs : sinceFirstMs % window.every;
  return inTurnMs < window.for;
}
