import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/load.js';
import { selected } from '../../src/suite/select.js';
import { exitCodeOfSuite, notPassed, type SuiteRun, suiteOf, writeSuite } from '../../src/suite/suite.js';
import { suiteTable } from '../../src/suite/table.js';

const plain = (text: string): string => text;
const STYLE = { good: plain, bad: plain, warn: plain, strong: plain, faint: plain };

const scenario = (name: string, order = 50, tags: readonly string[] = []): Scenario =>
  ({ scenario: name, order, tags }) as unknown as Scenario;
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

  it('is a table, with k of N for repeated runs', () => {
    const twice = [{ kind: 'duplicate-reply', cause: 'double-tap', count: 3 }];
    const table = suiteTable(
      suiteOf({ ...FACTS, planned: 5 }, [
        run('smoke', 'pass'),
        run('double-tap', 'fail', { findings: twice, seed: '1' }),
        run('double-tap', 'pass', { seed: '2' }),
        run('away', 'inconclusive', { reasons: ['The fault x (on: mongo) never hit.'] }),
      ]),
      STYLE,
    );
    expect(table.split('\n')).toEqual([
      '  smoke       PASS                2 s  ',
      '  double-tap  FAIL                4 s  duplicate-reply: double-tap in 1 of 2',
      '  away        INCONCLUSIVE        2 s  The fault x (on: mongo) never hit.',
      'FAIL  4 runs, 1 of 5 runs were not made',
      '',
    ]);
  });
});
