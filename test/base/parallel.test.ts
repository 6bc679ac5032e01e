import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inParallel } from '../../src/base/parallel.js';

describe('several at once', () => {
  it('are never more than allowed, and begin in order', async () => {
    const begun: number[] = [];
    let now = 0;
    let most = 0;
    await inParallel([5, 1, 4, 2, 3, 0], 3, async (ms) => {
      begun.push(ms);
      now += 1;
      most = Math.max(most, now);
      await sleep(ms);
      now -= 1;
    });
    expect({ begun, most, now }).toEqual({ begun: [5, 1, 4, 2, 3, 0], most: 3, now: 0 });
  });

  it('end before a failure is told, and nothing more begins', async () => {
    const ended: string[] = [];
    const all = inParallel(['bad', 'slow', 'never'], 2, async (name) => {
      if (name === 'bad') throw new Error('bad');
      await sleep(10);
      ended.push(name);
    });
    await expect(all).rejects.toThrow('bad');
    expect(ended).toEqual(['slow']);
  });
});
