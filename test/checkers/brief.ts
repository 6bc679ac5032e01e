import { findingsOf } from '../../src/checkers/all.js';
import type { Finding } from '../../src/checkers/finding.js';
import type { HistoryEvent } from '../../src/history/events.js';
import { viewOf } from '../../src/history/view.js';

export const found = (events: readonly HistoryEvent[]): Finding[] => findingsOf(viewOf(events));

/** `lost-state-1 step 2: restart, exclusive`. */
export const brief = (events: readonly HistoryEvent[]): string[] =>
  found(events).map(
    ({ id, cause, strength, step }) =>
      `${id}${step === undefined ? '' : ` step ${step}`}: ${cause}, ${strength}`,
  );

/** The types of the events that prove a finding. */
export const proof = (events: readonly HistoryEvent[], finding: Finding | undefined): string[] =>
  (finding?.evidence ?? []).map((seq) => events.find((event) => event.seq === seq)?.type ?? 'missing');
