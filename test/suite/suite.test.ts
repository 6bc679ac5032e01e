import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/load.js';
import { selected } from '../../src/suite/select.js';
import {
  exitCodeOfSuite,
  notPassed,
  type SuiteRun,
  suiteOf,
  suiteSchema,
  writeSuite,
} from '../../src/suite/suite.js';
import { suiteTable } from '../../src/suite/table.js';

const plain = (text: string): string => text;
const STYLE = { good: plain, bad: plain, warn: plain, strong: plain, faint: plain };

const scenario = (name: string, order = 50, tags: readonly string[] = []): Scenario =>
  ({ path: `/scenarios/${name}.yaml`, scenario: name, order, tags }) as unknown as Scenario;
const run = (name: string, verdict: SuiteRun['verdict'], more: Partial<SuiteRun> = {}): SuiteRun => ({
  scenario: name,
  seed: '1',
  verdict,
  outcome: 'completed',
  durationMs: 2000,
  findings: [],
  reasons: [],
  folder: 'runs/x',
  ...more,
});
const FACTS = { startedAt: '2026-01-01T00:00:00.000Z', bot: 'bot' };

describe('which scenarios run', () => {
  const all = [scenario('b', 50, ['mongo']), scenario('a', 50, ['people']), scenario('smoke', 0, ['quick'])];
  const names = (selection: Parameters<typeof selected>[1]): string[] =>
    selected(all, selection).map(({ scenario: name }) => name);

  it('is by order and name', () => expect(names({})).toEqual(['smoke', 'a', 'b']));
  it('is by name or tag', () => {
    expect(names({ grep: '^(a|QUICK)$' })).toEqual(['smoke', 'a']);
    expect(names({ tags: ['mongo', 'people'] })).toEqual(['a', 'b']);
    expect(names({ only: new Set(['b']) })).toEqual(['b']);
  });
  it('leaves out what no bot can pass, unless it is asked for', () => {
    const shown = scenario('shown', 10, ['demonstration']);
    const chosen = (selection: Parameters<typeof selected>[1], list = [shown, ...all]): string[] =>
      selected(list, selection).map(({ scenario: name }) => name);
    expect(chosen({})).toEqual(['smoke', 'a', 'b']);
    expect(chosen({}, [shown])).toEqual(['shown']);
    expect(chosen({ tags: ['demonstration'] })).toEqual(['shown']);
    expect(chosen({ grep: 'shown|smoke' })).toEqual(['smoke', 'shown']);
    expect(chosen({ only: new Set(['shown']) })).toEqual(['shown']);
    expect(chosen({ named: new Set(['/scenarios/shown.yaml', '/scenarios/a.yaml']) })).toContain('shown');
    expect(chosen({ named: new Set(['/scenarios/a.yaml']) })).not.toContain('shown');
  });
  it('is told when none is left', () => {
    expect(() => names({ grep: 'x' })).toThrow('No scenario is left to run');
    expect(() => names({ grep: '(' })).toThrow('--grep is no regular expression: (');
  });
});

describe('what a suite comes to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-suite-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    { runs: [run('a', 'pass'), run('b', 'pass')], planned: 2, code: 0 },
    { runs: [run('a', 'inconclusive'), run('b', 'fail')], planned: 2, code: 1 },
    { runs: [run('a', 'pass'), run('b', 'inconclusive')], planned: 2, code: 3 },
    { runs: [run('a', 'pass')], planned: 2, code: 3 },
    { runs: [run('a', 'fail', { outcome: 'interrupted' })], planned: 1, code: 3 },
    { runs: [run('a', 'pass', { outcome: 'failed' })], planned: 1, code: 3 },
    { runs: [], planned: 0, code: 3 },
  ])('exit code $code for $runs', ({ runs, planned, code }) => {
    expect(exitCodeOfSuite(suiteOf({ ...FACTS, planned }, runs))).toBe(code);
  });

  it('remembers what did not pass', () => {
    writeSuite(
      folder,
      suiteOf({ ...FACTS, planned: 3 }, [run('a', 'pass'), run('b', 'fail'), run('c', 'inconclusive')]),
    );
    expect([...notPassed(folder)]).toEqual(['b', 'c']);
    writeSuite(folder, suiteOf({ ...FACTS, planned: 1 }, [run('a', 'pass')]));
    expect(() => notPassed(folder)).toThrow('all scenarios of the last suite passed');
    writeFileSync(join(folder, 'latest-suite.json'), '{"format":"other"}');
    expect(() => notPassed(folder)).toThrow(/^Cannot read /);
    expect(() => notPassed(join(folder, 'nowhere'))).toThrow('does not exist');
  });

  it('counts over the runs that went to their end', () => {
    const twice = [{ kind: 'duplicate-reply', cause: 'double-tap', count: 3 }];
    const runs = [
      run('a', 'fail', { findings: twice, seed: 'x-1' }),
      run('a', 'pass', { seed: 'x-2' }),
      run('a', 'fail', { findings: twice, seed: 'x-3' }),
      run('a', 'fail', { findings: twice, seed: 'x-4', outcome: 'interrupted' }),
    ];
    const suite = suiteOf({ ...FACTS, planned: 4 }, runs);
    expect(suite.findings).toEqual([
      { scenario: 'a', kind: 'duplicate-reply', cause: 'double-tap', k: 2, n: 3, seeds: ['x-1', 'x-3'] },
    ]);
    expect(suite.verdict).toBe('fail');
    expect(suiteTable(suite, STYLE)).toContain(
      'duplicate-reply: double-tap in 2 of 3 runs: seeds x-1, x-3; 1 of 4 runs inconclusive',
    );
    expect(suiteSchema.parse(JSON.parse(JSON.stringify(suite)))).toEqual(suite);
  });

  it('is a table, with what can say nothing about this bot', () => {
    const twice = [{ kind: 'duplicate-reply', cause: 'double-tap', count: 3 }];
    const table = suiteTable(
      suiteOf(
        { ...FACTS, planned: 6 },
        [
          run('smoke', 'pass'),
          run('double-tap', 'fail', { findings: twice, seed: '1' }),
          run('double-tap', 'pass', { seed: '2' }),
          run('away', 'inconclusive', { reasons: ['The fault x (on: mongo) never hit.'] }),
          run('cut', 'fail', { findings: twice, outcome: 'interrupted' }),
        ],
        [{ scenario: 'slow-mongo', reason: 'the bot asks nothing of MongoDB' }],
      ),
      STYLE,
    );
    expect(table.split('\n')).toEqual([
      '  smoke       PASS                  2 s  ',
      '  double-tap  FAIL                  4 s  duplicate-reply: double-tap in 1 of 2 runs: seeds 1',
      '  away        INCONCLUSIVE          2 s  The fault x (on: mongo) never hit.',
      '  cut         INCONCLUSIVE          2 s  interrupted; duplicate-reply: double-tap ×3',
      '  slow-mongo  not applicable  the bot asks nothing of MongoDB',
      'FAIL  5 runs, 1 of 6 runs were not made, 1 of the scenarios not applicable to this bot',
      '',
    ]);
  });
});
