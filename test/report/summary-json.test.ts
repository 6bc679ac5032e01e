import { describe, expect, it } from 'vitest';
import { viewOf } from '../../src/history/view.js';
import { judgeView, weighView } from '../../src/report/judge.js';
import { summaryJson } from '../../src/report/summary-json.js';
import { reportPieces, terminalReport } from '../../src/report/terminal.js';
import { Play, text } from '../checkers/history-builder.js';

/** `welcomes`: how often the bot says the same to one of its users. Its words look like the JSON around them. */
function viewWith(welcomes: number) {
  const play = new Play();
  for (const name of ['ann', 'bob']) {
    const user = play.user(name);
    const welcome = text('Wel\n  "findings": []come');
    user.says(0, 1, '/start', [welcome]).delivered(1, 700);
    for (let time = 0; time < welcomes; time += 1) user.gets(100 + time, welcome);
  }
  return viewOf(play.end(9_000));
}

const plain = (words: string): string => words;
const style = { good: plain, bad: plain, warn: plain, strong: plain, faint: plain };

describe('what is printed in pieces', () => {
  it.each([
    ['no finding', 1, 0],
    ['a finding for each user', 2, 2],
    ['several for each', 4, 6],
  ])('is the same as in one piece, with %s', (_, welcomes, findings) => {
    const view = viewWith(welcomes);
    const { summary } = judgeView(view);
    expect(summary.findings).toHaveLength(findings);
    const weighed = weighView(view);
    expect([...summaryJson(weighed)].join('')).toBe(`${JSON.stringify(summary, null, 2)}\n`);
    for (const all of [true, false]) {
      const options = { folder: 'runs/latest', style, all };
      expect([...reportPieces(weighed, options)].join('')).toBe(terminalReport({ summary }, options));
    }
  });
});
