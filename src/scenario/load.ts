import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SendtwiceError } from '../base/errors.js';
import { isLoopback } from '../base/loopback.js';
import { commandWords } from '../bot/command-words.js';
import type { Fault } from '../faults/schema.js';
import { withTrace, withTraces } from '../faults/trace.js';
import { composed, type Given } from './compose.js';
import { checkPlaceholders } from './placeholders.js';
import {
  type BotFile,
  type BotInput,
  botSchema,
  type ScenarioFile,
  type ScenarioInput,
  scenarioSchema,
} from './schema.js';
import { plain, type Traced, type TracedMap, tellAt, withEntry } from './traced.js';
import { checked, checkValue, type Problem, readYamlFile } from './yaml-file.js';

/** A scenario that was read and checked. Paths are absolute, durations milliseconds, faults have names. */
export interface Scenario extends Omit<ScenarioFile, 'faults' | 'extends' | 'parameters'> {
  readonly path: string;
  readonly faults: readonly Fault[];
}

/** A bot file that was read and checked. `cwd` is absolute. */
export interface Bot extends BotFile {
  readonly path: string;
  readonly name: string;
  readonly cwd: string;
}

/**
 * A scenario written in TypeScript. Paths are taken relative to the current folder.
 * @throws SendtwiceError `file/bad-scenario` as for a file.
 */
export function defineScenario(input: ScenarioInput): Scenario {
  for (const key of ['extends', 'parameters'] as const) {
    if (input[key] === undefined) continue;
    throw new SendtwiceError('file/bad-scenario', `the scenario: \`${key}\` is for files only`, {
      hint: 'In a program, spread another scenario and use its own variables.',
    });
  }
  return scenarioOf(
    checkValue(input, 'the scenario', scenarioSchema, 'file/bad-scenario'),
    'the scenario',
    '.',
  );
}

/**
 * A bot file written in TypeScript. Paths are taken relative to the current folder.
 * @throws SendtwiceError `file/bad-bot` as for a file.
 */
export function defineBot(input: BotInput): Bot {
  return botOf(checkValue(input, 'the bot', botSchema, 'file/bad-bot'), 'the bot', '.');
}

export interface LoadScenarioOptions extends Given {
  /** Plays this recording instead of the scenario's own; relative to the current folder. */
  readonly recording?: string;
}

/**
 * Reads a scenario file with what it extends.
 * @throws SendtwiceError `file/…` with every mistake and its line; `usage/bad-argument` for a wrong `set`,
 * `usage/missing-value` for a parameter that nobody gives
 */
export function loadScenario(path: string, options: LoadScenarioOptions = {}): Scenario {
  const root = composed(path, options);
  const tell = ({ message, ...spot }: Problem): string => tellAt(root, spot, message);
  const { recording } = options;
  const given = recording === undefined || root.kind !== 'map' ? root : withRecording(root, recording);
  const file = checked(plain(given), scenarioSchema, 'file/bad-scenario', tell);
  if (recording !== undefined) return scenarioOf(file, path, dirname(path));
  return scenarioOf(file, path, dirname(path), (message) => tell({ path: ['play', 'recording'], message }));
}

/** The file as if it named this recording. */
function withRecording(root: TracedMap, recording: string): TracedMap {
  const play = root.entries.get('play');
  if (play?.kind !== 'map') return root;
  const value: Traced = { kind: 'scalar', origin: play.origin, value: resolve(recording) };
  return withEntry(root, 'play', withEntry(play, 'recording', value));
}

function scenarioOf(
  { extends: _, parameters: __, ...file }: ScenarioFile,
  path: string,
  folder: string,
  tell = (message: string): string => `${path}: ${message}`,
): Scenario {
  const { think, recording: named, ...play } = file.play;
  const recording = isPlayed(file.play) && named !== undefined ? resolve(folder, named) : undefined;
  if (recording !== undefined && !existsSync(recording)) {
    throw new SendtwiceError('file/bad-scenario', tell(`the recording ${recording} does not exist`), {
      hint: '`play.recording` is taken relative to the scenario file.',
    });
  }
  return {
    ...file,
    path,
    play: {
      ...play,
      ...(recording !== undefined && { recording }),
      ...(think !== undefined && { think: withTrace(think, folder) }),
    },
    faults: withTraces(namedFaults(file.faults), folder),
  };
}

/** Written steps play a recording only where they say so; then they need one. */
const isPlayed = ({ steps }: ScenarioFile['play']): boolean =>
  steps === undefined || steps.some(({ recorded }) => recorded !== undefined);

/** Gives each fault without a name the name of its point and a number: `mongo-1`, `call-1`, `call-2`. */
export function namedFaults(faults: ScenarioFile['faults']): Fault[] {
  const counts = new Map<string, number>();
  return faults.map((fault) => {
    const number = (counts.get(fault.on) ?? 0) + 1;
    counts.set(fault.on, number);
    return { ...fault, name: fault.name ?? `${fault.on}-${number}` };
  });
}

/** Reads a bot file. @throws SendtwiceError `file/…` with every mistake and its line. */
export function loadBot(path: string): Bot {
  return botOf(readYamlFile(path, botSchema, 'file/bad-bot'), path, dirname(path));
}

function botOf(file: BotFile, path: string, folder: string): Bot {
  const cwd = resolve(folder, file.cwd ?? '.');
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new SendtwiceError(
      'file/bad-bot',
      `${path}: the folder ${cwd} (cwd) does not exist or is no folder`,
      {
        hint: '`cwd` is taken relative to the bot file.',
      },
    );
  }
  const recording = file.recording === undefined ? undefined : resolve(folder, file.recording);
  if (recording !== undefined && !existsSync(recording)) {
    throw new SendtwiceError('file/bad-bot', `${path}: the recording ${recording} does not exist`, {
      hint: '`recording` is taken relative to the bot file.',
    });
  }
  const bot = { ...file, path, cwd, name: file.bot ?? 'bot', ...(recording !== undefined && { recording }) };
  for (const text of textsOf(bot)) checkPlaceholders(text, path);
  checkCommand(bot);
  if (bot.ready !== undefined && 'http' in bot.ready) checkReadyUrl(bot.ready.http, path);
  return bot;
}

/** Everything in which `${…}` is filled in. */
function textsOf({ command = [], env, ready }: Bot): string[] {
  const words = typeof command === 'string' ? [command] : command;
  const url = ready !== undefined && 'http' in ready ? [ready.http] : [];
  return [...words, ...Object.values(env), ...url];
}

function checkCommand({ command, path }: Bot): void {
  if (command === undefined) return;
  const words = typeof command === 'string' ? commandWords(command) : command;
  if (words[0] !== undefined && words[0] !== '') return;
  throw new SendtwiceError('file/bad-bot', `${path}: \`command\` holds no program`, {
    hint: 'Write how to start the bot, such as `node bot.js`.',
  });
}

/** What stands for `${…}` while the ports are not known yet. */
const STAND_INS: Readonly<Record<string, string>> = {
  'webhook.url': 'http://127.0.0.1:1/',
  'webhook.host': '127.0.0.1',
};

function checkReadyUrl(url: string, path: string): void {
  const filled = url.replace(/\$\{([^}]*)\}/g, (_, name: string) => STAND_INS[name.trim()] ?? '1');
  const parsed = URL.canParse(filled) ? new URL(filled) : undefined;
  const hint = 'Use http://127.0.0.1:${webhook.port}/ or another URL of the bot.';
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new SendtwiceError('file/bad-bot', `${path}: \`ready.http\` is no URL: ${url}`, { hint });
  }
  if (!isLoopback(parsed.hostname)) {
    throw new SendtwiceError(
      'target/not-loopback',
      `${path}: \`ready.http\` is not on this machine: ${url}`,
      {
        hint,
      },
    );
  }
}
