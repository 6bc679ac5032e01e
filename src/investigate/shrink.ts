import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../faults/schema.js';
import type { Scenario } from '../scenario/load.js';
import type { RunFacts } from '../scenario/run-file.js';
import { ddmin } from './ddmin.js';
import { type Material, materialOf, type Origins, type Part } from './material.js';
import { type Budget, isSame, type Ran, type Runner, type Signature, seedOf } from './runner.js';

/** A play that is smaller than the original one, or the original one. */
export interface Candidate {
  readonly acts: readonly Part[];
  readonly users: number;
  readonly faults: readonly Fault[];
  readonly play: Scenario['play'];
}

export interface Shrunk {
  readonly original: Candidate;
  readonly best: Candidate;
  readonly material: Material;
  /** Did anything show the finding at all? Otherwise `best` is the original. */
  readonly shown: boolean;
  readonly runs: number;
  /** Why it ended before nothing more could be cut. */
  readonly stopped?: 'interrupted' | 'runs' | 'time';
}

export interface ShrinkOptions {
  readonly run: Runner;
  readonly facts: RunFacts;
  /** Step and session as numbered in the whole recording. */
  readonly signature: Signature;
  /** The session of the finding: the first guess is that it alone is enough. */
  readonly session?: string;
  /** Of so many runs of a candidate … */
  readonly runs: number;
  /** … so many must show the finding. */
  readonly need: number;
  readonly budget: Budget;
  /** An existing folder for recordings of candidates. */
  readonly work: string;
  readonly onProgress?: (text: string) => void;
}

/** Cuts users, sessions, steps, faults and delays as long as the same finding with the same cause shows. */
export async function shrink(options: ShrinkOptions): Promise<Shrunk> {
  const { facts, budget } = options;
  const { play, faults } = facts.scenario;
  const material = await materialOf(play);
  const acts = material.parts;
  const original: Candidate = { acts, users: play.users, faults, play };
  const shrinking = new Shrinking(options, material, original);
  const shown = await shrinking.shows(original);
  if (shown) await shrinking.all();
  const stopped = shrinking.isDone ? undefined : budget.spent;
  return {
    original,
    best: shrinking.best,
    material,
    shown,
    runs: budget.runs,
    ...(stopped !== undefined && { stopped }),
  };
}

class Shrinking {
  best: Candidate;
  isDone = false;
  readonly #options: ShrinkOptions;
  readonly #material: Material;
  #number = 0;

  constructor(options: ShrinkOptions, material: Material, original: Candidate) {
    this.#options = options;
    this.#material = material;
    this.best = original;
  }

  async all(): Promise<void> {
    await this.#sessions();
    await this.#users();
    await this.#faults();
    await this.#steps();
    // What fewer steps need may be less.
    await this.#faults();
    await this.#simplerFaults();
    await this.#durations();
    this.isDone = this.#options.budget.spent === undefined;
  }

  #isOver = (): boolean => this.#options.budget.spent !== undefined;

  /** Keeps the candidate when it shows the finding. */
  async #try(change: Partial<Candidate>): Promise<boolean> {
    if (this.#isOver()) return false;
    const candidate = { ...this.best, ...change };
    if (!(await this.shows(candidate))) return false;
    this.best = candidate;
    this.#options.onProgress?.(inWords(candidate));
    return true;
  }

  async #sessions(): Promise<void> {
    const names = [...new Set(this.best.acts.map(({ session }) => session))];
    const only = (kept: readonly string[]): Part[] =>
      this.best.acts.filter(({ session }) => kept.includes(session));
    const own = this.#options.session;
    if (own !== undefined && (await this.#try({ acts: only([own]), users: 1 }))) return;
    // Whole sessions are only left out as far as there are users: the others were never played.
    await ddmin(names, (kept) => (kept.length === 0 ? no() : this.#try({ acts: only(kept) })), this.#isOver);
  }

  async #users(): Promise<void> {
    for (let users = 1; users < this.best.users && !this.#isOver(); users *= 2) {
      if (await this.#try({ users })) return;
    }
  }

  async #steps(): Promise<void> {
    await ddmin(this.best.acts, (acts) => (acts.length === 0 ? no() : this.#try({ acts })), this.#isOver);
  }

  async #faults(): Promise<void> {
    await ddmin(this.best.faults, (faults) => this.#try({ faults }), this.#isOver);
  }

  async #simplerFaults(): Promise<void> {
    for (const { name } of this.best.faults) {
      for (const simpler of SIMPLER) {
        // Again and again as long as it helps: a delay can be halved more than once.
        for (let round = 0; round < 4; round += 1) {
          const fault = this.best.faults.find((one) => one.name === name);
          const changed = fault === undefined ? undefined : simpler(fault);
          if (fault === undefined || changed === undefined) break;
          const faults = this.best.faults.map((one) => (one === fault ? changed : one));
          if (!(await this.#try({ faults }))) break;
        }
      }
    }
  }

  async #durations(): Promise<void> {
    const { arrivals, ...play } = this.best.play;
    if (arrivals !== undefined) await this.#try({ play });
    if (this.best.play.think !== SHORT_THINK_MS)
      await this.#try({ play: { ...this.best.play, think: SHORT_THINK_MS } });
    const { settle } = this.best.play;
    if (settle > SHORT_SETTLE_MS) await this.#try({ play: { ...this.best.play, settle: SHORT_SETTLE_MS } });
  }

  /** Does it show the same finding with the same cause, in enough of its runs? */
  async shows(candidate: Candidate): Promise<boolean> {
    const { run, facts, budget, runs, need, work } = this.#options;
    const origins = await this.#material.origins(candidate.acts);
    this.#number += 1;
    const recording = join(work, `candidate-${this.#number}.jsonl`);
    const text = this.#material.recording(candidate.acts);
    if (text !== undefined) writeFileSync(recording, text);
    const played = this.#material.play(candidate.acts, recording);
    const scenario = scenarioOf(facts.scenario, candidate, played, origins, this.#options.session);
    try {
      let shown = 0;
      for (let index = 0; index < runs && shown < need; index += 1) {
        if (this.#isOver() || shown + runs - index < need) return false;
        budget.take();
        const ran = await run({ ...facts, scenario, seed: seedOf(facts.seed, index) }, budget.signal);
        if (budget.signal.aborted) return false;
        if (showsSame(ran, this.#options.signature, origins)) shown += 1;
      }
      return shown >= need;
    } finally {
      rmSync(recording, { force: true });
    }
  }
}

const SHORT_THINK_MS = 100;
const SHORT_SETTLE_MS = 1000;

const no = (): Promise<boolean> => Promise.resolve(false);

/** The steps of a cut dialogue have other numbers: a finding is the same one when its step is the same act. */
export function showsSame({ summary }: Ran, signature: Signature, origins: Origins): boolean {
  return summary.findings.some((finding) => {
    const { session = '', step } = finding;
    const origin = step === undefined ? undefined : origins.of(session, step);
    // A step that cannot be traced back is another one.
    if (step !== undefined && origin === undefined) return false;
    return isSame({ ...finding, ...origin }, signature);
  });
}

/** `session/step` of the cut recording at which the finding is the same one; nothing: it has no step. */
export function placesOf({ step }: Signature, origins: Origins): string[] | undefined {
  const places = step === undefined ? [] : origins.places(step);
  return places.length === 0 ? undefined : places;
}

/** The scenario of a candidate. Faults that hit a step by its number follow that step. */
export function scenarioOf(
  scenario: Scenario,
  candidate: Candidate,
  played: ReturnType<Material['play']>,
  origins: Origins,
  session: string | undefined,
): Scenario {
  return {
    ...scenario,
    play: { ...candidate.play, users: candidate.users, ...played },
    faults: candidate.faults.flatMap((fault) => renumbered(fault, (step) => origins.now(step, session))),
  };
}

function renumbered(fault: Fault, numberNow: (step: number) => number | undefined): Fault[] {
  if (!('match' in fault) || fault.match === undefined || !('step' in fault.match)) return [fault];
  const { step } = fault.match;
  if (step === undefined) return [fault];
  const now = numberNow(step);
  return now === undefined ? [] : [{ ...fault, match: { ...fault.match, step: now } } as Fault];
}

/** Each makes a fault simpler, or says that it is simple enough. */
const SIMPLER: readonly ((fault: Fault) => Fault | undefined)[] = [
  (fault) => {
    if (fault.probability === undefined || fault.probability === 1) return undefined;
    const { probability: _, ...rest } = fault;
    return rest as Fault;
  },
  (fault) => (fault.times === 1 ? undefined : { ...fault, times: 1 }),
  (fault) => {
    const { after, for: lasting, every, ...rest } = fault;
    return after === undefined && lasting === undefined && every === undefined ? undefined : (rest as Fault);
  },
  (fault) => {
    if (!('delay' in fault) || fault.delay === undefined || typeof fault.delay === 'number') return undefined;
    const delay = middleOf(fault.delay);
    return delay === undefined ? undefined : ({ ...fault, delay } as Fault);
  },
  (fault) => {
    if (!('delay' in fault) || typeof fault.delay !== 'number' || fault.delay < 20) return undefined;
    return { ...fault, delay: Math.round(fault.delay / 20) * 10 } as Fault;
  },
];

/** A round number in place of a distribution: the high end, because a slow one is what shows things. */
function middleOf(delay: object): number | undefined {
  const { max, p99, mean, min } = delay as Readonly<Record<string, number | undefined>>;
  const high = max ?? p99 ?? mean ?? min;
  return high === undefined ? undefined : Math.ceil(high / 10) * 10;
}

export function inWords({ acts, users, faults }: Candidate): string {
  const sessions = new Set(acts.map(({ session }) => session)).size;
  return `${users} user(s), ${sessions} session(s), ${acts.length} step(s), ${faults.length} fault(s)`;
}
