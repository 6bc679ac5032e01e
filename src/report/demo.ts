import { formatDuration } from '../base/duration.js';
import type { Judged } from './judge.js';
import type { Summary } from './summary.js';
import { type Style, verdictInColour } from './terminal.js';

export interface DemoRuns {
  readonly faulty: Judged;
  readonly repaired: Judged;
  /** The bugs that were switched on: name and what the user sees of it. */
  readonly bugs: Readonly<Record<string, string>>;
  readonly style: Style;
}

/** The rows of the comparison: a title and what to read from a summary. */
const ROWS: readonly (readonly [title: string, read: (summary: Summary) => string])[] = [
  ['replies shown twice', (summary) => countOf(summary, ['duplicate-reply', 'duplicate-keyboard'])],
  ['steps answered as if at another', (summary) => countOf(summary, ['lost-state'])],
  ['inputs that had to be sent again', (summary) => countOf(summary, ['resend-needed'])],
  ['inputs never answered', (summary) => countOf(summary, ['lost-update'])],
  ['taps whose spinner never stopped', (summary) => countOf(summary, ['unanswered-callback'])],
  ['reply, median', (summary) => latencyOf(summary.latency.reply.p50)],
  ['reply, p95', (summary) => latencyOf(summary.latency.reply.p95)],
];

/** Both verdicts side by side, and one duplicate in full. */
export function demoReport({ faulty, repaired, bugs, style }: DemoRuns): {
  readonly text: string;
  readonly asExpected: boolean;
} {
  const lines = [
    style.strong(
      'An order bot (grammY and MongoDB), once with its bugs and once repaired, through the same play',
    ),
    '',
    ...faulty.summary.faults.map(({ explain }) => `  fault  ${explain}`),
    ...Object.entries(bugs).map(([name, sees]) => `  bug    ${name}: ${sees}`),
    '',
    ...comparison(faulty.summary, repaired.summary, style),
  ];
  const duplicates = faulty.summary.findings.filter(({ kind }) => kind.startsWith('duplicate-'));
  // The cause that surprises most is the one to show.
  const duplicate = duplicates.find(({ cause }) => cause === 'redelivery-while-running') ?? duplicates[0];
  if (duplicate !== undefined) {
    lines.push('', style.strong('One of them in full'), '', `  ${duplicate.message}`);
    lines.push(...duplicate.chain.map((line) => `    ${line}`));
    lines.push('', `  why  ${duplicate.cause}: ${duplicate.explain}`, `  do   ${duplicate.hint}`);
  }
  lines.push(
    '',
    style.faint(
      'All findings: sendtwice report <run> --all, with a folder from runs/. Your own bot: see the README.',
    ),
    '',
  );
  return { text: lines.join('\n'), asExpected: isAsExpected(faulty.summary, repaired.summary) };
}

/** The demo keeps its promise: duplicates and lost states in the one, nothing in the other. */
function isAsExpected(faulty: Summary, repaired: Summary): boolean {
  const kinds = new Set(faulty.findings.map(({ kind }) => kind));
  const duplicates = kinds.has('duplicate-reply') || kinds.has('duplicate-keyboard');
  return faulty.verdict === 'fail' && duplicates && kinds.has('lost-state') && repaired.verdict === 'pass';
}

function comparison(faulty: Summary, repaired: Summary, style: Style): string[] {
  const row = (title: string, left: string, right: string): string =>
    `  ${title.padEnd(36)}${left.padEnd(14)}${right}`;
  return [
    style.faint(row('', 'with its bugs', 'repaired')),
    row(
      'verdict',
      verdictInColour(faulty.verdict, style) + ' '.repeat(14 - faulty.verdict.length),
      verdictInColour(repaired.verdict, style),
    ),
    ...ROWS.map(([title, read]) => row(title, read(faulty), read(repaired))),
    // What failed stands in the rows; what could not be judged must be said.
    ...[faulty, repaired]
      .filter(({ verdict }) => verdict === 'inconclusive')
      .flatMap(({ reasons }) => reasons.map((reason) => `  ${style.warn('!')} ${reason}`)),
  ];
}

function countOf(summary: Summary, kinds: readonly string[]): string {
  return String(summary.findings.filter(({ kind }) => kinds.includes(kind)).length);
}

function latencyOf(ms: number | null): string {
  return ms === null ? '-' : formatDuration(ms);
}
