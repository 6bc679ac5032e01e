import { formatDuration } from '../base/duration.js';
import { printable } from '../base/untrusted.js';
import { tally } from '../report/tally.js';
import { type Style, verdictInColour } from '../report/terminal.js';
import type { Suite, SuiteRun } from './suite.js';

/** Scenario × verdict × findings, a line each; with repeated runs, k of N for each finding. */
export function suiteTable(suite: Suite, style: Style): string {
  const scenarios = [...new Set(suite.runs.map(({ scenario }) => scenario))];
  const width = Math.max(...scenarios.map((name) => name.length), 'scenario'.length);
  const lines = scenarios.map((name) =>
    lineOf(
      name,
      suite.runs.filter(({ scenario }) => scenario === name),
      width,
      style,
    ),
  );
  const left = suite.planned - suite.runs.length;
  const rest = left === 0 ? '' : `, ${left} of ${suite.planned} runs were not made`;
  return `${lines.join('\n')}\n${verdictInColour(suite.verdict, style)}  ${suite.runs.length} runs${rest}\n`;
}

function lineOf(name: string, runs: readonly SuiteRun[], width: number, style: Style): string {
  const worst =
    runs.find(({ verdict }) => verdict === 'fail') ??
    runs.find(({ verdict }) => verdict !== 'pass') ??
    runs[0];
  const verdict = worst?.verdict ?? 'inconclusive';
  const ms = runs.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const pad = ' '.repeat('inconclusive'.length - verdict.length);
  return `  ${name.padEnd(width)}  ${verdictInColour(verdict, style)}${pad}  ${formatDuration(ms).padStart(9)}  ${findingsOf(runs)}`;
}

function findingsOf(runs: readonly SuiteRun[]): string {
  if (runs.length === 1) {
    const [run] = runs;
    const found =
      run?.findings.map(({ kind, cause, count }) => `${kind}: ${cause}${count === 1 ? '' : ` ×${count}`}`) ??
      [];
    if (found.length > 0) return found.join('; ');
    return run?.verdict === 'pass' ? '' : printable(run?.reasons[0] ?? '', 100);
  }
  const rows = tally(runs).map(({ kind, cause, k, n }) => `${kind}: ${cause} in ${k} of ${n}`);
  return rows.length > 0 ? rows.join('; ') : `${runs.length} runs`;
}
