#!/usr/bin/env node
// Writes docs/scenarios.md from scenarios/*.yaml. `--check` writes nothing and exits 1 when it is stale.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const FOLDER = new URL('../scenarios/', import.meta.url);
const PAGE = new URL('../docs/scenarios.md', import.meta.url);
const DEFAULT_ORDER = 50;

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const own = new Map(files.map((name) => [name, parse(readFileSync(new URL(name, FOLDER), 'utf8'))]));

/** A key of a scenario, its own or that of the one it extends. */
function keyOf(name, key) {
  const scenario = own.get(name);
  if (scenario === undefined) throw new Error(`scenarios/${name} is extended and does not exist`);
  return scenario[key] ?? (scenario.extends === undefined ? undefined : keyOf(scenario.extends, key));
}

const scenarios = files
  .map((name) => ({
    name: own.get(name).scenario,
    file: name,
    about: own.get(name).about?.replace(/\s+/g, ' ').trim(),
    tags: own.get(name).tags ?? [],
    order: keyOf(name, 'order') ?? DEFAULT_ORDER,
    extends: own.get(name).extends,
    faults: keyOf(name, 'faults') ?? [],
    needs: keyOf(name, 'needs') ?? [],
    asks: Object.entries(keyOf(name, 'parameters') ?? {}).flatMap(([parameter, { default: value }]) =>
      value === undefined ? parameter : [],
    ),
  }))
  .sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));

for (const { file, about, tags } of scenarios) {
  if (about === undefined || tags.length === 0)
    throw new Error(`scenarios/${file} needs \`about\` and \`tags\``);
}

const tags = [...new Set(scenarios.flatMap((scenario) => scenario.tags))].sort();
const page = `# The shipped scenarios

Generated from \`scenarios/*.yaml\` by \`node scripts/generate-scenarios.mjs\`; in the order in which a suite runs them. They need a
bot file and a recording of a dialogue with that bot (\`sendtwice init\` writes both), and break no bot that is well made: each
expects no finding. P and R numbers are those of the causes in [causes.md](causes.md). Where a bot or recording does not have what
one [needs](files.md#several-scenarios-latest-suitejson), a suite passes it over; so it does where a parameter that must be given
is not, in [the bot file](files.md#scenario-building-on-others) or by \`--set\`.

Tags: ${tags.map((tag) => `\`${tag}\``).join(', ')}.

${scenarios.map(entry).join('\n\n')}
`;

function entry({ name, file, about, tags: own, extends: base, faults, needs, asks }) {
  const points = [...new Set(faults.map(({ on }) => on).filter((on) => on !== undefined))];
  const facts = [
    own.map((tag) => `\`${tag}\``).join(' '),
    ...(base === undefined ? [] : [`extends [${base.replace('.yaml', '')}](#${base.replace('.yaml', '')})`]),
    points.length === 0 && base === undefined
      ? 'no faults'
      : points.length === 0
        ? ''
        : `faults on ${points.map((point) => `\`${point}\``).join(', ')}`,
    needs.length === 0 ? '' : `needs ${needs.join(', ')}`,
    asks.length === 0 ? '' : `must be given ${asks.map((one) => `\`${one}\``).join(', ')}`,
  ];
  return `## ${name}\n\n${about}\n\n[${file}](../scenarios/${file}) · ${facts.filter((fact) => fact !== '').join(' · ')}`;
}

if (process.argv.includes('--check')) {
  if (readIfThere(PAGE) !== page) {
    console.error('docs/scenarios.md: stale. Run: node scripts/generate-scenarios.mjs');
    process.exitCode = 1;
  }
} else writeFileSync(PAGE, page);

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
