import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, SendtwiceError } from '../base/errors.js';
import type { Summary } from '../report/summary.js';
import { tally } from '../report/tally.js';

const runSchema = z.strictObject({
  scenario: z.string(),
  seed: z.string(),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  outcome: z.enum(['completed', 'interrupted', 'failed', 'crashed']),
  durationMs: z.number(),
  findings: z.array(z.strictObject({ kind: z.string(), cause: z.string(), count: z.int().min(1) })),
  reasons: z.array(z.string()).describe('Why it failed, or proves nothing'),
  folder: z.string().describe('Where its history, summary and log lie'),
});

const skippedSchema = z.strictObject({ scenario: z.string(), reason: z.string() });

const tallySchema = z.strictObject({
  scenario: z.string(),
  kind: z.string(),
  cause: z.string(),
  k: z.int().min(1).describe('So many runs show it …'),
  n: z.int().min(1).describe('… of so many that went to their end'),
  seeds: z.array(z.string()).describe('Those that show it'),
});

/** `suite.json`: what running several scenarios came to. */
export const suiteSchema = z.strictObject({
  format: z.literal('sendtwice-suite'),
  version: z.literal(1),
  startedAt: z.string(),
  bot: z.string(),
  verdict: z
    .enum(['pass', 'fail', 'inconclusive'])
    .describe('fail: one run failed. inconclusive: none failed, and one could not be judged'),
  planned: z
    .int()
    .describe('Runs that were to be made; fewer are listed when somebody stopped it, or with --bail'),
  runs: z.array(runSchema),
  findings: z.array(tallySchema).default([]).describe('What was found, over all runs of a scenario'),
  notApplicable: z
    .array(skippedSchema)
    .default([])
    .describe(
      'Scenarios that can say nothing about this bot, and why (`needs`, parameters); they are no part of the verdict',
    ),
});

export type Suite = z.output<typeof suiteSchema>;
export type Skipped = z.output<typeof skippedSchema>;
export type SuiteRun = Suite['runs'][number];

const NAME = 'latest-suite.json';

export function runOf(summary: Summary, folder: string): SuiteRun {
  const { scenario, seed, verdict, outcome, durationMs, reasons } = summary;
  const counts = new Map<string, SuiteRun['findings'][number]>();
  for (const { kind, cause } of summary.findings) {
    const key = `${kind}: ${cause}`;
    counts.set(key, { kind, cause, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return { scenario, seed, verdict, outcome, durationMs, findings: [...counts.values()], reasons, folder };
}

/** A run that was cut short proves nothing, whatever it shows: that may come of the cut. */
export const verdictOf = ({
  verdict,
  outcome,
}: Pick<SuiteRun, 'verdict' | 'outcome'>): SuiteRun['verdict'] =>
  outcome === 'completed' ? verdict : 'inconclusive';

export function suiteOf(
  facts: Pick<Suite, 'startedAt' | 'bot' | 'planned'>,
  runs: readonly SuiteRun[],
  notApplicable: Suite['notApplicable'] = [],
): Suite {
  const verdicts = runs.map(verdictOf);
  const isComplete = runs.length === facts.planned && runs.length > 0;
  const sure = isComplete && verdicts.every((verdict) => verdict === 'pass');
  return {
    format: 'sendtwice-suite',
    version: 1,
    ...facts,
    verdict: verdicts.includes('fail') ? 'fail' : sure ? 'pass' : 'inconclusive',
    runs: [...runs],
    findings: findingsOf(runs),
    notApplicable: [...notApplicable],
  };
}

/** k of N for each scenario. */
function findingsOf(runs: readonly SuiteRun[]): Suite['findings'] {
  const whole = runs.filter(({ outcome }) => outcome === 'completed');
  return [...new Set(whole.map(({ scenario }) => scenario))].flatMap((scenario) =>
    tally(whole.filter((run) => run.scenario === scenario)).map(({ kind, cause, k, n, seeds }) => ({
      scenario,
      kind,
      cause,
      k,
      n,
      seeds: [...seeds],
    })),
  );
}

/** `1` beats `3`: that one scenario failed is known for certain, whatever the others would have said. */
export const exitCodeOfSuite = ({ verdict }: Suite): 0 | 1 | 3 =>
  (({ pass: 0, fail: 1, inconclusive: 3 }) as const)[verdict];

/** Written after each run, so that what was done is not lost. */
export function writeSuite(out: string, suite: Suite): void {
  writeFileSync(join(out, NAME), `${JSON.stringify(suite, null, 2)}\n`);
}

/** Scenarios that did not pass in the last suite. @throws SendtwiceError when there was none, or all passed */
export function notPassed(out: string): ReadonlySet<string> {
  const path = join(out, NAME);
  if (!existsSync(path)) {
    throw new SendtwiceError('usage/bad-argument', `--only-failed: ${path} does not exist`, {
      hint: 'Run several scenarios first; their results are kept there.',
    });
  }
  let suite: Suite;
  try {
    suite = suiteSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new SendtwiceError('file/unreadable', `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  const names = new Set(
    suite.runs.filter((run) => verdictOf(run) !== 'pass').map(({ scenario }) => scenario),
  );
  if (names.size > 0) return names;
  throw new SendtwiceError('usage/bad-argument', '--only-failed: all scenarios of the last suite passed');
}
