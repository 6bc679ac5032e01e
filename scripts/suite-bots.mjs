#!/usr/bin/env node
/**
 * The shipped suite against bots of several libraries: plays the folder scenarios/ with each, and asserts that nothing is
 * found with a good one, and with a faulty one at least what its mistake must show. The bots are data: test/suite/bots.yaml.
 *
 *   npm run suite -- [--only PATTERN] [--bots N] [--jobs N] [--seed TEXT] [--keep FOLDER] [--main FILE]
 *
 * --only: bots whose name matches this regular expression. --bots: so many at once, each with --jobs runs. --keep: keep the runs here; else those of a bot that is right go.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from './matrix/cells.mjs';
import { botFile, sendtwice, skipReason } from './matrix/play-cell.mjs';

/** One bot with the whole folder; far more than it takes. */
const LIMIT_MS = 15 * 60_000;

const found = z.array(z.string().regex(/^[a-z-]+: [a-z0-9-]+$/)).min(1);
const botSchema = z.strictObject({
  name: z.string(),
  bot: z.string(),
  recording: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
  needs: z.enum(['python']).optional(),
  /** Parameters of the scenarios, as the bot file gives them. */
  parameters: z.record(z.string(), z.unknown()).default({}),
  /** Scenarios that it is not made for, and why: they are left out. */
  cannot: z.record(z.string(), z.string().min(1)).default({}),
  /** By scenario what must be found: only these are played. Without it all are, and nothing may be found. */
  finds: z.record(z.string(), found).optional(),
});
const fileSchema = z.strictObject({
  /** By scenario what it provokes in every bot that works before it speaks, and does not hold against it. */
  provoked: z.record(z.string(), found),
  bots: z.array(botSchema).min(1),
});

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: '3' },
    bots: { type: 'string', default: '4' },
    seed: { type: 'string', default: 'suite' },
    keep: { type: 'string' },
    main: { type: 'string', default: join(ROOT, 'dist/cli/main.js') },
  },
});

const { provoked, bots } = fileSchema.parse(parse(readFileSync(join(ROOT, 'test/suite/bots.yaml'), 'utf8')));
// What is wrong with the file is told before anything is played.
const names = new Map(bots.map((bot) => [bot, namesFor(bot)]));
const only = flags.only === undefined ? undefined : new RegExp(flags.only);
const chosen = bots.filter(({ name }) => only === undefined || only.test(name));
if (chosen.length === 0) {
  console.error('No bot is chosen.');
  process.exit(2);
}

const folder =
  flags.keep === undefined ? mkdtempSync(join(tmpdir(), 'sendtwice-suite-')) : resolve(flags.keep);
const startedAt = performance.now();
const results = [];
const waiting = [...chosen];
async function work() {
  for (let bot = waiting.shift(); bot !== undefined; bot = waiting.shift()) {
    const result = await playBot(bot);
    results.push(result);
    console.log(textOf(result));
    if (result.wrong.length === 0 && flags.keep === undefined)
      rmSync(result.place, { recursive: true, force: true });
  }
}
await Promise.all(Array.from({ length: Number(flags.bots) || 1 }, work));
const right = results.filter(({ wrong }) => wrong.length === 0).length;
const runs = results.reduce((sum, { suite }) => sum + (suite?.runs.length ?? 0), 0);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
console.log(`${right} of ${results.length} bots are right; ${runs} runs in ${seconds} s`);
if (right === results.length && flags.keep === undefined) rmSync(folder, { recursive: true });
process.exitCode = right === results.length ? 0 : 1;

async function playBot(bot) {
  const place = join(folder, bot.name.replaceAll(/[^\w-]+/g, '-'));
  const skipped = skipReason(bot);
  if (skipped !== undefined) return { bot, place, skipped, wrong: [], ms: 0 };
  mkdirSync(place, { recursive: true });
  const begunAt = performance.now();
  const file = botFile({ ...bot, bot: join(ROOT, bot.bot) }, place);
  const scenarios = names.get(bot).map((name) => join(ROOT, 'scenarios', `${name}.yaml`));
  const args = ['run', ...scenarios, '--bot', file, '--out', join(place, 'runs')];
  args.push('--seed', flags.seed, '--jobs', flags.jobs);
  if (bot.recording !== undefined) args.push('--recording', join(ROOT, bot.recording));
  const { output, isLate } = await sendtwice(resolve(flags.main), args, place, LIMIT_MS);
  writeFileSync(join(place, 'output.txt'), output);
  const ms = performance.now() - begunAt;
  const suite = isLate ? undefined : suiteIn(join(place, 'runs'));
  const wrong = suite === undefined ? [output.trim().split('\n').slice(-3).join(' | ')] : wrongIn(bot, suite);
  return { bot, place, suite, wrong, ms };
}

/** The scenarios that are played with it; each has the name of its file. No good bot passes a demonstration. */
function namesFor({ bot, recording, finds, cannot }) {
  const missing = [bot, recording ?? bot].find((path) => !existsSync(join(ROOT, path)));
  if (missing !== undefined) throw new Error(`test/suite/bots.yaml: there is no file ${missing}`);
  const all = readdirSync(join(ROOT, 'scenarios')).map((name) => name.replace(/\.yaml$/, ''));
  const wrong = Object.keys(finds ?? cannot).filter((name) => !all.includes(name));
  if (wrong.length > 0) throw new Error(`test/suite/bots.yaml: there is no scenario ${wrong.join(', ')}`);
  if (finds !== undefined) return Object.keys(finds);
  return all.filter((name) => !(name in cannot) && !isDemonstration(name));
}

function isDemonstration(name) {
  const { tags = [] } = parse(readFileSync(join(ROOT, 'scenarios', `${name}.yaml`), 'utf8'));
  return tags.includes('demonstration');
}

function suiteIn(runs) {
  try {
    return JSON.parse(readFileSync(join(runs, 'latest-suite.json'), 'utf8'));
  } catch {
    return undefined; // the output says why it was never written
  }
}

/** What is not as it should be. */
function wrongIn({ finds }, suite) {
  const missing = suite.planned - suite.runs.length;
  const notMade = missing === 0 ? [] : [`${missing} runs were not made`];
  if (finds === undefined) {
    const accused = suite.runs.flatMap((run) => {
      const held = foundIn(run).filter((each) => !(provoked[run.scenario] ?? []).includes(each));
      if (held.length === 0 && run.verdict !== 'fail') return [];
      return [`${run.scenario}: ${held.join('; ') || run.reasons[0]}; see ${run.folder}`];
    });
    return [...notMade, ...accused];
  }
  const missed = Object.entries(finds).flatMap(([scenario, all]) => {
    const run = suite.runs.find((one) => one.scenario === scenario);
    if (run === undefined) return [`${scenario} was not run`];
    const there = foundIn(run);
    const absent = all.filter((each) => !there.includes(each));
    return absent.length === 0 ? [] : [`${scenario}: no ${absent.join(', no ')}; see ${run.folder}`];
  });
  return [...notMade, ...missed];
}

function foundIn({ findings }) {
  return findings.map(({ kind, cause }) => `${kind}: ${cause}`);
}

/** Bot × scenario with what was found. */
function textOf({ bot, skipped, suite, wrong, ms }) {
  if (skipped !== undefined) return `- ${bot.name}: skipped, ${skipped}\n`;
  const mark = wrong.length === 0 ? '✓' : '✗';
  const lines = [`${mark} ${bot.name}  [${(ms / 1000).toFixed(0)} s]`];
  const width = Math.max(0, ...(suite?.runs ?? []).map(({ scenario }) => scenario.length));
  for (const run of suite?.runs ?? []) {
    const what = foundIn(run).join('; ') || (run.verdict === 'pass' ? '' : (run.reasons[0] ?? ''));
    lines.push(`    ${run.scenario.padEnd(width)}  ${run.verdict.padEnd(12)}  ${what}`.trimEnd());
  }
  for (const { scenario, reason } of suite?.notApplicable ?? [])
    lines.push(`    ${scenario.padEnd(width)}  n/a           ${reason}`);
  for (const [scenario, reason] of Object.entries(bot.cannot))
    lines.push(`    ${scenario.padEnd(width)}  left out      ${reason}`);
  return `${[...lines, ...wrong.map((text) => `  wrong: ${text}`)].join('\n')}\n`;
}
