import { resolve } from 'node:path';
import { Command } from 'commander';
import { SendtwiceError } from '../base/errors.js';
import { ControlServer } from '../control/control-server.js';
import { RunControl } from '../control/run-control.js';
import { type PlayOptions, play, pointLatestTo } from '../play.js';
import { playApart } from '../play-apart.js';
import { terminalReport } from '../report/terminal.js';
import { type Bot, loadBot } from '../scenario/load.js';
import { preflight } from '../scenario/preflight.js';
import { loadSelected } from '../suite/load.js';
import { type Plan, plansOf, type Ran, runSuite } from '../suite/run-suite.js';
import { checkSideBySide, MOST_JOBS } from '../suite/side-by-side.js';
import { exitCodeOfSuite, notPassed, verdictOf } from '../suite/suite.js';
import { suiteTable } from '../suite/table.js';
import { complaintOf } from './complaint.js';
import { interruptible } from './interrupt.js';
import { duration, wholeNumber } from './numbers.js';
import { ProgressLine } from './progress.js';
import { colours, widthOf } from './style.js';
import { type WhyBounds, whyAfter } from './why-after.js';

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
  readonly jobs: string;
  readonly why?: boolean;
  readonly whyRuns: string;
  readonly limit: string;
  readonly maxRuns: string;
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
    .option('--jobs <n>', `so many runs at once, up to ${MOST_JOBS}`, '1')
    .option('--why', 'run again what failed, with one suspect removed at a time: what do the findings need?')
    .option('--why-runs <n>', 'with --why: runs of each change', '10')
    .option('--limit <time>', 'with --why: no further run begins after this long', '5m')
    .option('--max-runs <n>', 'with --why: at most so many runs', '500')
    .action(run);
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

async function run(paths: readonly string[], flags: RunFlags): Promise<void> {
  // Everything is read and checked before anything is run.
  const bot = loadBot(resolve(flags.bot));
  const { seed, ...options } = optionsOf(flags);
  const repeats = wholeNumber('--repeat', flags.repeat, 1000);
  const jobs = wholeNumber('--jobs', flags.jobs, MOST_JOBS);
  const bounds = whyBoundsOf(flags, jobs);
  checkSideBySide(bot, options.mongoUri, jobs);
  const controlPort = controlPortOf(flags.control, jobs);
  const recording = flags.recording ?? bot.recording;
  const selection = {
    ...(flags.grep !== undefined && { grep: flags.grep }),
    tags: flags.tag,
    ...(flags.onlyFailed === true && { only: notPassed(options.out) }),
  };
  const { scenarios, lacking, warnings } = loadSelected(paths, selection, {
    ...(recording !== undefined && { recording }),
    botFile: bot.path,
    set: flags.baseline === true ? [...flags.set, 'play.baseline=true'] : flags.set,
  });
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}\n`);
  const plans = plansOf(scenarios, repeats, seed);
  const control = new RunControl();
  const server =
    controlPort === undefined ? undefined : await ControlServer.listen(controlPort, control.routes);
  if (server !== undefined) process.stderr.write(`control: ${server.url}/\n`);
  const interrupt = interruptible();
  const progress = new ProgressLine(plans.length);
  const failed: { readonly plan: Plan; readonly ran: Ran }[] = [];
  try {
    const suite = await runSuite({
      bot,
      plans,
      lacking,
      jobs,
      bail: flags.bail === true,
      signal: interrupt.signal,
      out: options.out,
      check: (scenario) => preflight({ scenario, bot, ...options }),
      // Alone, a run needs no process of its own.
      play: ({ scenario, seed: own, name }, signal) => {
        const tell = progress.of(name);
        const facts = { scenario, bot, ...options, ...(own !== undefined && { seed: own }), signal };
        const playing =
          jobs === 1 ? playControlled(control, facts, tell) : playApart({ ...facts, onProgress: tell });
        return playing.finally(() => progress.ended(name));
      },
      onRan: (ran, plan) => {
        report(ran, flags.all === true, interrupt.signal.aborted);
        if (verdictOf(ran.summary) === 'fail') failed.push({ plan, ran });
      },
    });
    const [first] = failed;
    // What was stopped for it may have ended later.
    if (flags.bail === true && first !== undefined) pointLatestTo(first.ran.folder);
    if (bounds !== undefined) await whyAfter(failed, { bot, ...options }, bounds, interrupt.signal);
    if (plans.length > 1 || suite.notApplicable.length > 0) {
      process.stdout.write(`\n${suiteTable(suite, colours(process.stdout))}`);
    }
    process.exitCode = exitCodeOfSuite(suite);
  } finally {
    progress.clear();
    interrupt.release();
    await server?.close();
  }
}

/** A run in this process, whose faults can be changed from outside while it goes on. */
function playControlled(
  control: RunControl,
  facts: PlayOptions,
  tell: NonNullable<PlayOptions['onProgress']>,
): ReturnType<typeof play> {
  control.begin(facts.scenario.scenario);
  return play({
    ...facts,
    onProgress: (progress) => {
      control.reach(progress);
      tell(progress);
    },
    onPlaying: (live) => control.play(live),
  }).finally(() => control.end());
}

function controlPortOf(text: string | undefined, jobs: number): number | undefined {
  if (text === undefined) return undefined;
  if (jobs > 1) {
    throw new SendtwiceError('usage/bad-argument', '--control is for one run at a time, and not for --jobs', {
      hint: 'Leave one of the two out.',
    });
  }
  const port = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SendtwiceError('usage/bad-argument', `--control is no port from 0 to 65535: ${text}`);
}

/** The report of one run, as a whole, whatever else goes on. */
function report({ summary, folder, error }: Ran, all: boolean, isInterrupted: boolean): void {
  process.stdout.write(
    terminalReport({ summary }, { folder, style: colours(process.stdout), all, ...widthOf(process.stdout) }),
  );
  // What --bail has stopped is as it was asked for.
  if (error !== undefined && (error.code !== 'run/interrupted' || isInterrupted)) {
    process.stderr.write(complaintOf(error).text);
  }
}

export type CheckedOptions = Pick<PlayOptions, 'out' | 'seed' | 'mongoUri'> & {
  readonly allowRemote: boolean;
};

/** What every run of the command has. */
export type Facts = Omit<CheckedOptions, 'seed'> & { readonly bot: Bot };

function optionsOf({ out, seed, mongo, allowRemote = false }: RunFlags): CheckedOptions {
  return {
    out: resolve(notEmpty('--out', out)),
    ...(seed !== undefined && { seed: notEmpty('--seed', seed) }),
    ...(mongo !== undefined && { mongoUri: mongo }),
    allowRemote,
  };
}

function whyBoundsOf(flags: RunFlags, jobs: number): WhyBounds | undefined {
  if (flags.why !== true) return undefined;
  return {
    runs: wholeNumber('--why-runs', flags.whyRuns),
    limitMs: duration('--limit', flags.limit),
    maxRuns: wholeNumber('--max-runs', flags.maxRuns),
    jobs,
  };
}

function notEmpty(option: string, value: string): string {
  if (value !== '') return value;
  throw new SendtwiceError('usage/bad-argument', `${option} is empty`, {
    hint: 'Is a variable of your shell not set?',
  });
}
