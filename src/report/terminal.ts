import { formatDuration } from '../base/duration.js';
import { printable, withoutPersonal } from '../base/untrusted.js';
import type { Judged } from './judge.js';
import type { Summary } from './summary.js';

type Paint = (text: string) => string;

/** How a terminal shows emphasis. Functions and not codes, so that a file gets plain text. */
export interface Style {
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

export interface TerminalOptions {
  /** Where the run lies; named at the end. */
  readonly folder: string;
  readonly style: Style;
  /** Every finding with its chain, not only the first of each kind and cause. */
  readonly all?: boolean;
}

type Finding = Summary['findings'][number];

/** The report of one run for a terminal, with a newline at its end. */
export function terminalReport({ summary }: Pick<Judged, 'summary'>, options: TerminalOptions): string {
  const sections = [
    heading(summary, options.style),
    expectations(summary, options.style),
    findings(summary, options),
    latency(summary, options.style),
    counts(summary, options.style),
    notes(summary, options.style),
    [options.style.faint(`history, summary and the bot's output: ${options.folder}`)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** PASS, FAIL or INCONCLUSIVE in its colour. */
export function verdictInColour(verdict: Summary['verdict'], style: Style): string {
  const paint = { pass: style.good, fail: style.bad, inconclusive: style.warn }[verdict];
  return style.strong(paint(verdict.toUpperCase()));
}

function heading(summary: Summary, style: Style): string[] {
  const bot = printable(String(summary.environment.bot ?? 'bot'), 60);
  const facts = [`seed ${printable(summary.seed, 40)}`, formatDuration(summary.durationMs)].join(', ');
  const lines = [
    `${verdictInColour(summary.verdict, style)}  ${style.strong(summary.scenario)} against ${bot}  ${style.faint(`(${facts})`)}`,
  ];
  for (const reason of summary.reasons.filter((text) => !isExpectation(text, summary)))
    lines.push(`  ${style.warn('!')} ${printable(reason, 300)}`);
  return lines;
}

/** Failed expectations have lines of their own. */
function isExpectation(reason: string, summary: Summary): boolean {
  return summary.expectations.some(({ name }) => reason.startsWith(`${name}:`));
}

function expectations(summary: Summary, style: Style): string[] {
  return summary.expectations.map(({ name, limit, value, ok }) => {
    const unit = (number: number): string => (/latency/.test(name) ? formatDuration(number) : String(number));
    const mark = ok ? style.good('✓') : style.bad('✗');
    const was = value === null ? 'never answered often enough to tell' : unit(value);
    return `  ${mark} ${name.padEnd(24)} ${was}${style.faint(`, at most ${unit(limit)}`)}`;
  });
}

function findings(summary: Summary, options: TerminalOptions): string[] {
  const { style } = options;
  if (summary.findings.length === 0) return [style.good('No findings.')];
  const lines = [
    style.strong(`${summary.findings.length} finding${summary.findings.length === 1 ? '' : 's'}`),
  ];
  for (const group of grouped(summary.findings)) {
    const shown = options.all === true ? group : group.slice(0, 1);
    for (const finding of shown) lines.push('', ...one(finding, style));
    const rest = group.slice(shown.length);
    if (rest.length > 0) {
      lines.push(
        style.faint(
          `    and ${rest.length} more like it: ${listed(rest.map(({ id }) => id))} (--all shows them)`,
        ),
      );
    }
  }
  return lines;
}

function one(finding: Finding, style: Style): string[] {
  const sure = finding.strength === 'exact' ? '' : style.faint(` (attributed by ${finding.strength})`);
  return [
    `  ${style.bad(finding.id)}  ${printable(withoutPersonal(finding.message), 300)}`,
    `    ${style.strong('why')}  ${finding.cause}: ${finding.explain}${sure}`,
    ...finding.chain.map((line) => `      ${line}`),
    `    ${style.strong('do')}   ${finding.hint}`,
  ];
}

/** Findings of one kind and cause together, in the order in which the first of each came. */
function grouped(all: readonly Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of all) {
    const key = `${finding.kind}/${finding.cause}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

function listed(ids: readonly string[]): string {
  return ids.length <= 4 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')}, …`;
}

const LATENCY_ROWS = [
  ['lag', 'how late the harness itself was'],
  ['queue', 'wait in Telegram’s queue'],
  ['ack', 'until the bot acknowledged'],
  ['reply', 'until the user saw the right answer'],
  ['settle', 'until the last effect of a step'],
] as const;

function latency(summary: Summary, style: Style): string[] {
  const columns = ['n', 'missing', 'p50', 'p90', 'p95', 'p99', 'max'] as const;
  const header = `  ${'latency'.padEnd(8)}${columns.map((name) => name.padStart(9)).join('')}`;
  const rows = LATENCY_ROWS.map(([name, about]) => {
    const row = summary.latency[name];
    const cells = columns.map((column) => {
      const value = row[column];
      if (column === 'n' || column === 'missing') return String(value);
      return value === null ? '-' : formatDuration(value);
    });
    return `  ${name.padEnd(8)}${cells.map((cell) => cell.padStart(9)).join('')}  ${style.faint(about)}`;
  });
  return [style.faint(header), ...rows];
}

function counts(summary: Summary, style: Style): string[] {
  const flat = Object.entries(summary.counts).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  const words = flat.filter(([, number]) => number > 0).map(([name, number]) => `${number} ${inWords(name)}`);
  const faults = summary.faults.map(({ name, explain, hits }) => {
    const often = hits === 0 ? style.warn('never hit') : `hit ${hits}×`;
    return `  fault ${name}: ${explain} ${style.faint(`(${often})`)}`;
  });
  return [`  ${words.join(', ')}`, ...mongo(summary), ...faults];
}

/** What the bot asked of its database; nothing for a bot that has none. */
function mongo({ mongo: { commands, commandsPerStep, errors, addedMs } }: Summary): string[] {
  if (commands === 0) return [];
  const perStep = commandsPerStep === null ? '' : ` (${Number(commandsPerStep.toFixed(1))} a step)`;
  const failed = errors === 0 ? '' : `, ${errors} errors`;
  const added = addedMs === 0 ? '' : `, ${formatDuration(addedMs)} added to them in all`;
  return [`  MongoDB: ${commands} commands${perStep}${failed}${added}`];
}

/** `apiErrors` → `api errors`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function notes(summary: Summary, style: Style): string[] {
  return [
    ...summary.departures.map((text) => `  ${style.faint(`not as Telegram is: ${printable(text, 200)}`)}`),
    ...summary.warnings.map((text) => `  ${style.warn('!')} ${printable(text, 300)}`),
  ];
}
