#!/usr/bin/env node
/**
 * The matrix: plays bots with a known mistake, their repaired twins and innocent look-alikes, and asserts for each
 * exactly what is found. The cells are data: test/matrix/*.yaml, explained in test/matrix/README.md.
 *
 *   npm run matrix -- [--only PATTERN] [--fast | --rest] [--jobs N] [--seeds N] [--first-seed N] [--json FILE] [--keep FOLDER] [--main FILE] [--build]
 *
 * --only: cells whose name (grammy/timeout/guilty) matches this regular expression. --fast: the part in `npm test`; --rest: all but that.
 * --seeds: play everything so often, each time with another seed (matrix-1, …; from --first-seed on), and say which cells flip. --keep: keep the runs here.
 * SIGTERM: what is being played is played to its end, nothing else is begun, and what was played is told.
 * Ends with 1 when a cell is wrong, or a problem has no guilty bot (the latter only when all cells are played).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, readCells } from './matrix/cells.mjs';
import { playCell, skipReason } from './matrix/play-cell.mjs';
import { coverageOf, joinSeeds, tableOf } from './matrix/table.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    fast: { type: 'boolean', default: false },
    rest: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '3' },
    seeds: { type: 'string', default: '1' },
    'first-seed': { type: 'string', default: '1' },
    json: { type: 'string' },
    keep: { type: 'string' },
    main: { type: 'string', default: join(ROOT, 'dist/cli/main.js') },
    build: { type: 'boolean', default: false },
  },
});

function countOf(name, most) {
  const count = Number(flags[name]);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  console.error(`--${name} must be a number from 1 to ${most}`);
  process.exit(2);
}

const jobs = countOf('jobs', 16);
const firstSeed = countOf('first-seed', 1000);
const seeds = Array.from({ length: countOf('seeds', 100) }, (_, index) => `matrix-${firstSeed + index}`);
if (flags.build) execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'inherit' });

const all = readCells();
const only = flags.only === undefined ? undefined : new RegExp(flags.only);
const isInPart = (fast) => (flags.fast ? fast : !flags.rest || !fast);
const chosen = all.filter(({ id, fast }) => isInPart(fast) && (only === undefined || only.test(id)));
const skipped = chosen.flatMap((cell) => {
  const reason = skipReason(cell);
  return reason === undefined ? [] : { id: cell.id, reason };
});
const played = chosen.filter((cell) => skipReason(cell) === undefined);
if (chosen.length === 0) {
  console.error('No cell is chosen.');
  process.exit(2);
}

const folder =
  flags.keep === undefined ? mkdtempSync(join(tmpdir(), 'sendtwice-matrix-')) : resolve(flags.keep);
const startedAt = performance.now();
const queue = seeds.flatMap((seed) => played.map((cell) => ({ seed, cell })));
const results = [];
let leftOut = 0;
process.once('SIGTERM', () => {
  leftOut = queue.splice(0).length;
});

async function work() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { cell, seed } = next;
    const place = join(folder, seed, cell.id.replaceAll('/', '-'));
    const result = await playCell(cell, { main: resolve(flags.main), seed, folder: place });
    results.push(result);
    // What was right is of no more use.
    if (result.ok && flags.keep === undefined) rmSync(place, { recursive: true });
    process.stderr.write(result.ok ? '.' : '✗');
  }
}

await Promise.all(Array.from({ length: jobs }, work));
process.stderr.write('\n');

const joined = joinSeeds(played, results);
const wrong = joined.filter(({ right, runs }) => right < runs.length);
const { lines, missing } = coverageOf(all);
const isWhole = !flags.fast && only === undefined;
const seconds = (performance.now() - startedAt) / 1000;
console.log(tableOf(joined));
console.log(`\n${lines.join('\n')}`);
for (const { id, reason } of skipped) console.log(`skipped: ${id}: ${reason}`);
for (const { cell, right, runs, isFlipping } of joined)
  if (isFlipping) console.log(`flips: ${cell.id} is right in ${right} of ${runs.length} runs`);
console.log(
  `\n${joined.length - wrong.length} of ${joined.length} cells are right, ${skipped.length} skipped; ${results.length} runs in ${seconds.toFixed(0)} s`,
);
if (leftOut > 0) console.log(`stopped: ${leftOut} runs were not made`);
if (flags.json !== undefined)
  writeFileSync(flags.json, `${JSON.stringify({ results, skipped, missing, seconds }, null, 2)}\n`);
if (wrong.length === 0 && flags.keep === undefined) rmSync(folder, { recursive: true });
process.exitCode = wrong.length > 0 || leftOut > 0 || (isWhole && missing.length > 0) ? 1 : 0;
