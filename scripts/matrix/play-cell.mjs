/** Plays one cell of the matrix in a process of its own and says what was found. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ROOT } from './cells.mjs';

/** After SIGTERM the run stops its bot; then it is killed. */
const GRACE_MS = 8_000;
const PYTHON = join(ROOT, '.venv/bin/python');
/** Of test/bots/requirements.txt: where pip failed there is a Python without them. */
const PYTHON_LIBRARIES = ['aiogram', 'telegram', 'pymongo'];

/** Why this cell cannot be played here; undefined: it can. */
export function skipReason({ needs, waits }) {
  if (waits !== undefined) return waits;
  return needs === 'python' && !hasPython() ? 'no Python with the libraries in .venv' : undefined;
}

function hasPython() {
  if (!existsSync(PYTHON)) return false;
  const packages = join(ROOT, '.venv/lib');
  const folders = readdirSync(packages).map((version) => join(packages, version, 'site-packages'));
  return PYTHON_LIBRARIES.every((name) => folders.some((folder) => existsSync(join(folder, name))));
}

/** @returns what was found, how it was judged, and whether both are as they should be */
export async function playCell(cell, { main, seed, folder }) {
  const wrong = (error, ms) => ({
    id: cell.id,
    seed,
    ms,
    folder,
    found: [],
    verdict: 'none',
    ok: false,
    error,
  });
  const missing = [cell.bot, cell.scenario, cell.recording ?? cell.bot].find((path) => !existsSync(path));
  if (missing !== undefined) return wrong(`there is no file ${missing}`, 0);
  mkdirSync(folder, { recursive: true });
  const startedAt = performance.now();
  const args = ['run', cell.scenario, '--bot', botFile(cell, folder), '--seed', seed];
  if (cell.recording !== undefined) args.push('--recording', cell.recording);
  const { output, isLate } = await sendtwice(
    main,
    [...args, '--out', join(folder, 'runs')],
    folder,
    cell.limitMs,
  );
  writeFileSync(join(folder, 'output.txt'), output);
  const ms = performance.now() - startedAt;
  const summary = summaryIn(join(folder, 'runs'));
  if (isLate) return wrong(`not over after ${cell.limitMs / 1000} s`, ms);
  if (summary === undefined) return wrong(output.trim().split('\n').slice(-3).join(' | '), ms);
  const found = [...new Set(summary.findings.map(({ kind, cause }) => `${kind}: ${cause}`))].sort();
  const { verdict } = summary;
  const ok =
    cell.variant === 'guilty'
      ? isRight(cell, found) && isBroken(cell, summary) && verdict === 'fail'
      : found.length === 0 && (verdict === 'pass' || isOnlyLate(cell, summary));
  return {
    id: cell.id,
    seed,
    ms,
    folder,
    found,
    verdict,
    ok,
    ...(ok || summary.reasons.length === 0 ? {} : { error: summary.reasons[0] }),
  };
}

const isRight = ({ finds, also }, found) =>
  finds.every((each) => found.includes(each)) &&
  found.every((each) => finds.includes(each) || also.includes(each));

/** Did the harness come late to its own schedule, and nothing else is in doubt? Where the times do not matter that is no harm. */
const isOnlyLate = ({ lag }, { verdict, reasons }) =>
  lag !== undefined &&
  verdict === 'inconclusive' &&
  reasons.every((reason) => reason.startsWith('The harness itself was late'));

/** Expectations that are no counts of findings. */
const isBroken = ({ breaks }, { expectations }) =>
  breaks.every((name) => expectations.some((one) => one.name === name && !one.ok));

/** The bot file of the cell with its environment. A Python bot gets a copy of its folder, where it may write. */
export function botFile({ bot, env, needs, parameters }, folder) {
  const file = parse(readFileSync(bot, 'utf8'));
  let cwd = join(dirname(bot), file.cwd ?? '.');
  let { command } = file;
  if (needs === 'python') {
    const copy = join(folder, 'bot');
    cpSync(dirname(bot), copy, { recursive: true });
    cwd = join(copy, file.cwd ?? '.');
    command = typeof command === 'string' ? command.replace(/(\S*\/)?\.venv\/bin\/python/, PYTHON) : command;
  }
  const path = join(folder, basename(bot));
  writeFileSync(
    path,
    stringify({
      ...file,
      command,
      cwd,
      parameters: { ...file.parameters, ...parameters },
      env: { ...file.env, ...env },
    }),
  );
  return path;
}

/** Runs the command line, for so long at most. */
export function sendtwice(main, args, cwd, limitMs) {
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let isLate = false;
  const take = (text) => {
    if (output.length < 200_000) output += text;
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const timers = [
    setTimeout(() => {
      isLate = true;
      child.kill('SIGTERM');
    }, limitMs),
    setTimeout(() => child.kill('SIGKILL'), limitMs + GRACE_MS),
  ];
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', () => {
      for (const timer of timers) clearTimeout(timer);
      done({ output, isLate });
    });
  });
}

function summaryIn(runs) {
  if (!existsSync(runs)) return undefined;
  const run = readdirSync(runs).find((name) => name !== 'latest');
  const file = run === undefined ? '' : join(runs, run, 'summary.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
