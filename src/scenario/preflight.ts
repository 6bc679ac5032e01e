import { ConnectionString } from 'mongodb-connection-string-url';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { MEMORY_SERVER } from '../mongo/memory-server.js';
import { checkUpstream } from '../mongo/proxy/upstream.js';
import { readRecording } from '../recording/reader.js';
import { type Sessions, sessionsOf } from '../recording/sessions.js';
import { checkRecorded } from '../replay/lines.js';
import { scriptOf } from './compile-steps.js';
import { deployed } from './deployment.js';
import type { Bot, Scenario } from './load.js';
import { checkTarget } from './target.js';

export interface Preflight {
  readonly scenario: Scenario;
  readonly bot: Bot;
  readonly mongoUri?: string;
  readonly allowRemote?: boolean;
}

/** Pace timeline streams its recording: only so many events are looked at in advance. */
const EVENTS_LOOKED_AT = 1000;

/**
 * What can be known to be wrong before anything is started or written.
 * @throws SendtwiceError `target/not-loopback`, `file/bad-scenario`, `file/bad-recording`, `usage/bad-argument`
 */
export async function preflight(facts: Preflight): Promise<void> {
  checkPace(facts.scenario);
  checkTargets(facts);
  await checkRecording(facts.scenario.play);
}

async function checkRecording(play: Scenario['play']): Promise<void> {
  const { recording, pace } = play;
  if (recording === undefined) return;
  if (pace === 'conversation') {
    checkSteps(play, await recordedSessions(recording));
    return;
  }
  let seen = 0;
  for await (const _ of readRecording(recording)) {
    seen += 1;
    if (seen >= EVENTS_LOOKED_AT) break;
  }
}

/** @throws SendtwiceError `file/bad-scenario`: the recording does not have the steps that written ones play */
export function checkSteps({ recording, steps }: Scenario['play'], recorded: Sessions | undefined): void {
  if (recording === undefined || steps === undefined || recorded === undefined) return;
  checkRecorded(scriptOf(steps), recorded.sessions, recording);
}

/**
 * What people do in a recording.
 * @throws SendtwiceError `file/bad-recording`, also when they do nothing
 */
export async function recordedSessions(recording: string): Promise<Sessions> {
  const sessions = await sessionsOf(readRecording(recording));
  if (sessions.sessions.length > 0) return sessions;
  throw new SendtwiceError('file/bad-recording', `${recording} holds nothing that a person does`, {
    hint: 'A recording needs updates: messages or taps of the people who talk to the bot.',
  });
}

/** What people can do beyond a recording that is played at its own times. */
const AT_ANY_PACE = new Set<string>(['double-tap', 'forged']);

export function checkPace({ path, play, faults }: Preflight['scenario']): void {
  if (play.pace === 'conversation') return;
  const fault = faults.find(({ on, effect }) => on === 'update' && !AT_ANY_PACE.has(effect ?? ''));
  if (fault === undefined) return;
  throw new SendtwiceError(
    'file/bad-scenario',
    `${path}: the fault ${fault.name} (${fault.effect}) needs \`pace: conversation\`: at pace timeline everything happens at its recorded time`,
  );
}

/** @throws SendtwiceError */
export function checkTargets({ scenario, bot: given, mongoUri, allowRemote = false }: Preflight): void {
  const bot = deployed(scenario, given);
  checkInstances(scenario, bot);
  if (bot.webhook.url !== undefined) {
    checkTarget(`The webhook of ${bot.name}`, [new URL(bot.webhook.url).hostname], allowRemote);
    const fault = scenario.faults.find(({ on }) => on === 'bot');
    if (fault !== undefined) {
      throw new SendtwiceError(
        'file/bad-scenario',
        `${scenario.path}: the fault ${fault.name} restarts the bot, but ${bot.path} only names a webhook (webhook.url)`,
        { hint: 'Let the harness start the bot (`command`), or leave that fault out.' },
      );
    }
    const deed = scenario.play.steps?.find(({ restart, kill }) => (restart ?? kill) !== undefined);
    if (deed !== undefined) {
      throw new SendtwiceError(
        'file/bad-scenario',
        `${scenario.path}: a step restarts the bot, but ${bot.path} only names a webhook (webhook.url)`,
        { hint: 'Let the harness start the bot (`command`), or leave that step out.' },
      );
    }
    if (scenario.bot !== undefined) {
      throw new SendtwiceError(
        'file/bad-scenario',
        `${scenario.path}: \`bot\` says how the bot is run, but ${bot.path} only names a webhook (webhook.url)`,
        { hint: 'Let the harness start the bot (`command`), or leave `bot` out.' },
      );
    }
  }
  if (mongoUri === undefined || mongoUri === MEMORY_SERVER) return;
  checkTarget('The database', hostsOf(mongoUri), allowRemote);
  checkUpstream(mongoUri);
}

/** Are there as many instances as the faults speak of, and can there be? */
function checkInstances({ path, faults }: Scenario, { path: botPath, instances, webhook }: Bot): void {
  if (instances > 1 && webhook.port !== undefined) {
    throw new SendtwiceError(
      'file/bad-scenario',
      `${path}: several instances need a port each, but ${botPath} fixes it (webhook.port)`,
      { hint: 'Leave webhook.port out, and give the bot ${webhook.port}.' },
    );
  }
  for (const fault of faults) {
    const number =
      fault.on === 'delivery' ? fault.to : fault.on === 'bot' ? fault.match?.instance : undefined;
    if (number === undefined || (number <= instances && !(fault.on === 'delivery' && instances === 1)))
      continue;
    throw new SendtwiceError(
      'file/bad-scenario',
      `${path}: the fault ${fault.name} names instance ${number}, and the bot has ${instances}`,
      { hint: 'Write `bot: { instances: 2 }` into the scenario, or `instances: 2` into the bot file.' },
    );
  }
}

function hostsOf(uri: string): string[] {
  try {
    return new ConnectionString(uri).hosts.map((host) => host.replace(/:\d+$/, ''));
  } catch (error) {
    throw new SendtwiceError('usage/bad-argument', `--mongo is no MongoDB URI: ${messageOf(error)}`, {
      hint: 'It looks like mongodb://127.0.0.1:27017.',
      cause: error,
    });
  }
}
