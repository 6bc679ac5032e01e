import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import type { Summary } from '../../src/report/summary.js';
import { defineBot, defineScenario, type Scenario } from '../../src/scenario/load.js';
import { type Plan, plansOf, type Ran, runSuite, type SuiteOptions } from '../../src/suite/run-suite.js';
import { type Suite, suiteSchema } from '../../src/suite/suite.js';

const RECORDING = resolve(import.meta.dirname, '../../recordings/order-dialogue.jsonl');
const bot = defineBot({ bot: 'bot', command: 'node bot.js', env: { MONGO: '${mongo.uri}' } });

const scenario = (name: string, more: Partial<Parameters<typeof defineScenario>[0]> = {}): Scenario =>
  defineScenario({ scenario: name, play: { recording: RECORDING }, ...more });

const out = mkdtempSync(join(tmpdir(), 'sendtwice-suite-'));
afterAll(() => rmSync(out, { recursive: true }));
const written = (): Suite =>
  suiteSchema.parse(JSON.parse(readFileSync(join(out, 'latest-suite.json'), 'utf8')));

/** What a run comes to that is not played. */
function ran(
  plan: Plan,
  verdict: Summary['verdict'],
  outcome: Summary['outcome'],
  facts: { readonly commands?: number; readonly getUpdates?: number } = {},
): Ran {
  const summary = {
    scenario: plan.scenario.scenario,
    seed: plan.seed ?? 'random',
    verdict,
    outcome,
    durationMs: 1,
    reasons: [],
    findings: [],
    mongo: { commands: facts.commands ?? 1 },
    counts: { callsByMethod: { sendMessage: 3, getUpdates: facts.getUpdates ?? 0 } },
  };
  return { summary: summary as unknown as Summary, folder: `runs/${plan.name}` };
}

describe('the runs of a suite', () => {
  let begun: string[] = [];
  let ended: string[] = [];
  beforeEach(() => {
    begun = [];
    ended = [];
  });

  const suite = (
    scenarios: readonly Scenario[],
    play: SuiteOptions['play'],
    more: Partial<SuiteOptions> = {},
  ): Promise<Suite> =>
    runSuite({
      bot,
      plans: plansOf(scenarios, 1, 'x'),
      out,
      jobs: 1,
      bail: false,
      signal: new AbortController().signal,
      check: async () => {},
      play: (plan, signal) => {
        begun.push(plan.name);
        return play(plan, signal);
      },
      onRan: (_, { name }) => {
        ended.push(name);
      },
      ...more,
    });

  it('go on at once, are told as they end and kept as planned', async () => {
    const delays: Record<string, number> = { a: 60, b: 1, c: 1 };
    const result = await suite(
      [scenario('a'), scenario('b'), scenario('c')],
      async (plan) => {
        await sleep(delays[plan.name] ?? 0);
        return ran(plan, 'pass', 'completed');
      },
      { jobs: 2 },
    );
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(ended).toEqual(['b', 'c', 'a']);
    expect(result.runs.map((run) => run.scenario)).toEqual(['a', 'b', 'c']);
    expect(written()).toEqual(result);
  });

  it('are stopped by a failing one with bail, and those are not failed', async () => {
    const result = await suite(
      [scenario('bad'), scenario('long'), scenario('never')],
      async (plan, signal) => {
        if (plan.name === 'bad') return ran(plan, 'fail', 'completed');
        await new Promise((done) => signal.addEventListener('abort', done));
        return ran(plan, 'fail', 'interrupted');
      },
      { jobs: 2, bail: true },
    );
    expect(begun).toEqual(['bad', 'long']);
    expect(result).toMatchObject({ verdict: 'fail', planned: 3, findings: [] });
    expect(written().runs.map((run) => `${run.scenario} ${run.outcome}`)).toEqual([
      'bad completed',
      'long interrupted',
    ]);
  });

  it('keep what was done when somebody stops them', async () => {
    const abort = new AbortController();
    const result = await suite(
      [scenario('a'), scenario('b'), scenario('c')],
      async (plan) => {
        if (plan.name === 'b') abort.abort();
        return ran(plan, 'pass', plan.name === 'b' ? 'interrupted' : 'completed');
      },
      { signal: abort.signal },
    );
    expect(begun).toEqual(['a', 'b']);
    expect(result).toMatchObject({ verdict: 'inconclusive', planned: 3 });
    expect(written().runs).toHaveLength(2);
  });

  it('end with the error of one that could not be run, when the others have stopped', async () => {
    const all = suite(
      [scenario('broken'), scenario('long')],
      async (plan, signal) => {
        if (plan.name === 'broken') throw new SendtwiceError('file/unreadable', 'no room');
        await new Promise((done) => signal.addEventListener('abort', done));
        return ran(plan, 'inconclusive', 'interrupted');
      },
      { jobs: 2 },
    );
    await expect(all).rejects.toThrow('no room');
    expect(ended).toEqual(['long']);
  });

  it('look at everything before the first one, but for what is passed over', async () => {
    const checked: string[] = [];
    const elsewhere = defineBot({ webhook: { url: 'http://127.0.0.1:8080/' } });
    await suite(
      [scenario('a'), scenario('restart', { needs: ['process'] })],
      async (plan) => {
        expect(checked).toEqual(['a']);
        return ran(plan, 'pass', 'completed');
      },
      { bot: elsewhere, check: async ({ scenario: name }) => void checked.push(name) },
    );
    expect(begun).toEqual(['a']);
  });

  it('tell which were picked and could not be planned', async () => {
    const lacking = [{ scenario: 'notify', reason: 'needs the parameter `path`' }];
    const result = await suite([scenario('smoke')], async (plan) => ran(plan, 'pass', 'completed'), {
      lacking,
    });
    expect(result).toMatchObject({ verdict: 'pass', planned: 1, notApplicable: lacking });
    expect((await suite([], async (plan) => ran(plan, 'pass', 'completed'), { lacking })).verdict).toBe(
      'inconclusive',
    );
  });

  describe('learn from one in which nothing is broken', () => {
    const slow = scenario('slow-mongo', { needs: ['mongo'], faults: [{ on: 'mongo', delay: '1s' }] });
    const lost = scenario('lost', {
      needs: ['webhook'],
      faults: [{ on: 'delivery', effect: 'lose-acknowledgement' }],
    });

    it('what cannot be said about this bot', async () => {
      const result = await suite([slow, lost, scenario('smoke')], async (plan) =>
        ran(plan, 'pass', 'completed', { commands: 0, getUpdates: 7 }),
      );
      expect(begun).toEqual(['smoke']);
      expect(result).toMatchObject({
        verdict: 'pass',
        planned: 1,
        notApplicable: [
          { scenario: 'slow-mongo', reason: 'the bot asks nothing of MongoDB at ${mongo.uri}' },
          { scenario: 'lost', reason: 'the bot gets its updates by polling' },
        ],
      });
      expect(written()).toEqual(result);
    });

    it('unless it was cut short: then everything is tried', async () => {
      const result = await suite([scenario('smoke'), slow], async (plan) =>
        ran(plan, 'inconclusive', 'failed', { commands: 0 }),
      );
      expect(begun).toEqual(['smoke', 'slow-mongo']);
      expect(result.notApplicable).toEqual([]);
    });

    it('before all others, also with several jobs', async () => {
      await suite(
        [slow, scenario('smoke')],
        async (plan) => {
          await sleep(1);
          return ran(plan, 'pass', 'completed');
        },
        { jobs: 4 },
      );
      expect(begun).toEqual(['smoke', 'slow-mongo']);
    });
  });

  it('have seeds of their own when they are repeated', () => {
    expect(plansOf([scenario('a')], 3, 'x').map(({ seed, name }) => `${name}: ${seed}`)).toEqual([
      'a 1: x-1',
      'a 2: x-2',
      'a 3: x-3',
    ]);
    const [one, two] = plansOf([scenario('a')], 2, undefined);
    expect(one?.seed).toMatch(/^[0-9a-f]{8}-1$/);
    expect(two?.seed).not.toBe(one?.seed);
    expect(plansOf([scenario('a')], 1, undefined)[0]?.seed).toBeUndefined();
  });
});
