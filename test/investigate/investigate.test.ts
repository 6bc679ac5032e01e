import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chanceOfFewer } from '../../src/investigate/fisher.js';
import { scenarioYaml, writeReproducer } from '../../src/investigate/reproducer.js';
import { Budget, type Runner } from '../../src/investigate/runner.js';
import { shrink } from '../../src/investigate/shrink.js';
import { type Need, why } from '../../src/investigate/why.js';
import { defineBot, defineScenario, loadScenario, type Scenario } from '../../src/scenario/load.js';

import type { RunFacts } from '../../src/scenario/run-file.js';

const work = mkdtempSync(join(tmpdir(), 'sendtwice-investigate-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const scenario = loadScenario(resolve(import.meta.dirname, '../../scenarios/demo.yaml'));
const facts = { scenario, bot: {}, seed: 'x' } as unknown as RunFacts;
const budget = (maxRuns = 500, signal = new AbortController().signal) =>
  new Budget({ signal, maxRuns, limitMs: 60_000 });

/** A play that is a pure function of scenario and seed. */
const fake =
  (finds: (scenario: Scenario, seed: string) => readonly object[]): Runner =>
  async ({ scenario: played, seed }) =>
    ({ summary: { outcome: 'completed', findings: finds(played, seed) } }) as never;

const has = (played: Scenario, name: string): boolean => played.faults.some((fault) => fault.name === name);
const found = { kind: 'duplicate-reply', cause: 'double-tap' };

const suspects = scenario.faults.map(({ name }) => ({
  name: `fault ${name}`,
  explain: '',
  without: (played: Scenario) => ({ ...played, faults: played.faults.filter((one) => one.name !== name) }),
}));

describe('why', () => {
  const needs = async (run: Runner, runs = 10): Promise<Record<string, Need>> => {
    const { removed } = await why({ run, facts, signature: found, suspects, runs, budget: budget() });
    return Object.fromEntries(removed.map(({ without, need }) => [without.join('+'), need]));
  };

  it('tells what is needed from what is not', async () => {
    const all = await needs(fake((played) => (has(played, 'double-tap') ? [found] : [])));
    expect(all['fault double-tap']).toBe('needed');
    expect(all['fault restart']).toBe('not needed');
  });

  it('tries pairs when either of two is enough', async () => {
    const all = await needs(fake((s) => (has(s, 'double-tap') || has(s, 'restart') ? [found] : [])));
    expect(all['fault double-tap']).toBe('not needed');
    expect(all['fault double-tap+fault restart']).toBe('needed');
  });

  it('cannot tell when the original is rare', async () => {
    const all = await needs(fake((s, seed) => (seed === 'x' && has(s, 'double-tap') ? [found] : [])));
    expect(all['fault double-tap']).toBe('cannot tell');
  });

  it('keeps what it has when it is stopped', async () => {
    const run = fake(() => [found]);
    const result = await why({ run, facts, signature: found, suspects, runs: 10, budget: budget(15) });
    expect(result).toMatchObject({ stopped: 'runs', original: { k: 10, n: 10 } });
    expect(result.removed).toHaveLength(1);
    expect(result.removed[0]?.n).toBe(5);
  });

  it('makes several runs at once, with the same seeds, and never more than it may', async () => {
    const seeds: string[] = [];
    let now = 0;
    let most = 0;
    const run: Runner = async (played, signal) => {
      seeds.push(played.seed);
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setTimeout(done, 2));
      now -= 1;
      return fake(() => [found])(played, signal);
    };
    const allowed = budget(5);
    const result = await why({
      run,
      facts,
      signature: found,
      suspects: [],
      runs: 10,
      jobs: 3,
      budget: allowed,
    });
    expect(result).toMatchObject({ original: { k: 5, n: 5 }, stopped: 'runs' });
    expect({ seeds, most }).toEqual({ seeds: ['x', 'x-1', 'x-2', 'x-3', 'x-4'], most: 3 });
  });

  it('judges shares by Fisher’s exact test', () => {
    expect(chanceOfFewer({ k: 3, n: 3 }, { k: 0, n: 3 })).toBeCloseTo(0.05, 10);
    expect(chanceOfFewer({ k: 5, n: 10 }, { k: 5, n: 10 })).toBeGreaterThan(0.5);
  });
});

/** What the first person of a recording said or tapped. */
function acts(played: Scenario): string[] {
  const updates = readFileSync(played.play.recording ?? '', 'utf8')
    .split('\n')
    .filter((line) => line.includes('"type":"update"'))
    .map((line) => JSON.parse(line).update);
  const personOf = (update: {
    message?: { from: { id: number } };
    callback_query?: { from: { id: number } };
  }) => (update.message ?? update.callback_query)?.from.id;
  return updates
    .filter((update) => personOf(update) === personOf(updates[0]))
    .map((update) => update.message?.text ?? update.callback_query?.data);
}

describe('shrink', () => {
  const signature = { ...found, step: 2 };
  const base = { facts, session: 's1', runs: 1, need: 1, work };
  /** The finding is at the tap on menu:order, which needs the /start before it. */
  const bug = (played: Scenario): object[] => {
    const at = acts(played).indexOf('menu:order');
    return at > 0 && has(played, 'double-tap') ? [{ ...found, session: 's1', step: at + 1 }] : [];
  };

  it('cuts users, sessions, steps, faults and delays, and is minimal', async () => {
    const { best, shown, stopped } = await shrink({ ...base, run: fake(bug), signature, budget: budget() });
    expect({ shown, stopped, users: best.users }).toEqual({ shown: true, stopped: undefined, users: 1 });
    expect(best.acts.map(({ step }) => step)).toEqual([1, 2]);
    expect(best.faults).toMatchObject([{ name: 'double-tap', times: 1 }]);
  });

  it('does not slip to another bug, nor to another step', async () => {
    const other = { kind: 'duplicate-reply', cause: 'restart', session: 's1', step: 2 };
    const run = fake((played) =>
      has(played, 'slow-mongo')
        ? [{ ...found, session: 's1', step: 2 }]
        : [other, { ...found, session: 's1', step: 1 }],
    );
    const { best } = await shrink({ ...base, run, signature, budget: budget() });
    expect(best.faults.map(({ name }) => name)).toEqual(['slow-mongo']);
    expect(best.acts.some(({ step }) => step === 2)).toBe(true);
  });

  it('keeps the best so far at the limit and at ctrl-C', async () => {
    const run = fake(() => [{ ...found, session: 's1', step: 2 }]);
    const limited = await shrink({ ...base, run, signature, budget: budget(3) });
    expect(limited).toMatchObject({ shown: true, stopped: 'runs', runs: 3 });
    const abort = new AbortController();
    let runs = 0;
    const stopping: Runner = async (...all) => {
      runs += 1;
      if (runs === 3) abort.abort();
      return run(...all);
    };
    const stopped = await shrink({ ...base, run: stopping, signature, budget: budget(500, abort.signal) });
    expect(stopped).toMatchObject({ shown: true, stopped: 'interrupted', best: { users: 1 } });
  });

  it('takes m of k runs for a racy bot', async () => {
    const run = fake((_, seed) => (seed === 'x-1' ? [] : [{ ...found, session: 's1', step: 2 }]));
    const racy = { ...base, run, signature, runs: 3 };
    expect((await shrink({ ...racy, need: 2, budget: budget() })).shown).toBe(true);
    expect((await shrink({ ...racy, need: 3, budget: budget() })).shown).toBe(false);
  });
});

it('writes a test that asks for the same step as the shrinker', async () => {
  const signature = { ...found, step: 2 };
  const at = (step: number) => ({ ...found, session: 's1', step });
  const run = fake((played) =>
    acts(played).includes('menu:order') ? [at(acts(played).indexOf('menu:order') + 1)] : [],
  );
  const base = { facts, session: 's1', runs: 1, need: 1, work };
  // Without the /start before it, the second step is the first one of what is left.
  const shrunk = await shrink({ ...base, run, signature, budget: budget() });
  expect(shrunk.best.acts.map(({ step }) => step)).toEqual([2]);
  const bot = { ...defineBot({ command: 'node bot.js' }), path: 'nowhere' };
  const written = await writeReproducer(join(work, 'repro'), { ...facts, bot }, shrunk, signature, {
    session: 's1',
    tries: 1,
    need: 1,
  });
  const text = readFileSync(join(work, 'repro/repro.test.ts'), 'utf8');
  expect(text).toContain('const PLACES = ["s1/1"];');
  expect(text).toContain('PLACES.includes(`${session}/${step}`)');
  const ran = (...findings: object[]) => ({ summary: { findings } }) as never;
  expect(written.shows(ran(at(1)))).toBe(true);
  expect(written.shows(ran(at(2)))).toBe(false);
  expect(written.shows(ran({ ...at(1), cause: 'restart' }))).toBe(false);
});

it('writes a loaded scenario so that it can be loaded again', async () => {
  const { writeFileSync } = await import('node:fs');
  const path = join(work, 'again.yaml');
  writeFileSync(path, scenarioYaml(scenario));
  expect({ ...loadScenario(path), path: '' }).toEqual({ ...scenario, path: '' });
});

describe('shrink of steps that were written by hand', () => {
  const written = defineScenario({
    scenario: 'written',
    play: {
      users: 4,
      steps: [{ say: '/start' }, { wait: '1s' }, { say: 'a' }, { expect: 'A' }, { say: 'b' }, { tap: 'c' }],
    },
    faults: [
      { name: 'late', on: 'delivery', match: { step: 4 }, effect: 'duplicate' },
      { name: 'other', on: 'delivery', match: { step: 2 }, effect: 'duplicate' },
    ],
  });
  const base = { facts: { ...facts, scenario: written }, session: 's1', runs: 1, need: 1, work };

  it('cuts them, an expect with its step, and lets faults follow their step', async () => {
    /** At the tap on c, which needs what was said before it and the fault that hits it. */
    const run = fake(({ play: { steps = [] }, faults }) => {
      const acts = steps.filter((step) => step.wait === undefined && Object.keys(step).join() !== 'expect');
      const at = acts.findIndex(({ tap }) => tap === 'c');
      const isHit = faults.some(
        (fault) => fault.name === 'late' && JSON.stringify(fault).includes(`"step":${at + 1}`),
      );
      const needed = acts.some(({ say }) => say === 'a') && at > 0 && isHit;
      return needed ? [{ ...found, session: 's1', step: at + 1 }] : [];
    });
    const { best, material } = await shrink({
      ...base,
      run,
      signature: { ...found, step: 4 },
      budget: budget(),
    });
    expect(best.users).toBe(1);
    expect(best.faults.map(({ name }) => name)).toEqual(['late']);
    expect(material.play(best.acts, '')).toEqual({ steps: [{ say: 'a' }, { expect: 'A' }, { tap: 'c' }] });
    expect(material.recording(best.acts)).toBeUndefined();
  });

  it('leaves those that play parts of a recording as they are', async () => {
    const mixed = {
      ...written,
      play: {
        ...written.play,
        recording: scenario.play.recording ?? '',
        steps: [{ say: 'a' }, { recorded: '1-2' }],
      },
    };
    const run = fake(({ faults }) => (faults.length === 2 ? [] : [{ ...found, session: 's2', step: 3 }]));
    const shrunk = await shrink({
      ...base,
      facts: { ...facts, scenario: { ...mixed, faults: mixed.faults.slice(0, 1) } },
      session: 's2',
      run,
      signature: { ...found, step: 3 },
      budget: budget(),
    });
    expect(shrunk.best).toMatchObject({ users: 1, faults: [] });
    expect(shrunk.material.play(shrunk.best.acts, '').steps).toHaveLength(2);
  });
});
