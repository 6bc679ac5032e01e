import { cpus } from 'node:os';
import { join } from 'node:path';
import { ConnectionString } from 'mongodb-connection-string-url';
import { RealClock } from '../base/clock.js';
import { formatDuration } from '../base/duration.js';
import type { ErrorCode, SendtwiceError } from '../base/errors.js';
import { type Random, randomStream } from '../base/random.js';
import { Deeds } from '../deeds/deeds.js';
import { drawDelay } from '../faults/delay.js';
import { explainFault } from '../faults/explain.js';
import { FaultPlan } from '../faults/plan.js';
import { isProxyFault } from '../faults/schema.js';
import type { BaselineFacts, Emit, RunEnded, RunStarted } from '../history/events.js';
import { HistoryWriter } from '../history/writer.js';
import { MEMORY_SERVER } from '../mongo/memory-server.js';
import { type MongoHandle, startMongo } from '../mongo/start.js';
import type { ReplayHooks } from '../replay/options.js';
import { runReplay } from '../replay/replay.js';
import type { UserFacts } from '../replay/user-texts.js';
import type { BotAccount } from '../telegram/bot-account.js';
import type { FloodLimits } from '../telegram/flood.js';
import { TelegramServer } from '../telegram/server.js';
import { Activity, watchHealth } from './activity.js';
import { BotSide } from './bot-side.js';
import { invariantsOf, scriptOf } from './compile-steps.js';
import { Cut } from './cut.js';
import { limitsOf, patternsOf } from './declared.js';
import { defectOf, errorOf } from './defect.js';
import { Deployment, deployed } from './deployment.js';
import { departuresOf, doubleTap, isAdversarial, lingeringMs, telegramFaults } from './fault-wiring.js';
import { gluedIn } from './glue.js';
import { askInvariants } from './invariants.js';
import { HitCounts, RunFaults } from './live-faults.js';
import type { Bot, Scenario } from './load.js';
import { OtherPoller } from './other-poller.js';
import { probingThink } from './probing.js';
import { openDatabase, openUpstream } from './run-database.js';
import { Stops } from './stops.js';
import { Stranger } from './stranger.js';
import { refuseRemote } from './target.js';
import { extraActs, startsOver, textBesideTap } from './update-faults.js';

/** Settling may take this many times longer than the quiet it waits for. */
const SETTLE_LIMIT_FACTOR = 15;

const DEFAULT_THINK = { distribution: 'uniform', min: 200, max: 600 } as const;

export type Progress =
  | { readonly phase: 'starting'; readonly what: string }
  | {
      readonly phase: 'playing';
      readonly atMs: number;
      readonly users: number;
      readonly done: number;
      readonly steps: number;
    }
  | { readonly phase: 'settling' }
  | { readonly phase: 'stopping' }
  /** The run is over; its history is being read. */
  | { readonly phase: 'judging' };

export interface RunOptions {
  readonly scenario: Scenario;
  readonly bot: Bot;
  /** An existing, empty folder: `history.jsonl` and `bot.log` are written into it. */
  readonly folder: string;
  /** Everything drawn at random in the harness follows from it. */
  readonly seed: string;
  /** Version of sendtwice, for the history. */
  readonly version: string;
  /** URI of a real MongoDB behind the fault proxy; default: the embedded server. */
  readonly mongoUri?: string;
  /** Allows a webhook or a database on another machine. */
  readonly allowRemote?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** What the same play without faults has shown. */
  readonly baseline?: { readonly facts: BaselineFacts } & Pick<Required<ReplayHooks>, 'repliesTo'>;
  /** To see what the bot does, and not whether it is right. */
  readonly observe?: Observation;
  /** Called once, when people begin to act: what can be changed while they do. */
  readonly onPlaying?: (live: LiveRun) => void;
}

/** How a run is watched whose users take whatever comes for an answer. */
export interface Observation {
  /** So many sessions of the recording are shared by the users. */
  readonly sessions: number;
  /** What a user was shown in one step, in the words of the recorded person. */
  readonly stepSeen: NonNullable<ReplayHooks['stepSeen']>;
}

/** A run while it plays. */
export interface LiveRun {
  /** Of the scenario. */
  readonly scenario: string;
  readonly seed: string;
  readonly faults: RunFaults;
  /** How often each fault has hit. */
  readonly hits: Pick<HitCounts, 'of'>;
}

export interface RunResult {
  readonly historyPath: string;
  /** Why the run could not go to its end. The history up to then is complete. */
  readonly error?: SendtwiceError;
}

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

/** What a run consists of while it plays. */
interface Parts {
  readonly plan: FaultPlan;
  readonly faults: RunFaults;
  readonly account: BotAccount;
  readonly mongo: MongoHandle;
  readonly side: BotSide;
  readonly stranger: Stranger;
  readonly otherPoller: OtherPoller;
  readonly deeds: Deeds;
}

async function start(
  { scenario, bot, seed, mongoUri, allowRemote = false, folder, onProgress }: RunOptions,
  clock: RealClock,
  emit: Emit,
  run: Cut,
  stops: Stops,
): Promise<Parts> {
  onProgress?.({ phase: 'starting', what: 'the fake Bot API server' });
  const proxyFaults = scenario.faults.filter(isProxyFault);
  const otherFaults = scenario.faults.filter((fault) => !isProxyFault(fault));
  const plan = new FaultPlan({ faults: otherFaults, seed, now: () => clock.now(), emit });
  const deployment = await Deployment.open({ bot, seed, emit });
  stops.add(() => deployment.close());
  const telegram = await TelegramServer.start({
    clock,
    emit,
    seed,
    faults: telegramFaults(plan),
    path: deployment,
    trace: true,
    local: true,
    strict: scenario.telegram?.strict ?? false,
    ...(scenario.telegram?.flood !== undefined && { flood: floodLimits(scenario.telegram.flood) }),
    ...(scenario.telegram?.callback_expires !== undefined && {
      callbackAnswerableMs: scenario.telegram.callback_expires,
    }),
    ...(!allowRemote && { refuseAddress: refuseRemote }),
    ...(bot.telegram.port !== undefined && { port: bot.telegram.port }),
  });
  stops.add(() => telegram.close());
  const account = telegram.addBot({
    settings: { inGroups: bot.telegram.in_groups },
    ...(bot.telegram.token !== undefined && { token: bot.telegram.token }),
  });

  deployment.watch(() => account.updates.webhookInfo().url);

  run.signal.throwIfAborted();
  onProgress?.({ phase: 'starting', what: 'the database' });
  const upstream = await openUpstream(mongoUri, stops);
  const mongo = await startMongo({
    ...(upstream !== undefined && { upstream }),
    refuseRemote: !allowRemote,
    topology: scenario.mongo?.topology ?? 'replicaSet',
    contents: scenario.mongo?.contents ?? false,
    tls: scenario.mongo?.tls ?? false,
    faults: proxyFaults,
    seed,
    clock,
    emit,
    ...(bot.mongo.port !== undefined && { port: bot.mongo.port }),
  });
  stops.add(() => mongo.close());
  mongo.onFailure(run.cut);
  const database = await openDatabase(upstream, bot.mongo.database, folder, stops);

  run.signal.throwIfAborted();
  onProgress?.({ phase: 'starting', what: bot.name });
  const side = await BotSide.start({
    bot,
    account,
    deployment,
    plan,
    telegramOrigin: telegram.origin,
    mongoUri: withDatabase(mongo.uri, database),
    folder,
    clock,
    emit,
    signal: run.signal,
  });
  stops.add(() => side.stop());
  deployment.tell(side);
  side.onDeath(run.cut);
  const faults = new RunFaults({
    faults: scenario.faults,
    plan,
    mongo: mongo.faults,
    ownsBot: bot.webhook.url === undefined,
  });
  const stranger = await Stranger.of(scenario, account, emit, seed);
  stops.add(() => stranger.leave());
  const otherPoller = new OtherPoller(account, clock);
  stops.add(() => otherPoller.leave());
  const deeds = new Deeds({
    origin: side.origin,
    mongoUri: mongo.directUri,
    database: databaseIn(mongo.directUri) ?? database,
    allowRemote,
    clock,
    emit,
    restart: (deed) => side.restart(deed),
  });
  stops.add(() => deeds.close());
  return { plan, faults, account, mongo, side, stranger, otherPoller, deeds };
}

function floodLimits(flood: NonNullable<NonNullable<Scenario['telegram']>['flood']>): FloodLimits {
  const { chat_per_second: chat, group_per_minute: group, overall_per_second: overall, absorb } = flood;
  return {
    ...(chat !== undefined && { perChatPerSecond: chat }),
    ...(group !== undefined && { perGroupPerMinute: group }),
    ...(overall !== undefined && { overallPerSecond: overall }),
    absorbMs: absorb,
  };
}

/** How the replay reaches into the run. */
function hooksOf({
  plan,
  side,
  stranger,
  otherPoller,
  deeds,
}: Parts): ReplayHooks & Pick<Required<ReplayHooks>, 'perform'> {
  return {
    doubleTap: (facts) => doubleTap(plan, facts),
    beforeAction: async (facts) => {
      stranger.strike(plan, facts);
      otherPoller.strike(plan, facts);
      await side.strike(facts);
    },
    textBesideTap: (facts) => textBesideTap(plan, facts),
    extraActs: (facts) => extraActs(plan, facts),
    startsOver: (facts) => startsOver(plan, facts),
    perform: (deed, facts) => deeds.perform(deed, facts),
  };
}

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

/** The database that a URI names. */
function databaseIn(uri: string): string | undefined {
  const { pathname } = new ConnectionString(uri);
  return pathname.length <= 1 ? undefined : decodeURIComponent(pathname.slice(1));
}

/** The URI with this database in it, unless it names one already. */
function withDatabase(uri: string, database: string): string {
  const parsed = new ConnectionString(uri);
  if (databaseIn(uri) === undefined) parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}

function runStarted(
  { scenario, bot, seed, version, mongoUri, baseline }: RunOptions,
  clock: RealClock,
): RunStarted {
  const patterns = patternsOf(scenario.expect);
  return {
    type: 'run.started',
    format: 'sendtwice-history',
    version: 1,
    sendtwice: version,
    scenario: scenario.scenario,
    seed,
    startedAt: clock.startedAt.toISOString(),
    pace: scenario.play.pace,
    delivery: isAdversarial(scenario.faults) ? 'adversarial' : 'faithful',
    departures: departuresOf(scenario.faults),
    faults: scenario.faults.map((fault) => ({
      name: fault.name,
      on: fault.on,
      explain: explainFault(fault),
    })),
    expect: limitsOf(scenario),
    ...(patterns !== undefined && { patterns }),
    environment: {
      bot: bot.name,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpus: cpus().length,
      ...(bot.instances > 1 && { instances: bot.instances, route: bot.route }),
      mongo:
        mongoUri === undefined ? `embedded (${scenario.mongo?.topology ?? 'replicaSet'})` : kindOf(mongoUri),
    },
    ...(scenario.telegram?.callback_expires !== undefined && {
      callbackAnswerableMs: scenario.telegram.callback_expires,
    }),
    ...(baseline !== undefined && { baseline: baseline.facts }),
  };
}

const kindOf = (mongoUri: string): string => (mongoUri === MEMORY_SERVER ? MEMORY_SERVER : 'real');

function runEnded(error: SendtwiceError | undefined): RunEnded {
  if (error === undefined) return { type: 'run.ended', outcome: 'completed' };
  return {
    type: 'run.ended',
    outcome: error.code === 'run/interrupted' ? 'interrupted' : 'failed',
    error: {
      code: error.code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    },
  };
}
