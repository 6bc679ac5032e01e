import { expect, it } from 'vitest';
import { databaseOf } from '../../src/scenario/run-database.js';

it('each run has a database of its own, however long the name of its scenario is', () => {
  const first = databaseOf('2026-11-30T00-41-19-applied-unacknowledged-standalone');
  const second = databaseOf('2026-11-30T00-41-19-applied-unacknowledged-standalone-2');
  expect(first).not.toBe(second);
  for (const name of [first, second]) {
    expect(name.length).toBeLessThanOrEqual(63);
    expect(name).toMatch(/^sendtwice-2026-11-30T00-41-19-applied-un[\w-]+$/);
  }
  expect(databaseOf('2026-11-30T00-41-19-smoke')).toBe('sendtwice-2026-11-30T00-41-19-smoke');
});
