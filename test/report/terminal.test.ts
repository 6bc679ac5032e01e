import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/history/events.js';
import { exitCodeOf, judgeHistory } from '../../src/report/judge.js';
import { widthOfText, wrapped } from '../../src/report/lines.js';
import { summarySchema } from '../../src/report/summary.js';
import { type Style, terminalReport } from '../../src/report/terminal.js';
import { Play, text } from '../checkers/history-builder.js';

const plain = (value: string): string => value;
const style: Style = { good: plain, bad: plain, warn: plain, strong: plain, faint: plain };
const report = (events: readonly HistoryEvent[], all = false, columns?: number): string =>
  terminalReport(judgeHistory(events), {
    folder: 'runs/latest',
    style,
    all,
    ...(columns !== undefined && { columns }),
  });

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
          why  redelivery-while-running: Telegram did not get the acknowledgement in time and sent the update again while its first handling was still at work. (attributed by exclusive)
            +  0.000 s  ann writes “/start” (update 2)
            +  0.001 s  Telegram hands over update 2
            +  0.002 s  the bot asks MongoDB: find
            +  5.001 s  no answer to update 2 arrives (Read timeout expired): Telegram cannot know whether it was handled; Telegram tries again at once
            +  5.002 s  Telegram hands over update 2 once more (attempt 2)
            +  6.002 s  MongoDB: find answers after 6 s, 5.95 s of it added [fault slow-mongo]
            +  6.020 s  the user sees “Welcome” (sendMessage, message 7)
            + 11.030 s  the user sees “Welcome” (sendMessage, message 9)
          rule Telegram waits for the complete answer of a webhook (60 s, unless a fault says otherwise); without one it sends the update again, the first time at once.
          do   Acknowledge at once and work afterwards, or remember which update_ids are being handled.
          and 1 more like it: duplicate-reply-2 (--all shows them)

        latency         n  missing      p50      p90      p95      p99      max
        lag             2        0     0 ms     0 ms     0 ms     0 ms     0 ms
        queue           2        0     1 ms     1 ms     1 ms     1 ms     1 ms
        ack             2        2    6.1 s        -        -        -    6.1 s
        reply           2        0   6.02 s   6.02 s   6.02 s   6.02 s   6.02 s
        settle          2        0  11.03 s  11.03 s  11.03 s  11.03 s  11.03 s
        lag: how late the harness itself was; queue: wait in Telegram’s queue; ack: until the bot acknowledged; reply: until the user saw the right answer; settle: until the last effect of a step

        2 users, 2 steps, 2 actions, 2 updates, 2 deliveries, 4 attempts, 2 redeliveries, 4 calls
        MongoDB: 2 commands (1 a step), 11.9 s added to them in all
        fault slow-mongo: MongoDB: every command takes 5.95 s longer (hit 1×)

        not as Telegram is: Telegram waits 5 s for the webhook’s answer instead of 60 s

      sendtwice 0.0.0, 2026-01-01T00:00:00.000Z
      the same again: --seed 7
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
        lag             1        0     0 ms     0 ms     0 ms     0 ms     0 ms
        queue           1        0     1 ms     1 ms     1 ms     1 ms     1 ms
        ack             1        0    59 ms    59 ms    59 ms    59 ms    59 ms
        reply           1        0    50 ms    50 ms    50 ms    50 ms    50 ms
        settle          1        0    50 ms    50 ms    50 ms    50 ms    50 ms
        lag: how late the harness itself was; queue: wait in Telegram’s queue; ack: until the bot acknowledged; reply: until the user saw the right answer; settle: until the last effect of a step

        1 user, 1 step, 1 action, 1 update, 1 delivery, 1 attempt, 1 call

      sendtwice 0.0.0, 2026-01-01T00:00:00.000Z
      the same again: --seed 1
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

describe('the terminal report on 80 columns', () => {
  /** Long texts, wide pictures, two scripts; the bot answers the second step as if it were another. */
  function wordy(): HistoryEvent[] {
    const play = new Play({
      scenario: 'restart',
      seed: '7',
      expect: { findings: 0 },
      environment: { bot: 'shop', node: 'v20.19.0', platform: 'linux x64', mongo: 'embedded (replicaSet)' },
      faults: [
        {
          name: 'restart',
          on: 'bot',
          explain: 'Bot: before step 2 it is stopped and started again (at most once)',
        },
      ],
    });
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [text('שלום! מה שמך?')]).delivered(1, 60);
    ann.gets(40, text('שלום! מה שמך?'));
    ann.ends(50, 1, 'answered');
    play.hit(900, { fault: 'restart', on: 'bot', effect: 'restart', instance: 1 });
    const long = `🍕🍕🍕 ${'quite a long text that goes on and on '.repeat(5)}`;
    ann
      .says(1000, 2, long, [text('How many pieces do you want, and where shall we bring them?')])
      .delivered(1001, 1060);
    ann.gets(1040, text('I do not understand. Please begin with /start.'));
    ann.ends(6000, 2, 'unexpected');
    return play.end(9000);
  }

  it('breaks what is too long, and says what was expected', () => {
    const shown = report(wordy(), false, 80);
    expect(shown).toMatchInlineSnapshot(`
      "FAIL  restart against shop  (seed 7, 9 s)

        ✗ findings                 1, at most 0

      1 finding

        lost-state-1  Step 2 was answered only with something that the recording does
          not have there: "I do not understand. Please begin with /start.".
          want “How many pieces do you want, and where shall we bring them?”
          why  unknown: Nothing in the history explains it. (attributed by exclusive)
            +  0.010 s  the user sees “שלום! מה שמך?” (sendMessage, message 5)
            +  0.960 s  ann writes “🍕🍕🍕 quite a long text that goes on and on quite
                          a long text…” (update 7)
            +  1.010 s  the user sees “I do not understand. Please begin with /start.”
                          (sendMessage, message 10)
          do   Look at the log of the bot at the time of the evidence.

        latency         n  missing      p50      p90      p95      p99      max
        lag             2        0     0 ms     0 ms     0 ms     0 ms     0 ms
        queue           2        0     1 ms     1 ms     1 ms     1 ms     1 ms
        ack             2        0    59 ms    59 ms    59 ms    59 ms    59 ms
        reply           1        1    50 ms        -        -        -    50 ms
        settle          2        0    50 ms    50 ms    50 ms    50 ms    50 ms
        lag: how late the harness itself was; queue: wait in Telegram’s queue; ack:
        until the bot acknowledged; reply: until the user saw the right answer;
        settle: until the last effect of a step

        1 user, 2 steps, 2 actions, 2 updates, 2 deliveries, 2 attempts, 2 calls
        fault restart: Bot: before step 2 it is stopped and started again (at most
          once) (hit 1×)

      sendtwice 0.0.0, 2026-01-01T00:00:00.000Z, Node v20.19.0, linux x64, MongoDB
          embedded (replicaSet)
      the same again: --seed 7
      history, summary and the bot's output: runs/latest
      "
    `);
    for (const line of shown.split('\n')) expect(widthOfText(line)).toBeLessThanOrEqual(80);
  });

  it('is short when nothing could be judged', () => {
    const play = new Play({ expect: { findings: 0 } });
    play.emit(900, {
      type: 'run.ended',
      outcome: 'failed',
      error: { code: 'bot/exited-early', message: 'The bot ended before it was ready, with exit code 4.' },
    });
    expect(report(play.cut(), false, 80)).toMatchInlineSnapshot(`
      "INCONCLUSIVE  story against bot  (seed 1, 900 ms)
        ! The run failed: The bot ended before it was ready, with exit code 4.
        ! No step was played.

      sendtwice 0.0.0, 2026-01-01T00:00:00.000Z
      the same again: --seed 1
      history, summary and the bot's output: runs/latest
      "
    `);
  });

  it('names thirty findings of one kind together', () => {
    const play = new Play({ expect: { findings: 0 } });
    for (let number = 1; number <= 30; number += 1) {
      const person = play.user(`u${number}`);
      person.says(number, 1, '/start', [text('Welcome')]).delivered(number + 1, number + 60);
      person.gets(number + 20, text('Welcome'));
      person.gets(number + 40, text('Welcome'));
      person.ends(number + 50, 1, 'answered');
    }
    const shown = report(play.end(9000), false, 80);
    expect(shown).toContain('30 findings');
    expect(shown.replace(/\n\s+/g, ' ')).toContain(
      'and 29 more like it: duplicate-reply-2, duplicate-reply-3, duplicate-reply-4, …',
    );
    expect(shown.split('\n').length).toBeLessThan(40);
  });

  it('measures wide characters and colours as a terminal does', () => {
    expect(widthOfText('a🍕b')).toBe(4);
    expect(widthOfText('漢字')).toBe(4);
    expect(widthOfText('e\u0301')).toBe(1);
    expect(widthOfText('\u001b[31mred\u001b[39m')).toBe(3);
    expect(wrapped('  one two three', 4, 9)).toEqual(['  one two', '    three']);
    expect(wrapped('unbreakable-word', 2, 5)).toEqual(['unbreakable-word']);
    expect(wrapped('one two', 2, undefined)).toEqual(['one two']);
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
