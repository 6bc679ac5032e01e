/** Effects that need an answer of the server: they come after it, whatever the file says. */
const AFTER_ONLY: ReadonlySet<string | undefined> = new Set(['lose-acknowledgement', 'truncate', 'drip']);

/** When a fault hits: before the thing took effect, or after it. */
export function phaseOf(fault: {
  readonly effect?: string | undefined;
  readonly phase?: 'before' | 'after' | undefined;
}): 'before' | 'after' {
  return fault.phase ?? (AFTER_ONLY.has(fault.effect) ? 'after' : 'before');
}
