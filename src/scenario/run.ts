import { join } from 'node:path';
import { RealClock } from '../base/clock.js';
import { formatDuration } from '../base/duration.js';
import type { ErrorCode, SendtwiceError } from '../base/errors.js';
import { type Random, randomStream } from '../base/random.js';
import { drawDelay } from '../faults/delay.js';
import type { Emit } from '../history/events.js';
import { HistoryWriter } from '../history/writer.js';
import { runReplay } from '../replay/replay.js';
import type { UserFacts } from '../replay/user-texts.js';
import { Activity, watchHealth } from './activity.js';
import { invariantsOf, scriptOf } from './compile-steps.js';
import { Cut } from './cut.js';
import { patternsOf } from './declared.js';
import { defectOf, errorOf } from './defect.js';
import { deployed } from './deployment.js';
import { lingeringMs } from './fault-wiring.js';
import { gluedIn } from './glue.js';
import { askInvariants } from './invariants.js';
import { HitCounts } from './live-faults.js';
import type { Scenario } from './load.js';
import { probingThink } from './probing.js';
import { runEnded, runStarted } from './run-events.js';
import type { RunOptions, RunResult } from './run-options.js';
import { hooksOf, type Parts, start } from './run-parts.js';
import { Stops } from './stops.js';

/** Settling may take this many times longer than the quiet it waits for. */
const SETTLE_LIMIT_FACTOR = 15;

const DEFAULT_THINK = { distribution: 'uniform', min: 200, max: 600 } as const;

/**
 * Runs one scenario against one bot and writes its history. Judges nothing. Never rejects for what
 * happens during the run: that is `error`, and the last event of the history.
 * @throws SendtwiceError when the run cannot begin at all (folder not writable, target not allowed).
 */
export async function runScenario(given: RunOptions): Promise<RunResult> {
  const options = { ...given, bot: deployed(given.scenario, given.bot) };
  const pair = gluedIn(given.scenario, given.bot);
  const historyPath = join(options.folder, 'history.jsonl');
  const clock = new RealClock();
  const writer = new HistoryWriter(historyPath, clock);
  // Last words, for ends that pass us by: an error in a callback of ours, or process.exit.
  const onUncaught = (thrown: unknown): void => writer.emit(runEnded(defectOf(thrown)));
  const flushAtExit = (): void => writer.close();
  process.once('uncaughtExceptionMonitor', onUncaught);
  process.once('exit', flushAtExit);
  const stopWatching = watchHealth(writer.emit);
  try {
    writer.emit(runStarted(options, clock));
    if (pair !== undefined) writer.emit({ type: 'environment.glued', ...pair });
    const error = await perform(options, clock, writer.emit);
    stopWatching();
    writer.emit(runEnded(error));
    return { historyPath, ...(error !== undefined && { error }) };
  } finally {
    stopWatching();
    process.off('uncaughtExceptionMonitor', onUncaught);
    process.off('exit', flushAtExit);
    writer.close();
  }
}

/** The run itself: start everything, play, settle, stop everything. Returns what cut it short. */
async function perform(
  options: RunOptions,
  clock: RealClock,
  emit: Emit,
): Promise<SendtwiceError | undefined> {
  const run = new Cut(clock, options.scenario.play.limit, options.signal);
  const stops = new Stops();
  try {
    const activity = new Activity(clock);
    const hits = new HitCounts();
    const parts = await start(options, clock, hits.watch(activity.watch(emit)), run, stops);
    const users = await replay(options, clock, activity.watch(emit), run, parts, hits);
    options.onProgress?.({ phase: 'settling' });
    await settle(options.scenario, activity, emit, run, parts);
    await lookIntoDatabase(options.scenario, users, run, parts);
  } catch (error) {
    run.cut(errorOf(error));
  }
  run.release();
  emit({ type: 'play.ended' });
  stops.add(async () => options.onProgress?.({ phase: 'stopping' }));
  for (const error of await stops.run()) run.cut(errorOf(error));
  return isRefusal(options.scenario, run.reason) ? undefined : run.reason;
}

/** A bot that was started wrongly on purpose: that it does not come up, or ends, is what the run wants to see. */
const isRefusal = (scenario: Scenario, error: SendtwiceError | undefined): boolean =>
  scenario.bot?.glue !== undefined && error !== undefined && REFUSALS.has(error.code);

const REFUSALS: ReadonlySet<ErrorCode> = new Set(['bot/exited-early', 'bot/not-ready', 'bot/died']);

/** Plays the recording or the steps to their end, or until the run is cut. Faults are on from here. Returns who came. */
async function replay(
  { scenario: { scenario, play, expect }, seed, onProgress, onPlaying, baseline, observe }: RunOptions,
  clock: RealClock,
  emit: Emit,
  run: Cut,
  parts: Parts,
  hits: HitCounts,
): Promise<readonly UserFacts[]> {
  const { plan, faults, account, mongo } = parts;
  const users: UserFacts[] = [];
  const random = randomStream(seed, 'think');
  const usual = play.think ?? DEFAULT_THINK;
  const think = play.probe_dead_window === true ? probingThink : (draws: Random) => drawDelay(usual, draws);
  emit({ type: 'play.started' });
  plan.begin();
  mongo.begin();
  onPlaying?.({ scenario, seed, faults, hits });
  await runReplay({
    ...(play.recording !== undefined && { recording: play.recording }),
    ...(play.steps !== undefined && { script: scriptOf(play.steps) }),
    volatile: patternsOf(expect)?.volatile ?? [],
    ...(expect.database !== undefined && { onUser: (facts: UserFacts) => users.push(facts) }),
    bot: account,
    clock,
    emit,
    seed,
    pace: play.pace,
    users: play.users,
    ...(play.arrivals !== undefined && { arrivals: play.arrivals }),
    patienceMs: play.patience,
    sends: play.sends,
    think: () => think(random),
    speed: play.speed,
    hooks: {
      ...hooksOf(parts),
      ...(baseline !== undefined && { repliesTo: baseline.repliesTo }),
      ...(observe !== undefined && { stepSeen: observe.stepSeen }),
    },
    ...(observe !== undefined && { isLenient: true, sessions: observe.sessions }),
    signal: run.signal,
    onProgress: (progress) => onProgress?.({ phase: 'playing', atMs: clock.now(), ...progress }),
  });
  return users;
}

/** What must stand in the database for each user, now that the bot is done. */
async function lookIntoDatabase(
  { expect }: Scenario,
  users: readonly UserFacts[],
  run: Cut,
  parts: Parts,
): Promise<void> {
  const invariants = invariantsOf(expect.database ?? []);
  const { perform } = hooksOf(parts);
  if (invariants.length === 0) return;
  await askInvariants(invariants, users, perform, run.signal);
}

/** Lets the bot finish what it is at, within bounds. */
async function settle(
  scenario: Scenario,
  activity: Activity,
  emit: Emit,
  run: Cut,
  { account, faults }: Parts,
): Promise<void> {
  const quietMs = scenario.play.settle + lingeringMs(faults.ever);
  const limitMs = quietMs * SETTLE_LIMIT_FACTOR;
  const isBusy = (): boolean => account.updates.webhookInfo().pending_update_count > 0;
  if ((await activity.quiet(quietMs, limitMs, isBusy, run.signal)) || run.signal.aborted) return;
  emit({
    type: 'warning',
    code: 'not-settled',
    message: `the run was ended ${formatDuration(limitMs)} after the last action while the bot was still busy or updates were pending`,
  });
}
