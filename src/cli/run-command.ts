import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { type PlayOptions, play } from '../play.js';
import { exitCodeOf } from '../report/judge.js';
import { terminalReport } from '../report/terminal.js';
import { loadBot, loadScenario, type Scenario } from '../scenario/load.js';
import { preflight } from '../scenario/preflight.js';
import { complaintOf } from './complaint.js';
import { interruptible } from './interrupt.js';
import { ProgressLine } from './progress.js';
import { colours, widthOf } from './style.js';

interface RunFlags {
  readonly bot: string;
  readonly recording?: string;
  readonly mongo?: string;
  readonly seed?: string;
  readonly out: string;
  readonly allowRemote?: boolean;
  readonly all?: boolean;
}

export function runCommand(): Command {
  return new Command('run')
    .description('Run scenarios against a bot and say what went wrong')
    .argument('<scenario...>', 'scenario files, or folders of them')
    .option('--bot <file>', 'the bot file: how to start your bot', 'sendtwice.yaml')
    .option('--recording <file>', 'play this recording instead of the one that the scenarios name')
    .option(
      '--mongo <uri>',
      'a real MongoDB behind the fault proxy, or memory-server (default: an embedded one, in memory)',
    )
    .option('--seed <text>', 'the seed of everything random; the same seed gives the same stimulus')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--allow-remote', 'allow a webhook or a database that is not on this machine')
    .option('--all', 'show every finding with its chain, not only one of each kind')
    .action(run);
}

async function run(paths: readonly string[], flags: RunFlags): Promise<void> {
  // Everything is read and checked before anything is run.
  const scenarios = paths
    .flatMap(scenarioFiles)
    .map((path) => loadScenario(path, flags.recording === undefined ? {} : { recording: flags.recording }));
  const bot = loadBot(resolve(flags.bot));
  const options = optionsOf(flags);
  for (const scenario of scenarios) await preflight({ scenario, bot, ...options });
  const interrupt = interruptible();
  const codes: number[] = [];
  try {
    for (const scenario of scenarios) {
      if (interrupt.signal.aborted) break; // the one before it was cut short and counts as 3
      codes.push(await runOne(scenario, bot, flags, options, interrupt.signal));
    }
  } finally {
    interrupt.release();
  }
  process.exitCode = Math.max(...codes);
}

async function runOne(
  scenario: Scenario,
  bot: ReturnType<typeof loadBot>,
  flags: RunFlags,
  options: CheckedOptions,
  signal: AbortSignal,
): Promise<number> {
  const progress = new ProgressLine();
  const played = await play({
    scenario,
    bot,
    ...options,
    signal,
    onProgress: progress.of(scenario.scenario),
  }).finally(() => progress.clear());
  process.stdout.write(
    terminalReport(played, {
      folder: played.folder,
      style: colours(process.stdout),
      all: flags.all ?? false,
      ...widthOf(process.stdout),
    }),
  );
  if (played.error !== undefined) {
    process.stderr.write(complaintOf(played.error).text);
  }
  return exitCodeOf(played.summary);
}

type CheckedOptions = Pick<PlayOptions, 'out' | 'seed' | 'mongoUri'> & { readonly allowRemote: boolean };

function optionsOf({ out, seed, mongo, allowRemote = false }: RunFlags): CheckedOptions {
  return {
    out: resolve(notEmpty('--out', out)),
    ...(seed !== undefined && { seed: notEmpty('--seed', seed) }),
    ...(mongo !== undefined && { mongoUri: mongo }),
    allowRemote,
  };
}

function notEmpty(option: string, value: string): string {
  if (value !== '') return value;
  throw new SendtwiceError('usage/bad-argument', `${option} is empty`, {
    hint: 'Is a variable of your shell not set?',
  });
}

/** A file as it is; a folder stands for the YAML files in it, in order of their names. */
function scenarioFiles(path: string): string[] {
  const full = resolve(path);
  try {
    if (!statSync(full).isDirectory()) return [full];
    const files = readdirSync(full)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(full, name));
    if (files.length > 0) return files;
  } catch (error) {
    throw new SendtwiceError('usage/bad-argument', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: 'Name a scenario file or a folder of them.',
      cause: error,
    });
  }
  throw new SendtwiceError('usage/bad-argument', `The folder ${path} holds no scenario (*.yaml)`);
}
