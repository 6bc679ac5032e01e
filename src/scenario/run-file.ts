import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { MEMORY_SERVER } from '../mongo/memory-server.js';
import { type Bot, loadBot, type Scenario } from './load.js';

/** What a run was run from, but for secrets: enough to run it again on the same machine. */
export interface RunFile {
  readonly format: 'sendtwice-run';
  readonly version: 1;
  /** As loaded: paths absolute, durations in milliseconds, everything that it extends merged in. */
  readonly scenario: Scenario;
  readonly seed: string;
  /** `uri`: a real MongoDB whose URI is not kept, because it may hold a password. */
  readonly mongo: 'embedded' | 'memory-server' | 'uri';
  readonly allowRemote: boolean;
  /** The bot file; or the bot itself where it was written in TypeScript. */
  readonly bot: { readonly file: string } | { readonly inline: Bot; readonly withheld: readonly string[] };
}

export interface RunFacts {
  readonly scenario: Scenario;
  readonly bot: Bot;
  readonly seed: string;
  readonly mongoUri?: string;
  readonly allowRemote?: boolean;
}

const NAME = 'run.json';
const SECRET_NAME = /token|secret|passw|key|credential|auth|uri|url|dsn/i;

/** Writes `run.json` into the folder of a run. */
export function writeRunFile(folder: string, facts: RunFacts): void {
  const { scenario, bot, seed, mongoUri, allowRemote = false } = facts;
  const file: RunFile = {
    format: 'sendtwice-run',
    version: 1,
    scenario,
    seed,
    mongo: mongoUri === undefined ? 'embedded' : mongoUri === MEMORY_SERVER ? 'memory-server' : 'uri',
    allowRemote,
    bot: existsSync(bot.path) ? { file: bot.path } : withoutSecrets(bot),
  };
  writeFileSync(join(folder, NAME), `${JSON.stringify(file, null, 2)}\n`);
}

/** May this variable be a secret? Not when the harness itself fills it in. */
const isSecret = ([name, value]: [string, unknown]): boolean =>
  SECRET_NAME.test(name) && typeof value === 'string' && value !== '' && !value.includes('${');

/** Variables that may be secrets are left out. */
function withoutSecrets(bot: Bot): RunFile['bot'] {
  const entries = Object.entries(bot.env);
  const { token, ...telegram } = bot.telegram;
  const withheld = entries.filter(isSecret).map(([name]) => name);
  if (token !== undefined) withheld.push('telegram.token');
  const { secret, ...webhook } = bot.webhook;
  if (secret !== undefined) withheld.push('webhook.secret');
  return {
    inline: {
      ...bot,
      telegram,
      webhook,
      env: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    },
    withheld,
  };
}

/**
 * Reads what a run was run from. `given` takes the place of what the file does not hold.
 * @throws SendtwiceError `file/unreadable`, `usage/bad-argument` when something is missing to run it again
 */
export function readRunFile(
  folder: string,
  given: { readonly bot?: string; readonly mongoUri?: string } = {},
): RunFacts {
  const path = join(folder, NAME);
  const file = parsed(path);
  const mongoUri = given.mongoUri ?? (file.mongo === 'memory-server' ? MEMORY_SERVER : undefined);
  if (file.mongo === 'uri' && mongoUri === undefined) {
    throw new SendtwiceError('usage/bad-argument', `${folder} was run with a MongoDB of its own`, {
      hint: 'Name it again with --mongo; its URI is not kept, because it may hold a password.',
    });
  }
  const { recording } = file.scenario.play;
  if (recording !== undefined && statSync(recording, { throwIfNoEntry: false }) === undefined) {
    throw new SendtwiceError('file/unreadable', `The recording ${recording} of this run is gone`);
  }
  return {
    scenario: file.scenario,
    bot: botOf(file.bot, given.bot),
    seed: file.seed,
    allowRemote: file.allowRemote,
    ...(mongoUri !== undefined && { mongoUri }),
  };
}

function botOf(bot: RunFile['bot'], given: string | undefined): Bot {
  if (given !== undefined) return loadBot(given);
  if ('file' in bot) return loadBot(bot.file);
  if (bot.withheld.length === 0) return bot.inline;
  throw new SendtwiceError('usage/bad-argument', `The run does not keep ${bot.withheld.join(', ')}`, {
    hint: 'They may be secrets. Name a bot file with --bot.',
  });
}

function parsed(path: string): RunFile {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as RunFile;
    if (value.format === 'sendtwice-run' && value.version === 1) return value;
  } catch (error) {
    throw new SendtwiceError('file/unreadable', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: 'Runs of older versions cannot be run again: run the scenario once more.',
      cause: error,
    });
  }
  throw new SendtwiceError('file/unreadable', `${path} is no run of this version of sendtwice`);
}
