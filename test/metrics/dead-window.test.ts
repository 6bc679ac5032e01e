import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { judgeHistory } from '../../src/report/judge.js';
import { LONGEST_PROBE_MS, probingThink } from '../../src/scenario/probing.js';
import { Play, text } from '../checkers/history-builder.js';

const ask = { name: text('Hello! What is your name?'), street: text('Thank you. Which street?') };
const WORK_MS = 400;

/**
 * People who answer the first question after these times. The bot acknowledges first, and until its work on /start is
 * done, some time after the question, it passes over what comes; the second send is taken.
 */
function played(thinks: readonly number[], deadMs: number) {
  const play = new Play();
  for (const [index, think] of thinks.entries()) {
    const at = index * 10_000;
    const ann = play.user(`u${index}`);
    ann.says(at, 1, '/start', [ask.name]).delivered(at + 1, at + 3);
    ann.gets(at + 30, ask.name, { ms: 10 + deadMs, contents: [ask.name] });
    // The user sees the question before the bot has heard that it was sent.
    play.hit(at + 30, {
      fault: 'slow',
      on: 'call',
      effect: 'delay',
      phase: 'after',
      delayMs: deadMs,
      call: ann.lastCall,
    });
    const saysAt = at + 40 + think;
    ann.says(saysAt, 2, 'Ann', [ask.street]).delivered(saysAt + 1, saysAt + 3);
    if (think >= deadMs) {
      ann.gets(saysAt + 20, ask.street);
      continue;
    }
    ann.says(saysAt + 3000, 2, 'Ann', undefined, { send: 2 }).delivered(saysAt + 3001, saysAt + 3003);
    ann.gets(saysAt + 3020, ask.street);
  }
  return judgeHistory(play.end(thinks.length * 10_000 + 9000)).summary;
}

describe('the dead window', () => {
  it('lies between the latest input that was passed over and the earliest that was taken', () => {
    const { deadWindow } = played([5, 100, 390, 410, 900, 1500], WORK_MS);
    expect(deadWindow).toMatchObject({ n: 6, passedOver: 3 });
    expect(deadWindow?.max).toBeCloseTo(390, 0);
    expect(deadWindow?.places).toEqual([
      { session: 's1', step: 2, n: 6, passedOver: 3, atLeast: 390, takenFrom: 410 },
    ]);
  });

  it('is 0 for a bot that takes every input, however early', () => {
    expect(played([0, 5, 100, 390], 0).deadWindow).toEqual({
      n: 4,
      passedOver: 0,
      p50: 0,
      p95: 0,
      max: 0,
      places: [],
    });
  });

  it('is not there when nobody answered so soon that it could show', () => {
    expect(played([6000, 8000], 0).deadWindow).toBeUndefined();
  });
});

describe('probing', () => {
  it('answers at once, soon and late, and the same for the same seed', () => {
    const drawn = (seed: string): number[] => {
      const random = randomStream(seed, 'think');
      return Array.from({ length: 400 }, () => probingThink(random));
    };
    const thinks = drawn('a');
    expect(thinks).toEqual(drawn('a'));
    expect(Math.max(...thinks)).toBeLessThanOrEqual(LONGEST_PROBE_MS);
    for (const [from, to] of [
      [0, 0.5],
      [1, 20],
      [20, 200],
      [200, 2000],
    ] as const) {
      expect(thinks.filter((ms) => ms >= from && ms <= to).length).toBeGreaterThan(15);
    }
  });
});
