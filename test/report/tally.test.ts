import { describe, expect, it } from 'vitest';
import { tally } from '../../src/report/tally.js';

const twice = { kind: 'duplicate-reply', cause: 'redelivery' };
const lost = { kind: 'lost-state', cause: 'race' };

describe('tally', () => {
  it('counts a run once, however often it shows the same, and keeps its seed', () => {
    const rows = tally([
      { seed: 's-1', findings: [lost, twice, twice] },
      { seed: 's-2', findings: [] },
      { seed: 's-3', findings: [twice] },
    ]);
    expect(rows).toEqual([
      { kind: 'duplicate-reply', cause: 'redelivery', findings: 3, k: 2, n: 3, seeds: ['s-1', 's-3'] },
      { kind: 'lost-state', cause: 'race', findings: 1, k: 1, n: 3, seeds: ['s-1'] },
    ]);
  });

  it('keeps the causes of one kind apart', () => {
    const rows = tally([{ seed: 's', findings: [twice, { kind: 'duplicate-reply', cause: 'race' }] }]);
    expect(rows.map(({ cause }) => cause)).toEqual(['redelivery', 'race']);
  });

  it('of runs without findings, or of no runs, is empty', () => {
    expect(tally([{ seed: 's', findings: [] }])).toEqual([]);
    expect(tally([])).toEqual([]);
  });
});
