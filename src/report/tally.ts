import type { Summary } from './summary.js';

/** Findings of one kind and cause over several runs. */
export interface TallyRow {
  readonly kind: string;
  readonly cause: string;
  /** Findings of all runs together. */
  readonly findings: number;
  /** In how many runs there was at least one: the k of "k of N". */
  readonly k: number;
  /** All runs: the N of "k of N". */
  readonly n: number;
  /** The seeds of the runs that show it, in the order of the runs. */
  readonly seeds: readonly string[];
}

/** What is counted of a run; any summary has it. */
export interface Tallied {
  readonly seed: string;
  readonly findings: readonly Pick<Summary['findings'][number], 'kind' | 'cause'>[];
}

/**
 * Findings grouped by kind and cause over the runs of one play: how many runs show them, with which seeds.
 * Those that the most runs show come first, then in the order in which they were first found.
 */
export function tally(runs: readonly Tallied[]): TallyRow[] {
  const rows = new Map<string, { kind: string; cause: string; findings: number; seeds: string[] }>();
  for (const { seed, findings } of runs) {
    const inThisRun = new Set<string>();
    for (const { kind, cause } of findings) {
      const key = `${kind}:${cause}`;
      const row = rows.get(key) ?? { kind, cause, findings: 0, seeds: [] };
      rows.set(key, row);
      row.findings += 1;
      if (!inThisRun.has(key)) row.seeds.push(seed);
      inThisRun.add(key);
    }
  }
  return [...rows.values()]
    .map((row) => ({ ...row, k: row.seeds.length, n: runs.length }))
    .sort((a, b) => b.k - a.k);
}
