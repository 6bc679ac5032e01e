import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { viewOfFile } from '../history/reader.js';
import { Budget, type Finding, signatureOf } from '../investigate/runner.js';
import { suspectsOf } from '../investigate/suspects.js';
import { why, whyText } from '../investigate/why.js';
import type { Plan, Ran } from '../suite/run-suite.js';
import { runnerIn, say } from './investigating.js';
import type { Facts } from './run-command.js';

export interface WhyBounds {
  readonly runs: number;
  readonly limitMs: number;
  readonly maxRuns: number;
  readonly jobs: number;
}

/**
 * `run --why`: asks of the first finding of each kind and cause of each scenario what it needs, when all runs are over.
 * One budget for all: what it does not reach is not asked.
 */
export async function whyAfter(
  failed: readonly { readonly plan: Plan; readonly ran: Ran }[],
  facts: Facts,
  { runs, jobs, ...bounds }: WhyBounds,
  signal: AbortSignal,
): Promise<void> {
  const budget = new Budget({ signal, ...bounds });
  const asked = new Set<string>();
  for (const { plan, ran } of failed) {
    const findings = ran.summary.findings.filter((finding) => isNew(asked, plan, finding));
    if (findings.length === 0 || budget.spent !== undefined) continue;
    const { folder, summary } = ran;
    const view = await viewOfFile(join(folder, 'history.jsonl'));
    const work = mkdtempSync(join(folder, 'investigate-'));
    try {
      for (const finding of findings) {
        if (budget.spent !== undefined) break;
        const result = await why({
          run: runnerIn(work, jobs),
          facts: { ...facts, scenario: plan.scenario, seed: summary.seed },
          signature: signatureOf(finding),
          suspects: suspectsOf(plan.scenario, view, finding),
          runs,
          jobs,
          budget,
          onProgress: say,
        });
        writeFileSync(join(folder, `why-${finding.id}.json`), `${JSON.stringify(result, null, 2)}\n`);
        process.stdout.write(`\n${summary.scenario}, ${finding.id}: ${whyText(result)}`);
      }
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}

function isNew(asked: Set<string>, { scenario }: Plan, { kind, cause }: Finding): boolean {
  const key = `${scenario.scenario}/${kind}/${cause}`;
  const isKnown = asked.has(key);
  asked.add(key);
  return !isKnown;
}
