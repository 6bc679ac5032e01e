import { randomBytes } from 'node:crypto';
import type { SendtwiceError } from '../base/errors.js';
import { inParallel } from '../base/parallel.js';
import type { Summary } from '../report/summary.js';
import type { Bot, Scenario } from '../scenario/load.js';
import { isOpen, isTelling, type Known, knownAfter, knownBefore, notApplicable } from './needs.js';
import { runOf, type Skipped, type Suite, type SuiteRun, suiteOf, verdictOf, writeSuite } from './suite.js';

/** One run that is to be made. */
export interface Plan {
  readonly scenario: Scenario;
  /** Absent: a random one. */
  readonly seed?: string;
  /** For people: the scenario, and which of its runs. */
  readonly name: string;
}

/** One run that was made. */
export interface Ran {
  readonly summary: Summary;
  readonly folder: string;
  /** Why it could not go to its end. */
  readonly error?: SendtwiceError;
}

export interface SuiteOptions {
  readonly bot: Bot;
  readonly plans: readonly Plan[];
  /** Scenarios that were picked and cannot be planned. */
  readonly lacking?: readonly Skipped[];
  /** The folder of all runs, where `latest-suite.json` is kept. */
  readonly out: string;
  /** So many runs at once. */
  readonly jobs: number;
  /** After a run that fails nothing more is begun, and what is under way is stopped. */
  readonly bail: boolean;
  readonly signal: AbortSignal;
  /** What can be known to be wrong with it beforehand: all is looked at before anything is run. */
  readonly check: (scenario: Scenario) => Promise<void>;
  readonly play: (plan: Plan, signal: AbortSignal) => Promise<Ran>;
  /** Called in the order in which runs end. */
  readonly onRan: (ran: Ran, plan: Plan) => void;
}

/** Each scenario so often. One run keeps the seed as it is, so that it can be given again; several have it with a number each. */
export function plansOf(scenarios: readonly Scenario[], repeats: number, seed: string | undefined): Plan[] {
  if (repeats === 1) {
    return scenarios.map((scenario) => ({
      scenario,
      name: scenario.scenario,
      ...(seed !== undefined && { seed }),
    }));
  }
  const base = seed ?? randomBytes(4).toString('hex');
  return scenarios.flatMap((scenario) =>
    Array.from({ length: repeats }, (_, index) => ({
      scenario,
      seed: `${base}-${index + 1}`,
      name: `${scenario.scenario} ${index + 1}`,
    })),
  );
}

/**
 * Makes the runs, passing over what can say nothing about this bot, and keeps `latest-suite.json` after each.
 * What the files do not tell about the bot is learned from a run in which nothing is broken, if there is one: it comes first.
 * @throws whatever `play` does, when the runs under way have been stopped
 */
export async function runSuite(options: SuiteOptions): Promise<Suite> {
  const { plans, jobs } = options;
  const running = new RunningSuite(options);
  await running.look();
  const teacher = running.teacher();
  if (teacher !== undefined) await running.one(teacher);
  await inParallel(
    plans.filter((plan) => plan !== teacher),
    jobs,
    (plan) => running.one(plan),
  );
  return running.keep();
}

class RunningSuite {
  readonly #options: SuiteOptions;
  readonly #startedAt = new Date().toISOString();
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  /** By recording; steps that are written by hand have none. */
  readonly #known = new Map<string | undefined, Known>();
  readonly #runs = new Map<Plan, SuiteRun>();

  constructor(options: SuiteOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
  }

  /** Takes in what the files tell. @throws what `check` does */
  async look(): Promise<void> {
    const { plans, bot, check } = this.#options;
    for (const scenario of new Set(plans.map((plan) => plan.scenario))) {
      const { needs, play } = scenario;
      if (needs.length > 0 && !this.#known.has(play.recording)) {
        this.#known.set(play.recording, await knownBefore(bot, play));
      }
      if (notApplicable(scenario, this.#of(scenario)) === undefined) await check(scenario);
    }
  }

  /** The run to learn from, where another one waits for that. */
  teacher(): Plan | undefined {
    return this.#options.plans.find(
      (plan) =>
        isTelling(plan.scenario) &&
        this.#options.plans.some(
          ({ scenario }) =>
            scenario.play.recording === plan.scenario.play.recording && isOpen(scenario, this.#of(scenario)),
        ),
    );
  }

  async one(plan: Plan): Promise<void> {
    const { play, onRan, bail } = this.#options;
    if (this.#signal.aborted || this.#passedOver(plan) !== undefined) return;
    let ran: Ran;
    try {
      ran = await play(plan, this.#signal);
    } catch (error) {
      this.#stop.abort();
      throw error;
    }
    const run = runOf(ran.summary, ran.folder);
    this.#runs.set(plan, run);
    if (isTelling(plan.scenario)) this.#learn(plan.scenario, knownAfter(ran.summary));
    this.keep();
    onRan(ran, plan);
    if (bail && verdictOf(run) === 'fail') this.#stop.abort();
  }

  /** What it has come to by now; in the order of the plan, whatever ended first. */
  keep(): Suite {
    const { plans, bot, out, lacking = [] } = this.#options;
    const notApplicable = new Map(
      plans.flatMap((plan) => {
        const reason = this.#runs.has(plan) ? undefined : this.#passedOver(plan);
        return reason === undefined ? [] : [[plan, reason] as const];
      }),
    );
    const reasons = new Map([...notApplicable].map(([{ scenario }, reason]) => [scenario.scenario, reason]));
    const suite = suiteOf(
      { startedAt: this.#startedAt, bot: bot.name, planned: plans.length - notApplicable.size },
      plans.flatMap((plan) => this.#runs.get(plan) ?? []),
      [...[...reasons].map(([scenario, reason]) => ({ scenario, reason })), ...lacking],
    );
    if (plans.length > 1 && suite.runs.length > 0) writeSuite(out, suite);
    return suite;
  }

  #of = ({ play }: Scenario): Known => this.#known.get(play.recording) ?? {};

  #passedOver({ scenario }: Plan): string | undefined {
    return notApplicable(scenario, this.#of(scenario));
  }

  #learn({ play }: Scenario, learned: Known): void {
    // What the files say for certain stays.
    this.#known.set(play.recording, { ...learned, ...this.#known.get(play.recording) });
  }
}
