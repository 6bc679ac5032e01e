import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf, SendtwiceError } from './base/errors.js';
import { playBaseline } from './baseline/baseline.js';
import { viewOfFile } from './history/reader.js';
import { type Judged, judgeView } from './report/judge.js';
import type { Bot, Scenario } from './scenario/load.js';
import { preflight } from './scenario/preflight.js';
import { runScenario } from './scenario/run.js';
import { writeRunFile } from './scenario/run-file.js';
import type { LiveRun, Progress } from './scenario/run-options.js';
import { VERSION } from './version.js';

export interface PlayOptions {
  readonly scenario: Scenario;
  readonly bot: Bot;
  /** The folder that holds all runs; this one gets a folder of its own in it. */
  readonly out: string;
  /** Default: a new random one. The same seed gives the same stimulus. */
  readonly seed?: string;
  readonly mongoUri?: string;
  readonly allowRemote?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Called once, when people begin to act: faults can be added, removed and switched from then on. */
  readonly onPlaying?: (live: LiveRun) => void;
}

export interface Played extends Judged {
  /** Holds `run.json`, `history.jsonl`, `summary.json` and `bot.log`. */
  readonly folder: string;
  /** Why the run could not go to its end. */
  readonly error?: SendtwiceError;
}

/**
 * Runs a scenario against a bot, judges the history and writes `summary.json` beside it.
 * @throws SendtwiceError with exit code 2 when nothing could be run
 */
export async function play(options: PlayOptions): Promise<Played> {
  await preflight(options);
  const seed = options.seed ?? randomBytes(4).toString('hex');
  const folder = makeRunFolder(options.out, options.scenario.scenario);
  writeRunFile(folder, { ...options, seed });
  const facts = { ...options, seed, folder, version: VERSION };
  const baseline = options.scenario.play.baseline ? await playBaseline(facts) : undefined;
  const { historyPath, error } = await runScenario({ ...facts, ...(baseline !== undefined && { baseline }) });
  pointLatestTo(folder);
  options.onProgress?.({ phase: 'judging' });
  const judged = judgeView(await viewOfFile(historyPath));
  writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(judged.summary, null, 2)}\n`);
  return { folder, ...judged, ...(error !== undefined && { error }) };
}

/** `runs/2026-11-22T10-15-30-slow-mongo`, with a number behind it when that exists already. */
function makeRunFolder(out: string, scenario: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  try {
    makeFolder(out);
    for (let number = 1; ; number += 1) {
      const folder = join(out, `${time}-${scenario}${number === 1 ? '' : `-${number}`}`);
      try {
        mkdirSync(folder);
        return folder;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || number > 1000) throw error;
      }
    }
  } catch (error) {
    throw new SendtwiceError(
      'file/unreadable',
      `Cannot create a folder for the run in ${out}: ${messageOf(error)}`,
      {
        hint: 'Give a folder that you can write to with --out.',
        cause: error,
      },
    );
  }
}

/** With its parents, one by one: `recursive` of Node 20 never returns where the system refuses new folders with ENOENT. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** `runs/latest` is a link where links are allowed; elsewhere it is simply not there. */
export function pointLatestTo(folder: string): void {
  const latest = join(dirname(folder), 'latest');
  const fresh = `${latest}-${process.pid}`;
  try {
    symlinkSync(basename(folder), fresh, 'junction');
    renameSync(fresh, latest);
  } catch {
    rmSync(fresh, { force: true });
  }
}
