import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/report/summary.js';
import { type Outcome, Workplace } from './cli.js';

describe('sendtwice demo', () => {
  const place = new Workplace();
  let outcome: Outcome;
  let faulty: Summary;
  let repaired: Summary;
  beforeAll(async () => {
    outcome = await place.sendtwice('demo', '--seed', 'promise');
    const summaries = place
      .runs()
      .map((run) => JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary);
    const of = (bot: string) => summaries.find(({ environment }) => environment.bot === bot);
    faulty = of('the faulty bot') as Summary;
    repaired = of('the repaired bot') as Summary;
  }, 120_000);
  afterAll(() => place.remove());

  it('keeps its promise', () => {
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('One of them in full');
  });

  it('finds what each bug of the faulty bot does, and why', () => {
    expect(faulty.verdict).toBe('fail');
    const found = new Set(
      faulty.findings.map(({ kind, cause }) => `${kind.replace('keyboard', 'reply')}: ${cause}`),
    );
    expect([...found]).toEqual(
      expect.arrayContaining([
        'duplicate-reply: double-tap',
        'duplicate-reply: lost-acknowledgement',
        'duplicate-reply: redelivery-while-running',
        'lost-state: restart',
      ]),
    );
    expect(faulty.findings.filter(({ cause }) => cause === 'unknown')).toEqual([]);
  });

  it('finds nothing in the repaired bot, and every fault has hit it', () => {
    expect(repaired.findings).toEqual([]);
    expect(repaired.verdict).toBe('pass');
    expect(repaired.faults.filter(({ hits }) => hits === 0)).toEqual([]);
  });
});
