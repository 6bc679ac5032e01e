#!/usr/bin/env node
/**
 * Measures how well calls and commands are attributed to what caused them when a bot passes no traceparent on: plays
 * bots that do (test/bots/traced), keeps what they pass on as the truth, takes it out, and attributes again.
 *
 *   npm run attribution -- [--only PATTERN] [--seed SEED] [--users N] [--keep FOLDER] [--write]
 *
 * --write: writes docs/data/attribution.json, from which docs/causes.md has its table. --keep: writes the histories
 * here, without what attribution does not look at (the test's are made so: --users 6 --keep test/checkers/histories).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { rateOfAttribution } from '../dist/checkers/attribution-rate.js';
import { defineBot, defineScenario, play } from '../dist/index.js';
import { PLAYS } from './attribution/plays.mjs';
import { crowded, inGroups } from './attribution/recordings.mjs';

const DATA = new URL('../docs/data/attribution.json', import.meta.url);
const LOOKED_AT =
  /^(run\.|play\.|user\.|action|step\.|update\.|delivery\.|call\.|command\.|fault\.hit|bot\.(started|exited))/;

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: 'attribution' },
    users: { type: 'string' },
    keep: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'sendtwice-attribution-'));
const results = [];
try {
  for (const each of PLAYS.filter(({ name }) => new RegExp(flags.only).test(name))) {
    const events = await historyOf(each);
    if (flags.keep !== undefined) keep(each.name, events);
    const rates = rateOfAttribution(events);
    results.push({ name: each.name, about: each.about, ...rates });
    console.log(lineOf(each.name, rates));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const kind of ['calls', 'commands']) {
  for (const by of ['byStrength', 'byRule']) {
    console.log(`\n${kind}, ${by === 'byRule' ? 'by rule' : 'by strength'}`);
    for (const [name, share] of Object.entries(summedUp(results, kind, by)))
      console.log(
        `  ${name.padEnd(24)} ${String(share.n).padStart(6)}  update ${percent(share.update, share.n)}  attempt ${percent(share.attempt, share.n)}`,
      );
  }
}
if (flags.write) {
  const data = {
    note: 'Written by `npm run attribution -- --write`.',
    plays: results.map(({ name, about, calls, commands }) => ({
      name,
      about,
      calls: short(calls),
      commands: short(commands),
    })),
    calls: summedUp(results, 'calls', 'byStrength'),
    commands: summedUp(results, 'commands', 'byStrength'),
  };
  mkdirSync(new URL('.', DATA), { recursive: true });
  writeFileSync(DATA, `${JSON.stringify(data, null, 2)}\n`);
}

async function historyOf({ name, bot, play: how, faults = [], groups, copies }) {
  const users = how.pace === 'timeline' ? {} : { users: Number(flags.users ?? how.users) };
  const recording = join(folder, `${name}.jsonl`);
  const text = readFileSync(how.recording, 'utf8');
  writeFileSync(
    recording,
    groups ? inGroups(text) : copies ? crowded(text, Number(flags.users ?? copies)) : text,
  );
  const { folder: run, error } = await play({
    scenario: defineScenario({ scenario: name, play: { ...how, ...users, recording, settle: '1s' }, faults }),
    bot: defineBot(bot),
    seed: flags.seed,
    out: join(folder, 'runs'),
  });
  if (error !== undefined) throw error;
  return readFileSync(join(run, 'history.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function keep(name, events) {
  mkdirSync(flags.keep, { recursive: true });
  const lines = events.filter(({ type }) => LOOKED_AT.test(type)).map((event) => JSON.stringify(event));
  writeFileSync(join(flags.keep, `${name}.jsonl.gz`), gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
}

function summedUp(all, kind, by) {
  const sums = {};
  for (const result of all) {
    for (const [name, share] of Object.entries(result[kind][by])) {
      sums[name] ??= { n: 0, update: 0, attempt: 0 };
      const sum = sums[name];
      for (const key of Object.keys(sum)) sum[key] += share[key];
    }
  }
  return sums;
}

function short({ n, update, attempt, missed }) {
  return { n, update, attempt, missed };
}

function percent(part, whole) {
  return whole === 0 ? '     -' : `${((100 * part) / whole).toFixed(1).padStart(5)} %`;
}

function lineOf(name, { calls, commands }) {
  const one = (what, { n, update, attempt, missed }) =>
    `${what} ${String(n).padStart(5)}: update ${percent(update, n)}, attempt ${percent(attempt, n)}, missed ${missed}`;
  return `${name.padEnd(16)} ${one('calls', calls)}   ${one('commands', commands)}`;
}
