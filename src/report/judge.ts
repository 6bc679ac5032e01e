import { printable, withoutPersonal } from '../base/untrusted.js';
import { findingsOf } from '../checkers/all.js';
import { attributionsOf } from '../checkers/attribution.js';
import { CAUSES } from '../checkers/causes.js';
import type { Finding } from '../checkers/finding.js';
import { isPassedOver } from '../checkers/silence.js';
import { type Expectations, judge } from '../checkers/verdict.js';
import type { HistoryEvent } from '../history/events.js';
import { type HistoryView, viewOf } from '../history/view.js';
import { countsOf, mongoCountsOf } from '../metrics/counts.js';
import { deadWindowOf } from '../metrics/dead-window.js';
import { latenciesOf } from '../metrics/latency.js';
import type { WrittenFinding } from './explain.js';
import { chainOf, expectedOf } from './sentences.js';
import type { Summary } from './summary.js';

/** A history and what it came to. */
export interface Judged {
  readonly summary: Summary;
}

/**
 * The same before its findings are put into words. A long run has thousands of them, and their sentences take more
 * memory than anything else in a summary, while few are shown.
 */
export interface Weighed {
  /** Its `findings` are empty. */
  readonly summary: Summary;
  readonly findings: readonly Finding[];
  readonly written: (finding: Finding) => WrittenFinding;
}

/**
 * Judges a history: all checkers, all measures, the verdict. A function of the events alone; `expect`
 * takes the place of the expectations that the run was started with.
 */
export function judgeHistory(events: readonly HistoryEvent[], expect?: Expectations): Judged {
  return judgeView(viewOf(events), expect);
}

/** The same of a view, as {@link viewOfFile} makes it of a history of any length. */
export function judgeView(view: HistoryView, expect?: Expectations): Judged {
  const { summary, findings, written } = weighView(view, expect);
  return { summary: { ...summary, findings: findings.map(written) } };
}

/** Judges a view and leaves the words of its findings to whoever shows them. */
export function weighView(view: HistoryView, expect?: Expectations): Weighed {
  const latencies = latenciesOf(view, attributionsOf(view));
  const findings = findingsOf(view);
  const mongo = mongoCountsOf(view);
  const { verdict, expectations, reasons } = judge(
    view,
    findings,
    expect ?? expectationsOf(view),
    latencies,
    mongo.commandsPerStep,
  );
  const { run, runEnded } = view;
  const bySeq = view.eventsBySeq(findings.flatMap(({ evidence }) => evidence));
  const { queueWait, ...others } = latencies;
  const deadWindow = deadWindowOf(view, attributionsOf(view), (update) => isPassedOver(view, update));
  const error = runEnded?.error;
  return {
    summary: {
      format: 'sendtwice-summary',
      version: 1,
      sendtwice: run?.sendtwice ?? 'unknown',
      scenario: run?.scenario ?? 'unknown',
      seed: run?.seed ?? 'unknown',
      startedAt: run?.startedAt ?? 'unknown',
      durationMs: view.endAt,
      outcome: runEnded?.outcome ?? 'crashed',
      ...(error !== undefined && { error }),
      verdict,
      reasons: [...reasons],
      delivery: run?.delivery ?? 'faithful',
      departures: [...(run?.departures ?? [])],
      warnings: view.warnings.map(({ message }) => message),
      expectations: [...expectations],
      findings: [],
      faults: view.faults.map(({ name, explain }) => ({
        name,
        explain,
        hits: view.hitCounts.get(name) ?? 0,
      })),
      counts: { ...countsOf(view) },
      latency: { ...others, queue: queueWait },
      ...(deadWindow !== undefined && {
        deadWindow: { ...deadWindow, places: [...deadWindow.places] },
      }),
      mongo: { ...mongo },
      environment: run?.environment ?? {},
    },
    findings,
    written: (finding) => written(finding, bySeq),
  };
}

/** Kinds of finding that say: the right answer did not come. */
const AWAITED: ReadonlySet<Finding['kind']> = new Set([
  'lost-state',
  'lost-update',
  'resend-needed',
  'missing-notification',
  'stuck-conversation',
]);

function ofStep({ user, step }: Finding, events: readonly HistoryEvent[]): HistoryEvent[] {
  return events.filter(
    (event) =>
      (event.type === 'action' || event.type === 'request.started') &&
      event.user === user &&
      event.step === step,
  );
}

/** A finding with its words. What the bot said in it is made fit to print here, once for all reports. */
function written(finding: Finding, bySeq: ReadonlyMap<number, HistoryEvent>): WrittenFinding {
  const { chatId: _, ...rest } = finding;
  const evidence = finding.evidence.flatMap((seq) => bySeq.get(seq) ?? []);
  const expected = AWAITED.has(finding.kind) ? expectedOf(ofStep(finding, evidence)) : undefined;
  return {
    ...rest,
    message: printable(withoutPersonal(finding.message), 400),
    explain: CAUSES[finding.cause].explain,
    evidence: [...finding.evidence],
    ...(expected !== undefined && { expected }),
    chain: chainOf(evidence),
  };
}

function expectationsOf(view: HistoryView): Expectations {
  return view.run?.expect ?? {};
}

/** `0` pass, `1` fail, `3` not to be judged; a run that could not go to its end is never better than 3. */
export function exitCodeOf(summary: Summary): 0 | 1 | 3 {
  if (summary.outcome !== 'completed') return 3;
  return ({ pass: 0, fail: 1, inconclusive: 3 } as const)[summary.verdict];
}
