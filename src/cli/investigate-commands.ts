import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { SendtwiceError } from '../base/errors.js';
import { viewOfFile } from '../history/reader.js';
import { type Reproducer, writeReproducer } from '../investigate/reproducer.js';
import { Budget, type Runner, repeat, signatureOf } from '../investigate/runner.js';
import { inWords, shrink } from '../investigate/shrink.js';
import { suspectsOf } from '../investigate/suspects.js';
import { why, whyText } from '../investigate/why.js';
import { chosenFindings, type WrittenFinding } from '../report/explain.js';
import { weighView } from '../report/judge.js';
import { loadBot, loadScenario } from '../scenario/load.js';
import { type RunFacts, readRunFile } from '../scenario/run-file.js';
import { checkSideBySide, MOST_JOBS } from '../suite/side-by-side.js';
import { interruptible } from './interrupt.js';
import { runnerIn, say } from './investigating.js';
import { duration, wholeNumber } from './numbers.js';
import { runFolderOf } from './run-folder.js';

interface Flags {
  readonly bot?: string;
  readonly mongo?: string;
  readonly runs: string;
  readonly limit: string;
  readonly maxRuns: string;
  readonly keep?: boolean;
}

function investigating(name: string, description: string, runs: string): Command {
  return new Command(name)
    .description(description)
    .argument('[run]', 'the folder of a run, or its history.jsonl', 'runs/latest')
    .argument('[finding]', 'its id or its kind; default: the first one')
    .option('--bot <file>', 'the bot file, where the run does not keep it')
    .option('--mongo <uri>', 'the MongoDB of the run, where it had one of its own')
    .option('--runs <n>', 'runs of each change', runs)
    .option('--limit <time>', 'no further run begins after this long', '5m')
    .option('--max-runs <n>', 'at most so many runs', '500')
    .option('--keep', 'keep the runs');
}

export function whyCommand(): Command {
  return investigating('why', 'Run again with one suspect removed at a time: what does a finding need?', '10')
    .option('--jobs <n>', `so many runs at once, up to ${MOST_JOBS}; they slow each other down`, '1')
    .action(runWhy);
}

export function shrinkCommand(): Command {
  return investigating('shrink', 'Find the smallest play that still shows a finding', '3')
    .option('--need <n>', 'runs of a change that must show it', '2')
    .option('--to <folder>', 'where to write it; default: repro-<finding>')
    .option('--expect-fixed', 'the written test expects that the finding is gone')
    .action(runShrink);
}

/** What all investigations need: the run, the finding, a place for further runs, a budget. */
async function opened(run: string, name: string | undefined, flags: Flags) {
  const limitMs = duration('--limit', flags.limit);
  const maxRuns = wholeNumber('--max-runs', flags.maxRuns);
  const { folder, history } = runFolderOf(run);
  const view = await viewOfFile(history);
  const weighed = weighView(view);
  const [finding] = chosenFindings(weighed, name).map(weighed.written);
  if (finding === undefined) throw new SendtwiceError('usage/bad-argument', `${run} has no findings`);
  const facts = readRunFile(folder, {
    ...(flags.bot !== undefined && { bot: resolve(flags.bot) }),
    ...(flags.mongo !== undefined && { mongoUri: flags.mongo }),
  });
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'investigate-'));
  const interrupt = interruptible();
  const budget = new Budget({ signal: interrupt.signal, maxRuns, limitMs });
  return { folder, view, finding, facts, work, budget, interrupt };
}

async function runWhy(
  run: string,
  name: string | undefined,
  flags: Flags & { readonly jobs: string },
): Promise<void> {
  const runs = wholeNumber('--runs', flags.runs);
  const jobs = wholeNumber('--jobs', flags.jobs, MOST_JOBS);
  const { folder, view, finding, facts, work, budget, interrupt } = await opened(run, name, flags);
  try {
    checkSideBySide(facts.bot, facts.mongoUri, jobs);
    const result = await why({
      run: runnerIn(work, jobs, flags.keep),
      facts,
      signature: signatureOf(finding),
      suspects: suspectsOf(facts.scenario, view, finding),
      runs,
      jobs,
      budget,
      onProgress: say,
    });
    writeFileSync(join(folder, 'why.json'), `${JSON.stringify(result, null, 2)}\n`);
    process.stdout.write(whyText(result));
    if (result.original.k === 0) process.exitCode = 3;
  } finally {
    interrupt.release();
    if (flags.keep !== true) rmSync(work, { recursive: true, force: true });
  }
}

async function runShrink(
  run: string,
  name: string | undefined,
  flags: Flags & { readonly need: string; readonly to?: string; readonly expectFixed?: boolean },
): Promise<void> {
  const runs = wholeNumber('--runs', flags.runs);
  const need = wholeNumber('--need', flags.need);
  if (need > runs)
    throw new SendtwiceError('usage/bad-argument', `--need ${need} is more than --runs ${runs}`);
  const { finding, facts, work, budget, interrupt } = await opened(run, name, flags);
  const runner = runnerIn(work, 1, flags.keep);
  const signature = signatureOf(finding);
  const session = finding.session === undefined ? {} : { session: finding.session };
  try {
    const shrunk = await shrink({
      run: runner,
      facts,
      signature,
      ...session,
      runs,
      need,
      budget,
      work,
      onProgress: say,
    });
    if (!shrunk.shown) {
      process.stdout.write(`${finding.id} did not show again in ${need} of ${runs} runs: nothing was cut.\n`);
      process.exitCode = 3;
      return;
    }
    const isFixed = flags.expectFixed === true;
    const to = resolve(flags.to ?? `repro-${finding.id}`);
    const written = await writeReproducer(to, facts, shrunk, signature, {
      ...session,
      isFixed,
      tries: runs,
      need,
    });
    process.stdout.write(`${inWords(shrunk.original)} → ${inWords(shrunk.best)} (${shrunk.runs} runs)\n`);
    if (shrunk.stopped !== undefined)
      process.stdout.write(`Stopped early (${shrunk.stopped}): the best so far.\n`);
    process.stdout.write(`${await verified(runner, written, facts, finding, runs)}\n${written.command}\n`);
  } finally {
    interrupt.release();
    if (flags.keep !== true) rmSync(work, { recursive: true, force: true });
  }
}

/** Runs what was written, as whoever gets it will. */
async function verified(
  run: Runner,
  written: Reproducer,
  facts: RunFacts,
  { kind, cause }: WrittenFinding,
  runs: number,
): Promise<string> {
  const again = { ...facts, scenario: loadScenario(written.scenario), bot: loadBot(written.bot) };
  const budget = new Budget({ signal: new AbortController().signal, maxRuns: runs, limitMs: 600_000 });
  const ran = await repeat(run, again, { times: runs, budget });
  const shown = ran.filter(written.shows).length;
  return `What was written shows ${kind} by ${cause} in ${shown} of ${ran.length} runs.`;
}
