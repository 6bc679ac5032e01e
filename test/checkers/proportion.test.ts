import { describe, expect, it } from 'vitest';
import { viewOf } from '../../src/history/view.js';
import { judgeView } from '../../src/report/judge.js';
import { Play, text } from './history-builder.js';

/** One person who writes once a second, and gets every third answer twice. */
function oneChat(steps: number): Play {
  const play = new Play();
  const ann = play.user('ann');
  for (let step = 1; step <= steps; step += 1) {
    const at = step * 1_000;
    const answer = text(`Question ${'abcdefghij'[step % 10]}?`);
    ann.says(at, step, 'Yes', [answer]).delivered(at + 1, at + 3);
    ann.gets(at + 15, answer);
    if (step % 3 === 0) ann.gets(at + 18, answer);
  }
  return play;
}

/** The bot is away: what people write is never delivered. */
function outage(people: number): Play {
  const play = new Play();
  for (let index = 0; index < people; index += 1) {
    const at = index * 50;
    const sent = play.user(`user${index}`).says(at, 1, 'Hello', [text('What would you like?')]);
    sent.delivered(at + 2, at + 3, { outcome: 'undelivered' });
  }
  return play;
}

/** A database that is slow for everybody, so that no attempt ever ends: each finding asks about the time until the end. */
function slowDatabase(people: number): Play {
  const play = new Play();
  for (let index = 0; index < people; index += 1) {
    const at = index * 50;
    const person = play.user(`user${index}`);
    person.says(at, 1, 'Hello', [text('What would you like?')]).delivered(at + 1);
    play.command(at + 2, 900, { addedMs: 890 }, 'update', { collection: 'sessions' });
    person.ends(at + 9_000, 1, 'silent');
  }
  return play;
}

/** CPU that judging takes, in ms: the least of three, since the machine has other work, too. */
function judgingMs(play: (size: number) => Play, size: number, findings: number): number {
  const times = [1, 2, 3].map(() => {
    const view = viewOf(play(size).end((size + 10) * 1_000));
    const before = process.cpuUsage();
    expect(judgeView(view).summary.findings).toHaveLength(findings);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

/** Eight times as much takes 4 to 8 times as long; it took 18 to 60 times where all was compared with all. */
const MOST_TIMES = 12;

describe('judging takes time in proportion to', () => {
  it.each([
    { what: 'the calls of one long chat', play: oneChat, of: (steps: number) => Math.floor(steps / 3) },
    { what: 'updates that were never delivered', play: outage, of: (people: number) => people },
    { what: 'slow commands', play: slowDatabase, of: (people: number) => people },
  ])(
    '$what',
    ({ play, of }) => {
      judgingMs(play, 500, of(500));
      const short = judgingMs(play, 1_000, of(1_000));
      const long = judgingMs(play, 8_000, of(8_000));
      expect(long / short).toBeLessThan(MOST_TIMES);
    },
    120_000,
  );
});
