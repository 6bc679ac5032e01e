import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SendtwiceError } from '../base/errors.js';
import type { Fault } from '../faults/schema.js';
import { checkPlaceholders } from './placeholders.js';
import {
  type BotFile,
  type BotInput,
  botSchema,
  type ScenarioFile,
  type ScenarioInput,
  scenarioSchema,
} from './schema.js';
import { checkValue, readYamlFile } from './yaml-file.js';

/** A scenario that was read and checked. Paths are absolute, durations milliseconds, faults have names. */
export interface Scenario extends Omit<ScenarioFile, 'faults'> {
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

export interface LoadScenarioOptions {
  /** Plays this recording instead of the scenario's own; relative to the current folder. */
  readonly recording?: string;
}

/** Reads a scenario file. @throws SendtwiceError `file/…` with every mistake and its line. */
export function loadScenario(path: string, options: LoadScenarioOptions = {}): Scenario {
  const file = readYamlFile(path, scenarioSchema, 'file/bad-scenario');
  if (options.recording === undefined) return scenarioOf(file, path, dirname(path));
  return scenarioOf(
    { ...file, play: { ...file.play, recording: resolve(options.recording) } },
    path,
    dirname(path),
  );
}

function scenarioOf(file: ScenarioFile, path: string, folder: string): Scenario {
  const recording = resolve(folder, file.play.recording);
  if (!existsSync(recording)) {
    throw new SendtwiceError('file/bad-scenario', `${path}: the recording ${recording} does not exist`, {
      hint: '`play.recording` is taken relative to the scenario file.',
    });
  }
  return { ...file, path, play: { ...file.play, recording }, faults: namedFaults(file.faults) };
}

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
  if (!existsSync(cwd)) {
    throw new SendtwiceError('file/bad-bot', `${path}: the folder ${cwd} (cwd) does not exist`, {
      hint: '`cwd` is taken relative to the bot file.',
    });
  }
  const command = file.command ?? [];
  for (const text of [...(typeof command === 'string' ? [command] : command), ...Object.values(file.env)]) {
    checkPlaceholders(text, path);
  }
  return { ...file, path, cwd, name: file.bot ?? 'bot' };
}
