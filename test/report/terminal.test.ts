import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/history/events.js';
import { exitCodeOf, judgeHistory } from '../../src/report/judge.js';
import { summarySchema } from '../../src/report/summary.js';
import { type Style, terminalReport } from '../../src/report/terminal.js';
import { Play, text } from '../checkers/history-builder.js';

const plain = (value: string): string => value;
const style: Style = { good: plain, bad: plain, warn: plain, strong: plain, faint: plain };
const report = (events: readonly HistoryEvent[], all = false): string =>
  terminalReport(judgeHistory(events), { folder: 'runs/latest', style, all });

/** Two people who get the same thing twice, because Telegram did not wait for a slow database. */
function guilty(): HistoryEvent[] {
  const play = new Play({
    scenario: 'slow-mongo',
    seed: '7',
    expect: { duplicate_replies: 0, lost_states: 0, reply_latency: { p95: 3000 } },
    environment: { bot: 'shop' },
    faults: [{ name: 'slow-mongo', on: 'mongo', explain: 'MongoDB: every command takes 5.95 s longer' }],
    departures: ['Telegram waits 5 s for the webhook’s answer instead of 60 s'],
  });
  for (const name of ['ann', 'bob']) {
    const person = play.user(name);
    const start = person.says(0, 1, '/start', [text('Welcome')]);
    start.delivered(1, 5001, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
    start.delivered(5002, 11_100);
    play.command(2, 6000, { addedMs: 5950, fault: 'slow-mongo' });
    person.gets(6010, text('Welcome'));
    person.gets(11_020, text('Welcome'));
    person.ends(6020, 1, 'answered');
  }
  play.hit(3, { fault: 'slow-mongo', on: 'mongo', effect: 'delay', delayMs: 5950 });
  return play.end(15_000);
}

function innocent(): HistoryEvent[] {
  const play = new Play({ expect: { findings: 0 } });
  const ann = play.user('ann');
  ann.says(0, 1, '/start', [text('Welcome')]).delivered(1, 60);
  ann.gets(40, text('Welcome'));
  ann.ends(50, 1, 'answered');
  return play.end(5000);
}

describe('the terminal report', () => {
  it('shows verdict, expectations, findings with their chain, latency and counts', () => {
    expect(report(guilty())).toMatchInlineSnapshot(`
      "FAIL  slow-mongo against shop  (seed 7, 15 s)

        ✗ duplicate_replies        2, at most 0
        ✓ lost_states              0, at most 0
        ✗ reply_latency.p95        6.02 s, at most 3 s

      2 findings

        duplicate-reply-1  Step 1: the message "Welcome" came again 5010 ms later.
          why  redelivery-while-running: Telegram did not get the acknowledgement in time and sent the update again while its first handling was still at work. (attributed by overlap)
            +  0.000 s  ann writes “/start” (update 2)
            +  0.001 s  Telegram hands over update 2
            +  0.002 s  the bot asks MongoDB: find
            +  5.001 s  no answer to update 2 arrives (Read timeout expired): Telegram cannot know whether it was handled; Telegram tries again at once
            +  5.002 s  Telegram hands over update 2 once more (attempt 2)
            +  6.002 s  MongoDB: find answers after 6 s, 5.95 s of it added [fault slow-mongo]
            +  6.020 s  the user sees “Welcome” (sendMessage, message 7)
            + 11.030 s  the user sees “Welcome” (sendMessage, message 9)
          do   Acknowledge at once and work afterwards, or remember which update_ids are being handled.
          and 1 more like it: duplicate-reply-2 (--all shows them)

        latency         n  missing      p50      p90      p95      p99      max
        lag             2        0     0 ms     0 ms     0 ms     0 ms     0 ms  how late the harness itself was
        queue           2        0     1 ms     1 ms     1 ms     1 ms     1 ms  wait in Telegram’s queue
        ack             2        2    6.1 s        -        -        -    6.1 s  until the bot acknowledged
        reply           2        0   6.02 s   6.02 s   6.02 s   6.02 s   6.02 s  until the user saw the right answer
        settle          2        0  11.03 s  11.03 s  11.03 s  11.03 s  11.03 s  until the last effect of a step

        2 users, 2 steps, 2 actions, 2 updates, 2 deliveries, 4 attempts, 2 redeliveries, 4 calls
        MongoDB: 2 commands (1 a step), 11.9 s added to them in all
        fault slow-mongo: MongoDB: every command takes 5.95 s longer (hit 1×)

        not as Telegram is: Telegram waits 5 s for the webhook’s answer instead of 60 s

      history, summary and the bot's output: runs/latest
      "
    `);
  });

  it('is short when there is nothing to tell', () => {
    expect(report(innocent())).toMatchInlineSnapshot(`
      "PASS  story against bot  (seed 1, 5 s)

        ✓ findings                 0, at most 0

      No findings.

        latency         n  missing      p50      p90      p95      p99      max
        lag             1        0     0 ms     0 ms     0 ms     0 ms     0 ms  how late the harness itself was
        queue           1        0     1 ms     1 ms     1 ms     1 ms     1 ms  wait in Telegram’s queue
        ack             1        0    59 ms    59 ms    59 ms    59 ms    59 ms  until the bot acknowledged
        reply           1        0    50 ms    50 ms    50 ms    50 ms    50 ms  until the user saw the right answer
        settle          1        0    50 ms    50 ms    50 ms    50 ms    50 ms  until the last effect of a step

        1 users, 1 steps, 1 actions, 1 updates, 1 deliveries, 1 attempts, 1 calls

      history, summary and the bot's output: runs/latest
      "
    `);
  });

  it('shows every finding in full when asked', () => {
    expect(report(guilty())).toContain('and 1 more like it: duplicate-reply-2');
    const chains = report(guilty(), true).match(/Telegram hands over update \d+ once more/g);
    expect(chains).toHaveLength(2);
  });

  it('cannot be repainted by what the bot says', () => {
    const play = new Play({ expect: { findings: 0 } });
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [text('Hi')]);
    start.delivered(1, 60);
    const evil = text('\u001b[2J\u001b[31mPASS\u202e call +1 000 555 01 23');
    ann.gets(40, evil);
    ann.gets(50, evil);
    ann.ends(50, 1, 'unexpected');
    const shown = report(play.end(20_000));
    expect(shown).not.toContain('\u001b');
    expect(shown).not.toContain('\u202e');
    expect(shown).not.toContain('555 01 23');
    expect(shown).toContain('PASS· call <phone>');
  });
});

describe('the summary', () => {
  it('follows its published schema', () => {
    expect(summarySchema.parse(JSON.parse(JSON.stringify(judgeHistory(guilty()).summary)))).toMatchObject({
      verdict: 'fail',
      scenario: 'slow-mongo',
    });
  });

  it('can be judged by other expectations than those of the run', () => {
    const { summary } = judgeHistory(guilty(), { duplicate_replies: 2 });
    expect(summary.verdict).toBe('pass');
    expect(exitCodeOf(summary)).toBe(0);
  });

  it('gives the exit codes: 0 pass, 1 fail, 3 not to be judged', () => {
    expect(exitCodeOf(judgeHistory(innocent()).summary)).toBe(0);
    expect(exitCodeOf(judgeHistory(guilty()).summary)).toBe(1);
    expect(exitCodeOf(judgeHistory(guilty().slice(0, -1)).summary)).toBe(3);
    expect(exitCodeOf(judgeHistory([]).summary)).toBe(3);
  });
});
