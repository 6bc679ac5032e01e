import { formatDuration } from '../base/duration.js';
import { printable, withoutPersonal } from '../base/untrusted.js';
import type { WrittenFinding } from './explain.js';
import type { Judged } from './judge.js';
import { wrapped } from './lines.js';
import { rulesOf } from './rules.js';
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
  /** Longer lines are broken; default: never. */
  readonly columns?: number;
}

/** What is reported: its findings may be put into words only when they are shown. */
interface Reported<F extends Named> {
  readonly summary: Summary;
  readonly findings: readonly F[];
  readonly written: (finding: F) => WrittenFinding;
}

type Named = Pick<WrittenFinding, 'id' | 'kind' | 'cause'>;

/** The report of one run for a terminal, with a newline at its end. */
export function terminalReport({ summary }: Pick<Judged, 'summary'>, options: TerminalOptions): string {
  const { findings } = summary;
  return [...reportPieces({ summary, findings, written: (finding) => finding }, options)].join('');
}

/** The same in pieces: with all findings it may be as long as the history is. */
export function* reportPieces<F extends Named>(
  run: Reported<F>,
  options: TerminalOptions,
): Generator<string> {
  const { summary } = run;
  const { style, columns } = options;
  const sections: readonly Iterable<Line>[] = [
    heading(summary, style),
    expectations(summary, style),
    findings(run, options),
    [...latency(summary, style), ...deadWindow(summary)],
    counts(summary, style),
    notes(summary, style),
    whereFrom(summary, options),
  ];
  let between = '';
  for (const section of sections) {
    for (const line of section) {
      yield between + broken(line, columns).join('\n');
      between = '\n';
    }
    between = between === '' ? '' : '\n\n';
  }
  yield '\n';
}

/** A line, and how far what goes on after a break is indented. */
type Line = string | readonly [line: string, indent: number];

function broken(line: Line, columns: number | undefined): string[] {
  return typeof line === 'string' ? wrapped(line, 4, columns) : wrapped(line[0], line[1], columns);
}

/** PASS, FAIL or INCONCLUSIVE in its colour. */
export function verdictInColour(verdict: Summary['verdict'], style: Style): string {
  const paint = { pass: style.good, fail: style.bad, inconclusive: style.warn }[verdict];
  return style.strong(paint(verdict.toUpperCase()));
}

function heading(summary: Summary, style: Style): Line[] {
  const bot = printable(String(summary.environment.bot ?? 'bot'), 60);
  const facts = [`seed ${printable(summary.seed, 40)}`, formatDuration(summary.durationMs)].join(', ');
  return [
    `${verdictInColour(summary.verdict, style)}  ${style.strong(summary.scenario)} against ${bot}  ${style.faint(`(${facts})`)}`,
    ...summary.reasons
      .filter((text) => !isExpectation(text, summary))
      .map((reason) => `  ${style.warn('!')} ${printable(reason, 300)}`),
  ];
}

/** Failed expectations have lines of their own. */
function isExpectation(reason: string, summary: Summary): boolean {
  return summary.expectations.some(({ name }) => reason.startsWith(`${name}:`));
}

function expectations(summary: Summary, style: Style): Line[] {
  if (!wasPlayed(summary)) return [];
  return summary.expectations.map(({ name, limit, value, ok }) => {
    const unit = (number: number): string => (/latency/.test(name) ? formatDuration(number) : String(number));
    const mark = ok ? style.good('✓') : style.bad('✗');
    const was = value === null ? 'never answered often enough to tell' : unit(value);
    return `  ${mark} ${name.padEnd(24)} ${was}${style.faint(`, at most ${unit(limit)}`)}`;
  });
}

/** Something was asked of the bot. Otherwise there is nothing to count, and no finding means nothing. */
function wasPlayed({ counts }: Summary): boolean {
  return typeof counts.actions === 'number' && counts.actions > 0;
}

function* findings<F extends Named>(run: Reported<F>, options: TerminalOptions): Generator<Line> {
  const { style } = options;
  const number = run.findings.length;
  if (number > 0) yield style.strong(plural(number, 'finding'));
  else if (wasPlayed(run.summary)) yield style.good('No findings.');
  for (const group of grouped(run.findings)) {
    const shown = options.all === true ? group : group.slice(0, 1);
    for (const finding of shown) {
      yield '';
      yield* one(run.written(finding), style);
    }
    const rest = group.slice(shown.length).map(({ id }) => id);
    if (rest.length > 0) {
      yield style.faint(`    and ${rest.length} more like it: ${listed(rest)} (--all shows them)`);
    }
  }
}

function one(finding: WrittenFinding, style: Style): Line[] {
  const sure = finding.strength === 'exact' ? '' : style.faint(` (attributed by ${finding.strength})`);
  return [
    `  ${style.bad(finding.id)}  ${printable(withoutPersonal(finding.message), 300)}`,
    ...(finding.expected === undefined
      ? []
      : [[`    ${style.strong('want')} ${finding.expected}`, 9] as const]),
    [`    ${style.strong('why')}  ${finding.cause}: ${finding.explain}${sure}`, 9],
    ...finding.chain.map((line): Line => [`      ${line}`, 20]),
    ...rulesOf(finding).map((rule): Line => [`    ${style.strong('rule')} ${rule}`, 9]),
    [`    ${style.strong('do')}   ${finding.hint}`, 9],
  ];
}

/** Findings of one kind and cause together, in the order in which the first of each came. */
function grouped<F extends Named>(all: readonly F[]): F[][] {
  const groups = new Map<string, F[]>();
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

const LATENCY_COLUMNS = ['n', 'missing', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

/** Only what was measured; nothing when nothing was. */
function latency({ latency }: Summary, style: Style): Line[] {
  const measured = LATENCY_ROWS.filter(([name]) => latency[name].n + latency[name].missing > 0);
  if (measured.length === 0) return [];
  const cell = (text: string): string => text.padStart(9);
  const header = `  ${'latency'.padEnd(8)}${LATENCY_COLUMNS.map(cell).join('')}`;
  const rows = measured.map(([name]) => {
    const cells = LATENCY_COLUMNS.map((column) => {
      const value = latency[name][column];
      if (column === 'n' || column === 'missing') return String(value);
      return value === null ? '-' : formatDuration(value);
    });
    return `  ${name.padEnd(8)}${cells.map(cell).join('')}`;
  });
  const legend = measured.map(([name, about]) => `${name}: ${about}`).join('; ');
  return [style.faint(header), ...rows, [style.faint(`  ${legend}`), 2]];
}

/** How long people had to wait before the bot listened again; nothing when it always did. */
function deadWindow({ deadWindow: dead }: Summary): Line[] {
  const [longest] = dead?.places ?? [];
  if (dead === undefined || longest === undefined) return [];
  const inputs = `${dead.passedOver} of ${plural(dead.n, 'inputs')}`;
  const times = `p50 ${formatDuration(dead.p50)}, p95 ${formatDuration(dead.p95)}, max ${formatDuration(dead.max)} at step ${longest.step}`;
  return [
    [
      `  dead window: ${inputs} passed over because the bot was still at work after its question: ${times}`,
      2,
    ],
  ];
}

function counts(summary: Summary, style: Style): Line[] {
  const words = Object.entries(summary.counts).flatMap(([name, number]) =>
    typeof number === 'number' && number > 0 ? [plural(number, inWords(name))] : [],
  );
  const faults = summary.faults.map(({ name, explain, hits }): Line => {
    const often = hits === 0 ? style.warn('never hit') : `hit ${hits}×`;
    return `  fault ${name}: ${printable(explain, 300)} ${style.faint(`(${often})`)}`;
  });
  return [
    ...(words.length === 0 ? [] : [[`  ${words.join(', ')}`, 2] as const]),
    ...mongo(summary),
    ...faults,
  ];
}

/** What the bot asked of its database; nothing for a bot that has none. */
function mongo({ mongo }: Summary): Line[] {
  const { commands, commandsPerStep, errors, addedMs } = mongo;
  if (commands === 0) return [];
  const perStep = commandsPerStep === null ? '' : ` (${Number(commandsPerStep.toFixed(1))} a step)`;
  const failed = errors === 0 ? '' : `, ${plural(errors, 'errors')}`;
  const added = addedMs === 0 ? '' : `, ${formatDuration(addedMs)} added to them in all`;
  return [`  MongoDB: ${plural(commands, 'commands')}${perStep}${failed}${added}`, ...writeFates(mongo)];
}

/** What the bot may have noticed nothing of: a driver that sends a write again, or an error for what was stored. */
function writeFates({ retriedWrites, unacknowledgedWrites, recoveredWrites }: Summary['mongo']): Line[] {
  const lines: Line[] = [];
  const say = (number: number, fate: string): void => {
    if (number > 0) lines.push([`  MongoDB: ${plural(number, 'writes')} ${fate}`, 4]);
  };
  say(
    recoveredWrites,
    'applied, but the acknowledgement was lost; the driver sent again under the same number: applied once, and no error for the bot',
  );
  say(
    unacknowledgedWrites - recoveredWrites,
    'applied, but the acknowledgement was lost: an error for the bot, and doing it again may apply it twice',
  );
  say(retriedWrites - recoveredWrites, 'failed, and the driver sent again under the same number');
  return lines;
}

/** `apiErrors` → `api errors`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** `1 step`, `2 steps`; the word is given in the plural or in the singular. */
function plural(number: number, word: string): string {
  const one = word.replace(/ies$/, 'y').replace(/s$/, '');
  if (number === 1) return `1 ${one}`;
  return `${number} ${word.endsWith('s') ? word : `${word}s`}`;
}

function notes(summary: Summary, style: Style): Line[] {
  return [
    ...summary.departures.map((text) => `  ${style.faint(`not as Telegram is: ${printable(text, 200)}`)}`),
    ...summary.warnings.map((text) => `  ${style.warn('!')} ${printable(text, 300)}`),
  ];
}

/** What somebody needs who files a bug from it, or wants to see it again. */
function whereFrom(summary: Summary, { folder, style }: TerminalOptions): Line[] {
  const { node, platform, mongo: database } = summary.environment;
  const facts = [
    `sendtwice ${printable(summary.sendtwice, 20)}`,
    printable(summary.startedAt, 30),
    ...(node === undefined ? [] : [`Node ${printable(String(node), 20)}`]),
    ...(platform === undefined ? [] : [printable(String(platform), 30)]),
    ...(database === undefined ? [] : [`MongoDB ${printable(String(database), 40)}`]),
  ];
  return [
    style.faint(facts.join(', ')),
    style.faint(`the same again: --seed ${printable(summary.seed, 40)}`),
    style.faint(`history, summary and the bot's output: ${folder}`),
  ];
}
