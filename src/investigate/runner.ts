import type { SendtwiceError } from '../base/errors.js';
import { inParallel } from '../base/parallel.js';
import type { Summary } from '../report/summary.js';
import type { RunFacts } from '../scenario/run-file.js';

/** One run of a play. The command line passes in `play`; tests pass in a pure function. */
export type Runner = (facts: RunFacts, signal: AbortSignal) => Promise<Ran>;

export interface Ran {
  readonly summary: Summary;
  readonly error?: SendtwiceError;
}

/** What makes two findings of different runs the same one. */
export interface Signature {
  readonly kind: string;
  readonly cause: string;
  /** The step of the recording; absent: any. */
  readonly step?: number;
  /** The session of the recording; absent: any. */
  readonly session?: string;
}

export type Finding = Summary['findings'][number];

/** Kind, cause and step. Which of several sessions shows it is chance. */
export function signatureOf({ kind, cause, step }: Finding): Signature {
  return { kind, cause, ...(step !== undefined && { step }) };
}

export const isSame = (finding: Finding, { kind, cause, step, session }: Signature): boolean =>
  finding.kind === kind &&
  finding.cause === cause &&
  (step === undefined || finding.step === step) &&
  (session === undefined || finding.session === session);

/** `unusable`: the run ended before its end and does not show it, so it says nothing. */
export type Outcome = 'shown' | 'absent' | 'unusable';

export function outcomeOf({ summary }: Ran, signature: Signature): Outcome {
  if (summary.findings.some((finding) => isSame(finding, signature))) return 'shown';
  return summary.outcome === 'completed' ? 'absent' : 'unusable';
}

/** How many runs and how much time may still be used. */
export class Budget {
  readonly signal: AbortSignal;
  #runs = 0;
  readonly #maxRuns: number;
  readonly #endsAt: number;
  readonly #now: () => number;

  constructor(options: {
    readonly signal: AbortSignal;
    readonly maxRuns: number;
    readonly limitMs: number;
    readonly now?: () => number;
  }) {
    this.signal = options.signal;
    this.#maxRuns = options.maxRuns;
    this.#now = options.now ?? (() => performance.now());
    this.#endsAt = this.#now() + options.limitMs;
  }

  get runs(): number {
    return this.#runs;
  }

  /** Why no further run may begin; nothing when one may. */
  get spent(): 'interrupted' | 'runs' | 'time' | undefined {
    if (this.signal.aborted) return 'interrupted';
    if (this.#runs >= this.#maxRuns) return 'runs';
    return this.#now() >= this.#endsAt ? 'time' : undefined;
  }

  /** Counts one run. */
  take(): void {
    this.#runs += 1;
  }
}

/** The seed of the n-th further run. The first one has the seed of the original. */
export const seedOf = (seed: string, index: number): string => (index === 0 ? seed : `${seed}-${index}`);

/** The same play `times` times with seeds of their own, `jobs` at once; fewer when the budget ends. */
export async function repeat(
  run: Runner,
  facts: RunFacts,
  { times, jobs = 1, budget }: { readonly times: number; readonly jobs?: number; readonly budget: Budget },
): Promise<readonly Ran[]> {
  const all: Ran[] = [];
  const indexes = Array.from({ length: times }, (_, index) => index);
  await inParallel(indexes, jobs, async (index) => {
    if (budget.spent !== undefined) return;
    budget.take();
    const ran = await run({ ...facts, seed: seedOf(facts.seed, index) }, budget.signal);
    // A run that was cut short by ctrl-C is no run.
    if (!budget.signal.aborted) all.push(ran);
  });
  return all;
}
