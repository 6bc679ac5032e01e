import { describe, expect, it } from 'vitest';
import { viewOf } from '../../src/history/view.js';
import { judgeView } from '../../src/report/judge.js';
import { Play, text } from './history-builder.js';

/** One person who writes once a second, and gets every third answer twice. */
function viewOfOneChat(steps: number) {
  const play = new Play();
  const ann = play.user('ann');
  for (let step = 1; step <= steps; step += 1) {
    const at = step * 1_000;
    const answer = text(`Question ${'abcdefghij'[step % 10]}?`);
    ann.says(at, step, 'Yes', [answer]).delivered(at + 1, at + 3);
    ann.gets(at + 15, answer);
    if (step % 3 === 0) ann.gets(at + 18, answer);
  }
  return viewOf(play.end((steps + 10) * 1_000));
}

/** CPU that judging takes, in ms: the least of three, since the machine has other work, too. */
function judgingMs(steps: number): number {
  const times = [1, 2, 3].map(() => {
    const view = viewOfOneChat(steps);
    const before = process.cpuUsage();
    expect(judgeView(view).summary.findings).toHaveLength(Math.floor(steps / 3));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

/** Eight times the steps take 4 to 8 times as long; they took 18 times when each call was compared with all others. */
const MOST_TIMES = 12;

describe('one long chat', () => {
  it('takes time in proportion to its calls', () => {
    judgingMs(500);
    const short = judgingMs(1_000);
    const long = judgingMs(8_000);
    expect(long / short).toBeLessThan(MOST_TIMES);
  }, 120_000);
});
