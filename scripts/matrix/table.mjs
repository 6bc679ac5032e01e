/** The matrix as text: a line a cell, then what is covered. */
import { knownGaps, PROBLEMS, shows, uncovered } from './cells.mjs';

/** Seeds of one cell joined: how often it was right, and everything that was found. */
export function joinSeeds(cells, results) {
  return cells.flatMap((cell) => {
    const runs = results.filter(({ id }) => id === cell.id);
    if (runs.length === 0) return [];
    const right = runs.filter(({ ok }) => ok).length;
    return { cell, runs, right, isFlipping: right > 0 && right < runs.length };
  });
}

export function tableOf(joined) {
  const guilty = joined.filter(({ cell }) => cell.variant === 'guilty');
  const others = joined.filter(({ cell }) => cell.variant !== 'guilty');
  const lines = ['Guilty bots: what is found', ...guilty.flatMap(linesOf)];
  lines.push('', 'Innocent bots and repaired twins: nothing is found', ...others.flatMap(linesOf));
  return lines.join('\n');
}

function linesOf({ cell, runs, right }) {
  const mark = right === runs.length ? '✓' : '✗';
  const count = runs.length === 1 ? '' : ` ${right} of ${runs.length}`;
  const problems =
    cell.problems.length === 0 || cell.variant !== 'guilty' ? '' : ` (${cell.problems.join(', ')})`;
  const seconds = Math.max(...runs.map(({ ms }) => ms)) / 1000;
  const head = `  ${mark}${count} ${cell.id}${problems}: ${listOf([...(runs.find(({ ok }) => ok)?.found ?? cell.finds), ...cell.breaks])} [${seconds.toFixed(1)} s]`;
  const wrong = runs
    .filter(({ ok }) => !ok)
    .map(
      ({ found, verdict, seed, folder, error }) =>
        `      seed ${seed}: expected ${listOf(cell.finds)}, found ${listOf(found)}, verdict ${verdict}${error === undefined ? '' : ` (${error})`}; see ${folder}`,
    );
  return [head, ...wrong];
}

const listOf = (found) => (found.length === 0 ? 'nothing' : found.join('; '));

export function coverageOf(cells) {
  const missing = uncovered(cells);
  const lines = [
    `Problems with a bot that shows them: ${PROBLEMS.length - missing.length} of ${PROBLEMS.length}`,
  ];
  for (const problem of PROBLEMS) {
    const by = cells.filter((cell) => shows(cell, problem)).map(({ id }) => id.replace(/\/[a-z]+$/, ''));
    if (by.length > 0) lines.push(`  ${problem}: ${by.join(', ')}`);
  }
  const gaps = knownGaps();
  for (const problem of missing)
    lines.push(`  ${problem}: no bot shows it${gaps.has(problem) ? `: ${gaps.get(problem)}` : ''}`);
  const libraries = new Set(cells.map(({ library }) => library));
  for (const library of libraries) {
    const own = cells.filter((cell) => cell.library === library);
    const guilty = own.filter(({ variant }) => variant === 'guilty').length;
    const innocent = own.filter(({ variant }) => variant === 'innocent').length;
    lines.push(`  ${library}: ${guilty} guilty bots with their twins, ${innocent} innocent ones`);
  }
  return { lines, missing: missing.filter((problem) => !gaps.has(problem)) };
}
