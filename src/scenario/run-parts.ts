import { ConnectionString } from 'mongodb-connection-string-url';
import type { RealClock } from '../base/clock.js';
import { Deeds } from '../deeds/deeds.js';
import { FaultPlan } from '../faults/plan.js';
import { isProxyFault } from '../faults/schema.js';
import type { Emit } from '../history/events.js';
import { type MongoHandle, startMongo } from '../mongo/start.js';
import type { ReplayHooks } from '../replay/options.js';
import type { BotAccount } from '../telegram/bot-account.js';
import type { FloodLimits } from '../telegram/flood.js';
import { TelegramServer } from '../telegram/server.js';
import { BotSide } from './bot-side.js';
import type { Cut } from './cut.js';
import { Deployment } from './deployment.js';
import { doubleTap, telegramFaults } from './fault-wiring.js';
import { RunFaults } from './live-faults.js';
import type { Scenario } from './load.js';
import { OtherPoller } from './other-poller.js';
import { openDatabase, openUpstream } from './run-database.js';
import type { RunOptions } from './run-options.js';
import type { Stops } from './stops.js';
import { Stranger } from './stranger.js';
import { refuseRemote } from './target.js';
import { extraActs, startsOver, textBesideTap } from './update-faults.js';

/** What a run consists of while it plays. */
export interface Parts {
  readonly plan: FaultPlan;
  readonly faults: RunFaults;
  readonly account: BotAccount;
  readonly mongo: MongoHandle;
  readonly side: BotSide;
  readonly stranger: Stranger;
  readonly otherPoller: OtherPoller;
  readonly deeds: Deeds;
}

/** Starts everything, in the order in which one part needs another. Whatever was started is in `stops`. */
export async function start(
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
export function hooksOf({
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
