import { formatDuration } from '../base/duration.js';
import { printable } from '../base/untrusted.js';
import { type Style, verdictInColour } from '../report/terminal.js';
import { type Suite, type SuiteRun, verdictOf } from './suite.js';

/** So many seeds of a finding are named; `latest-suite.json` has all. */
const MOST_SEEDS = 5;
const NOT_APPLICABLE = 'not applicable';

/** Scenario × verdict × findings, a line each; with repeated runs, k of N for each finding. */
export function suiteTable(suite: Suite, style: Style): string {
  const names = [...suite.runs, ...suite.notApplicable].map(({ scenario }) => scenario);
  const width = Math.max(...names.map((name) => name.length), 'scenario'.length);
  const lines = [...new Set(suite.runs.map(({ scenario }) => scenario))].map((name) =>
    lineOf(name, suite, width, style),
  );
  const passedOver = suite.notApplicable.map(
    ({ scenario, reason }) => `  ${scenario.padEnd(width)}  ${style.faint(NOT_APPLICABLE)}  ${reason}`,
  );
  const left = suite.planned - suite.runs.length;
  const rest = left === 0 ? '' : `, ${left} of ${suite.planned} runs were not made`;
  const over =
    passedOver.length === 0 ? '' : `, ${passedOver.length} of the scenarios ${NOT_APPLICABLE} to this bot`;
  return `${[...lines, ...passedOver].join('\n')}\n${verdictInColour(suite.verdict, style)}  ${suite.runs.length} runs${rest}${over}\n`;
}

function lineOf(name: string, suite: Suite, width: number, style: Style): string {
  const runs = suite.runs.filter(({ scenario }) => scenario === name);
  const verdicts = runs.map(verdictOf);
  const verdict = (['fail', 'inconclusive'] as const).find((one) => verdicts.includes(one)) ?? 'pass';
  const ms = runs.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const pad = ' '.repeat(NOT_APPLICABLE.length - verdict.length);
  const found = runs.length === 1 ? inOne(runs[0]) : inSeveral(name, runs, suite);
  return `  ${name.padEnd(width)}  ${verdictInColour(verdict, style)}${pad}  ${formatDuration(ms).padStart(9)}  ${found}`;
}

function inOne(run: SuiteRun | undefined): string {
  if (run === undefined) return '';
  const found = run.findings.map(
    ({ kind, cause, count }) => `${kind}: ${cause}${count === 1 ? '' : ` ×${count}`}`,
  );
  const cut = run.outcome === 'completed' ? [] : [run.outcome];
  if (found.length > 0) return [...cut, ...found].join('; ');
  return run.verdict === 'pass' ? '' : printable(run.reasons[0] ?? '', 100);
}

/** A finding is told once for all runs of its scenario; one run that fails fails all, and none is tried again. */
function inSeveral(name: string, runs: readonly SuiteRun[], { findings }: Suite): string {
  const rows = findings
    .filter(({ scenario }) => scenario === name)
    .map(({ kind, cause, k, n, seeds }) => {
      const more = seeds.length > MOST_SEEDS ? ', …' : '';
      return `${kind}: ${cause} in ${k} of ${n} runs: seeds ${seeds.slice(0, MOST_SEEDS).join(', ')}${more}`;
    });
  const unsure = runs.filter((run) => verdictOf(run) === 'inconclusive').length;
  const doubts = unsure === 0 ? [] : [`${unsure} of ${runs.length} runs inconclusive`];
  return [...rows, ...doubts].join('; ') || `${runs.length} runs`;
}
