import { formatDuration } from '../base/duration.js';
import type { HistoryView, StepView, UserView } from '../history/view.js';
import { attributionsOf } from './attribution.js';
import { isExpected, repliesTo } from './conversation.js';
import type { Finding, FindingKind } from './finding.js';
import { shownBy } from './replies.js';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** Highest values allowed, in milliseconds, by percentile: `p50`, `p90`, `p95`, `p99`, `max`. */
export type PercentileLimits = Readonly<Record<string, number | undefined>>;

/**
 * As a scenario's `expect` says, and as `run.started` keeps it: the highest number of findings allowed,
 * by name, the highest `commands_per_step`, and limits of `reply_latency`, `ack_latency` and `settle_latency`.
 */
export type Expectations = Readonly<Record<string, number | PercentileLimits | undefined>>;

/** A measured distribution in milliseconds, as `metrics/` makes it: what never came counts as infinitely late. */
export interface Measured {
  readonly n: number;
  readonly missing: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface MeasuredLatencies {
  readonly lag: Measured;
  readonly ack: Measured;
  readonly reply: Measured;
  readonly settle: Measured;
}

/** One expectation and what became of it. */
export interface Judged {
  /** `lost_states`, `reply_latency.p95`. */
  readonly name: string;
  /** A count, a mean, or milliseconds. */
  readonly limit: number;
  /** null: nothing to measure, or so large a share never came. */
  readonly value: number | null;
  readonly ok: boolean;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly expectations: readonly Judged[];
  /** Why it failed or could not be judged, one sentence each. */
  readonly reasons: readonly string[];
}

/** From this schedule lag on (p99, ms) the harness itself was too late for its latencies to mean anything. */
export const LARGEST_LAG_MS = 10;

const COUNTED: Readonly<Record<string, readonly FindingKind[] | 'all'>> = {
  findings: 'all',
  duplicate_replies: ['duplicate-reply', 'duplicate-keyboard'],
  duplicate_keyboards: ['duplicate-keyboard'],
  // A stuck conversation is many lost inputs under one name, answered wrongly or not at all.
  lost_updates: ['lost-update', 'stuck-conversation'],
  lost_states: ['lost-state', 'wrong-slot', 'cross-talk', 'stuck-conversation'],
  stuck_conversations: ['stuck-conversation'],
  cross_talk: ['cross-talk'],
  out_of_order_replies: ['out-of-order-reply'],
  resends: ['resend-needed'],
  unanswered_callbacks: ['unanswered-callback'],
  dead_bot: ['dead-bot'],
  unexplained_exits: ['unexplained-exit'],
  wrong_slots: ['wrong-slot'],
  double_effects: ['double-effect'],
  polling_conflicts: ['polling-conflict'],
  silent_writes: ['silent-write'],
  dropped_updates: ['dropped-updates'],
  webhook_errors: ['webhook-error'],
  api_errors: ['api-error'],
  forged_updates: ['forged-update'],
  flood_limits: ['flood-limit'],
  missing_notifications: ['missing-notification'],
  forbidden_replies: ['forbidden-reply'],
};

const LATENCIES: Readonly<Record<string, 'reply' | 'ack' | 'settle'>> = {
  reply_latency: 'reply',
  ack_latency: 'ack',
  settle_latency: 'settle',
};

/** A mean of counts: unlike a latency it is the same on a busy machine. */
const COMMANDS_PER_STEP = 'commands_per_step';

const PERCENTILES = ['p50', 'p90', 'p95', 'p99', 'max'] as const;

/**
 * Judges a run. Fail goes before inconclusive, and inconclusive before pass.
 * @param commandsPerStep commands of MongoDB that the bot made for each step, on average; null: no step was played
 */
export function judge(
  view: HistoryView,
  findings: readonly Finding[],
  expectations: Expectations,
  latencies: MeasuredLatencies,
  commandsPerStep: number | null = null,
): Judgement {
  const judged: Judged[] = [];
  const failures: string[] = [];
  const doubts: string[] = [];
  const isLate = (latencies.lag.p99 ?? 0) > LARGEST_LAG_MS;
  for (const [name, limit] of Object.entries(expectations)) {
    if (limit === undefined) continue;
    const kinds = COUNTED[name];
    const latency = LATENCIES[name];
    if (kinds !== undefined && typeof limit === 'number') {
      const before = countOf(view.run?.baseline?.findings ?? [], kinds);
      if (before > limit) {
        judged.push({ name: `${name} without faults`, limit, value: before, ok: false });
        failures.push(`${name}: ${before} already without any fault, and at most ${limit} expected.`);
      }
      const value = findings.filter(({ kind }) => kinds === 'all' || kinds.includes(kind)).length;
      judged.push({ name, limit, value, ok: value <= limit });
      if (value > limit) failures.push(`${name}: ${value}, and at most ${limit} expected.`);
    } else if (name === COMMANDS_PER_STEP && typeof limit === 'number') {
      const value = commandsPerStep === null ? null : Math.round(commandsPerStep * 100) / 100;
      judged.push({ name, limit, value, ok: value === null || value <= limit });
      if (value === null) doubts.push(`${name}: no step was played.`);
      else if (value > limit) failures.push(`${name}: ${value}, and at most ${limit} expected.`);
    } else if (latency !== undefined && typeof limit === 'object') {
      const measured = latencies[latency];
      if (measured.n + measured.missing === 0) doubts.push(`${name}: there was nothing to measure.`);
      for (const percentile of PERCENTILES) {
        const limitMs = limit[percentile];
        if (limitMs === undefined) continue;
        const one = judgeLatency(`${name}.${percentile}`, percentile, limitMs, measured);
        judged.push(one);
        // A late harness makes answers late; that they never came is not its doing.
        if (!one.ok) (isLate && one.value !== null ? doubts : failures).push(latencyReason(one, measured));
      }
    } else {
      doubts.push(`The expectation ${name} is unknown to this version.`);
    }
  }
  const wantsLatency = Object.entries(expectations).some(
    ([name, limit]) => name in LATENCIES && limit !== undefined,
  );
  doubts.push(...doubtsAbout(view, findings, latencies, wantsLatency));
  if (failures.length > 0)
    return { verdict: 'fail', expectations: judged, reasons: [...failures, ...doubts] };
  return { verdict: doubts.length > 0 ? 'inconclusive' : 'pass', expectations: judged, reasons: doubts };
}

type Counted = { readonly kind: string; readonly count: number };

const countOf = (findings: readonly Counted[], kinds: readonly string[] | 'all'): number =>
  findings
    .filter(({ kind }) => kinds === 'all' || kinds.includes(kind))
    .reduce((sum, { count }) => sum + count, 0);

/** What never came is later than any limit. */
function judgeLatency(
  name: string,
  percentile: (typeof PERCENTILES)[number],
  limit: number,
  measured: Measured,
): Judged {
  const isLost = measured.missing > 0 && (percentile === 'max' || measured[percentile] === null);
  const value = isLost ? null : measured[percentile];
  return { name, limit, value, ok: !isLost && (value === null || value <= limit) };
}

function latencyReason({ name, limit, value }: Judged, { n, missing }: Measured): string {
  const lost = missing === 0 ? '' : ` (over ${n} of ${n + missing}; ${missing} lost)`;
  const what = value === null ? 'never' : formatDuration(value);
  return `${name}: ${what}${lost}, and at most ${formatDuration(limit)} expected.`;
}

/** Users who gave up although nothing was found wrong with what they got: it came too late for them, or had no such button. */
function unexplainedGivingUp(view: HistoryView, findings: readonly Finding[]) {
  const explained = new Set(findings.map(({ user }) => user));
  // A finding about the whole run (a dead bot) explains them all.
  const stuck = explained.has(undefined)
    ? []
    : [...view.users.values()].filter(
        ({ user, ended }) => ended?.outcome === 'stuck' && !explained.has(user),
      );
  const isWithoutButton = ({ steps }: UserView) => steps.at(-1)?.ended?.outcome === 'button-missing';
  const waited = stuck.filter((user) => !isWithoutButton(user));
  const afterPlay = waited.filter(({ steps }) => wasAnsweredAfterPlay(view, steps.at(-1))).length;
  const inPart = waited.filter(({ steps }) =>
    steps.slice(-1).some((step) => wasAnsweredInPart(view, step)),
  ).length;
  return {
    withoutButton: stuck.length - waited.length,
    afterPlay,
    inPart,
    gaveUp: waited.length - afterPlay - inPart,
  };
}

/** A part of what this step expects came, and not all of it, however late. */
function wasAnsweredInPart(view: HistoryView, { updates, expects }: StepView): boolean {
  const replies = repliesTo(updates, attributionsOf(view)).filter(({ call }) => call.effectAt <= view.endAt);
  // What a reply shows is not known of every method.
  if (replies.length === 0 || replies.some(({ call }) => shownBy(call).length === 0)) return false;
  return !expects.every((wanted) => replies.some((reply) => isExpected(reply, [wanted])));
}

/** All that came for this step came when the play was over: faults are lifted then, and the bot is stopped. */
function wasAnsweredAfterPlay(view: HistoryView, step: StepView | undefined): boolean {
  const replies = repliesTo(step?.updates ?? [], attributionsOf(view));
  return replies.length > 0 && replies.every(({ call }) => call.effectAt > view.endAt);
}

/** Why a run that shows no failure proves nothing. */
function doubtsAbout(
  view: HistoryView,
  findings: readonly Finding[],
  latencies: MeasuredLatencies,
  wantsLatency: boolean,
): string[] {
  const doubts: string[] = [];
  for (const { name, on } of view.faults) {
    if ((view.hitCounts.get(name) ?? 0) > 0) continue;
    const why = view.warnings.find(({ fault }) => fault === name);
    doubts.push(`The fault ${name} (on: ${on}) never hit${why === undefined ? '.' : `: ${why.message}.`}`);
  }
  const outcome = view.runEnded?.outcome;
  if (outcome === undefined) doubts.push('The history ends before the run did.');
  else if (outcome !== 'completed') {
    const why = view.runEnded?.error?.message;
    const what = outcome === 'failed' ? 'The run failed' : 'The run was interrupted';
    doubts.push(why === undefined ? `${what}.` : `${what}: ${why}`);
  }
  const baselineError = view.run?.baseline?.error;
  if (baselineError !== undefined)
    doubts.push(`The play without faults did not go to its end: ${baselineError}`);
  const unknown = view.probes.filter(({ outcome }) => outcome === 'unknown');
  if (unknown.length > 0) {
    const [first] = unknown;
    doubts.push(`The database could not be asked ${unknown.length} times (${first?.name}: ${first?.found}).`);
  }
  // A bot that was started wrongly on purpose is best when there is nobody to play with.
  const isPlayed = view.glued !== undefined || view.steps.some((step) => step.actions.length > 0);
  if (!isPlayed && view.requests.length === 0) doubts.push('No step was played.');
  const { withoutButton, afterPlay, inPart, gaveUp } = unexplainedGivingUp(view, findings);
  if (withoutButton > 0) {
    doubts.push(
      `${withoutButton} of ${view.users.size} users never saw the button that they were to tap next; what they would have done then was not played.`,
    );
  }
  if (afterPlay > 0) {
    doubts.push(
      `${afterPlay} of ${view.users.size} users gave up, and their answer came only when the play was over and the bot was being stopped; whether it would have come by itself is not known.`,
    );
  }
  if (inPart > 0) {
    doubts.push(
      `${inPart} of ${view.users.size} users gave up because only a part of what is expected came, and nothing shows that the rest was lost; what they would have done next was not played. Name under \`volatile\` what the bot says anew each time.`,
    );
  }
  if (gaveUp > 0) {
    doubts.push(
      `${gaveUp} of ${view.users.size} users gave up waiting before an answer came that was right but late; what they would have done next was not played. Raise \`patience\`, or expect a latency.`,
    );
  }
  const lagP99 = latencies.lag.p99;
  const lagMatters = wantsLatency || view.run?.pace === 'timeline';
  if (lagMatters && lagP99 !== null && lagP99 > LARGEST_LAG_MS) {
    doubts.push(
      `The harness itself was late: schedule lag p99 ${formatDuration(lagP99)}, more than ${LARGEST_LAG_MS} ms.`,
    );
  }
  return doubts;
}
