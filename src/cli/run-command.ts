import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { ControlServer } from '../control/control-server.js';
import { RunControl } from '../control/run-control.js';
import { type Played, type PlayOptions, play } from '../play.js';
import { terminalReport } from '../report/terminal.js';
import { loadBot, loadScenario, type Scenario } from '../scenario/load.js';
import { preflight } from '../scenario/preflight.js';
import { selected } from '../suite/select.js';
import { exitCodeOfSuite, notPassed, runOf, type SuiteRun, suiteOf, writeSuite } from '../suite/suite.js';
import { suiteTable } from '../suite/table.js';
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
  readonly set: readonly string[];
  readonly grep?: string;
  readonly tag: readonly string[];
  readonly onlyFailed?: boolean;
  readonly bail?: boolean;
  readonly baseline?: boolean;
  readonly repeat: string;
  readonly control?: string;
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
    .option(
      '--set <name=value>',
      'a parameter of the scenarios, or anything in them: play.users=50',
      collected,
      [],
    )
    .option('--grep <pattern>', 'only scenarios whose name or tag matches this regular expression')
    .option('--tag <tag>', 'only scenarios with this tag (may be given again)', collected, [])
    .option('--only-failed', 'only scenarios that did not pass the last time')
    .option('--bail', 'stop after the first scenario that fails')
    .option('--baseline', 'play each once without its faults before, and take that for the measure')
    .option('--repeat <n>', 'run each scenario so often, with seeds of their own', '1')
    .option(
      '--control <port>',
      'a port of this machine on which faults can be changed while a run goes on (0: a free one)',
    )
    .action(run);
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

async function run(paths: readonly string[], flags: RunFlags): Promise<void> {
  // Everything is read and checked before anything is run.
  const bot = loadBot(resolve(flags.bot));
  const options = optionsOf(flags);
  const controlPort = portOf(flags.control);
  const repeats = repeatsOf(flags.repeat);
  const recording = flags.recording ?? bot.recording;
  const set = flags.baseline === true ? [...flags.set, 'play.baseline=true'] : flags.set;
  const all = paths
    .flatMap(scenarioFiles)
    .map((path) => loadScenario(path, { ...(recording !== undefined && { recording }), set }));
  const scenarios = selected(all, {
    ...(flags.grep !== undefined && { grep: flags.grep }),
    tags: flags.tag,
    ...(flags.onlyFailed === true && { only: notPassed(options.out) }),
  });
  for (const scenario of scenarios) await preflight({ scenario, bot, ...options });
  const plans = scenarios.flatMap((scenario) =>
    seedsOf(options.seed, repeats).map((seed) => ({ scenario, seed })),
  );
  const facts = { startedAt: new Date().toISOString(), bot: bot.name, planned: plans.length };
  const runs: SuiteRun[] = [];
  let suite = suiteOf(facts, runs);
  const control = new RunControl();
  const server =
    controlPort === undefined ? undefined : await ControlServer.listen(controlPort, control.routes);
  if (server !== undefined) process.stderr.write(`control: ${server.url}/\n`);
  const interrupt = interruptible();
  try {
    for (const { scenario, seed } of plans) {
      if (interrupt.signal.aborted) break; // the one before it was cut short and is no pass
      const { out, ...others } = options;
      const played = await runOne(
        scenario,
        bot,
        flags,
        { out, ...others, ...seed },
        control,
        interrupt.signal,
      );
      runs.push(runOf(played.summary, played.folder));
      suite = suiteOf(facts, runs);
      if (plans.length > 1) writeSuite(out, suite);
      if (flags.bail === true && played.summary.verdict === 'fail') break;
    }
  } finally {
    interrupt.release();
    await server?.close();
  }
  if (plans.length > 1) process.stdout.write(`\n${suiteTable(suite, colours(process.stdout))}`);
  process.exitCode = exitCodeOfSuite(suite);
}

function repeatsOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 1000) return number;
  throw new SendtwiceError('usage/bad-argument', `--repeat is no whole number from 1 to 1000: ${text}`);
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SendtwiceError('usage/bad-argument', `--control is no port from 0 to 65535: ${text}`);
}

/** One run keeps the seed as it is, so that it can be given again; several have it with a number each. */
function seedsOf(seed: string | undefined, repeats: number): { readonly seed?: string }[] {
  if (repeats === 1) return [seed === undefined ? {} : { seed }];
  const base = seed ?? randomBytes(4).toString('hex');
  return Array.from({ length: repeats }, (_, index) => ({ seed: `${base}-${index + 1}` }));
}

async function runOne(
  scenario: Scenario,
  bot: ReturnType<typeof loadBot>,
  flags: RunFlags,
  options: CheckedOptions,
  control: RunControl,
  signal: AbortSignal,
): Promise<Played> {
  const line = new ProgressLine();
  const tell = line.of(scenario.scenario);
  control.begin(scenario.scenario);
  const played = await play({
    scenario,
    bot,
    ...options,
    signal,
    onProgress: (progress) => {
      control.reach(progress);
      tell(progress);
    },
    onPlaying: (live) => control.play(live),
  }).finally(() => {
    control.end();
    line.clear();
  });
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
  return played;
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
