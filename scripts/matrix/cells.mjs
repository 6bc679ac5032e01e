/** Reads test/matrix/*.yaml: which bot with which mistake shows what (test/matrix/README.md). */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const ROOT = resolve(import.meta.dirname, '../..');
const MATRIX = join(ROOT, 'test/matrix');
const BOTS = join(ROOT, 'test/bots');
const KNOWN_GAPS = 'known-gaps.yaml';

/** What the matrix must cover: the seven problems, the root causes, and what careful probing shows beside them. */
export const PROBLEMS = [
  ...Array.from({ length: 7 }, (_, index) => `P${index + 1}`),
  ...Array.from({ length: 16 }, (_, index) => `R${index + 1}`),
  'dead-but-200',
  'dead-window',
  'wrong-slot',
  'repeated-update',
  'one-429',
  'silent-write',
  'first-contact-twice',
  'payment-twice',
  'rate-limiter',
  'deploy',
  'commands-per-step',
  'cross-talk',
  'out-of-order',
  'noise',
  'adversarial-delivery',
  'forged',
  'unknown-updates',
];

const variantSchema = z.strictObject({
  env: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
  bot: z.string().optional(),
  scenario: z.string().optional(),
});

const cellSchema = z
  .strictObject({
    cell: z.string().regex(/^[a-z0-9-]+$/),
    bot: z.string(),
    recording: z.string().optional(),
    scenario: z.string(),
    problems: z.array(z.enum(PROBLEMS)).default([]),
    guilty: variantSchema.optional(),
    repaired: variantSchema.optional(),
    innocent: variantSchema.optional(),
    finds: z.array(z.string().regex(/^[a-z-]+: [a-z0-9-]+$/)).default([]),
    breaks: z.array(z.string().regex(/^[a-z_]+(\.[a-z0-9]+)?$/)).default([]),
    also: z.record(z.string(), z.string().min(1)).default({}),
    needs: z.enum(['python']).optional(),
    fast: z.boolean().default(false),
    waits: z.string().min(1).optional(),
    lag: z.string().min(1).optional(),
    seconds: z.int().min(1).max(180).optional(),
  })
  .superRefine((cell, context) => {
    const complain = (message) => context.addIssue({ code: 'custom', message });
    if (cell.innocent === undefined && (cell.guilty === undefined || cell.repaired === undefined))
      complain('needs `guilty` and `repaired`, or `innocent`');
    const shown = cell.finds.length + cell.breaks.length;
    if (cell.guilty !== undefined && shown === 0)
      complain(
        'needs `finds` or `breaks`: what is found with the guilty bot, or which expectation it does not keep',
      );
    if (cell.guilty === undefined && shown > 0) complain('has `finds` or `breaks` but no guilty bot');
  });

const familySchema = z.strictObject({ library: z.string(), cells: z.array(cellSchema).min(1) });

/** A run that lasts longer is wrong. The libraries of Python alone take 15 s to load on a busy machine. */
const SECONDS = 60;
const SECONDS_OF_PYTHON = 120;

const VARIANTS = ['guilty', 'repaired', 'innocent'];

/** Problems that no bot shows yet, with the reason; anything else must be shown. */
export function knownGaps() {
  const gaps = z
    .partialRecord(z.enum(PROBLEMS), z.string().min(1))
    .parse(parse(readFileSync(join(MATRIX, KNOWN_GAPS), 'utf8')) ?? {});
  return new Map(Object.entries(gaps));
}

/** All cells, each variant one. `id` is unique: `grammy/timeout/guilty`. */
export function readCells() {
  const cells = readdirSync(MATRIX)
    .filter((name) => name.endsWith('.yaml') && name !== KNOWN_GAPS)
    .sort()
    .flatMap((name) => {
      const family = familySchema.safeParse(parse(readFileSync(join(MATRIX, name), 'utf8')));
      if (!family.success) throw new Error(`test/matrix/${name}: ${z.prettifyError(family.error)}`);
      return family.data.cells.flatMap((cell) => variantsOf(name.replace('.yaml', ''), family.data, cell));
    });
  const ids = cells.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`test/matrix: ${twice} stands there twice`);
  return cells;
}

function variantsOf(family, { library }, cell) {
  return VARIANTS.flatMap((variant) => {
    const own = cell[variant];
    if (own === undefined) return [];
    return {
      id: `${family}/${cell.cell}/${variant}`,
      family,
      library,
      variant,
      problems: cell.problems,
      bot: join(BOTS, own.bot ?? cell.bot),
      env: own.env,
      recording: cell.recording === undefined ? undefined : join(BOTS, cell.recording),
      scenario: resolve(ROOT, own.scenario ?? cell.scenario),
      finds: variant === 'guilty' ? [...new Set(cell.finds)].sort() : [],
      breaks: variant === 'guilty' ? cell.breaks : [],
      also: variant === 'guilty' ? Object.keys(cell.also) : [],
      needs: cell.needs,
      fast: cell.fast,
      waits: cell.waits,
      lag: cell.lag,
      limitMs: (cell.seconds ?? (cell.needs === 'python' ? SECONDS_OF_PYTHON : SECONDS)) * 1000,
    };
  });
}

/** Does this cell show the problem? What only looks like one (`noise`) is shown by an innocent bot. */
export const shows = ({ variant, problems, waits }, problem) =>
  waits === undefined &&
  problems.includes(problem) &&
  variant === (problem === 'noise' ? 'innocent' : 'guilty');

/** Which problems no bot shows. */
export function uncovered(cells) {
  return PROBLEMS.filter((problem) => !cells.some((cell) => shows(cell, problem)));
}
