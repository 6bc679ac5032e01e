import { describe, expect, it } from 'vitest';
import type { Finding, FindingKind } from '../../src/checkers/finding.js';
import { type Expectations, judge, type Measured } from '../../src/checkers/verdict.js';
import type { HistoryEvent } from '../../src/history/events.js';
import { viewOf } from '../../src/history/view.js';
import { Play, text } from './history-builder.js';

const none: Measured = { n: 0, missing: 0, p50: null, p90: null, p95: null, p99: null, max: null };
const quick: Measured = { n: 100, missing: 0, p50: 20, p90: 40, p95: 50, p99: 80, max: 120 };
const calm = { lag: { ...quick, p99: 2 }, ack: quick, reply: quick, settle: quick };

function run(
  options: ConstructorParameters<typeof Play>[0] = {},
  tell?: (play: Play) => void,
): HistoryEvent[] {
  const play = new Play(options);
  const ann = play.user('ann');
  ann.says(0, 1, '/start', [text('Hi')]).delivered(1, 60);
  ann.gets(40, text('Hi'));
  tell?.(play);
  return play.end(5000);
}

const findings = (...kinds: FindingKind[]): Finding[] =>
  kinds.map((kind, index) => ({
    id: `${kind}-${index}`,
    kind,
    cause: 'unknown',
    strength: 'overlap',
    message: '',
    hint: '',
    evidence: [],
  }));

const verdict = (
  expectations: Expectations,
  options: { events?: HistoryEvent[]; findings?: Finding[]; latencies?: Parameters<typeof judge>[3] } = {},
) => judge(viewOf(options.events ?? run()), options.findings ?? [], expectations, options.latencies ?? calm);

const slow = [{ name: 'slow-mongo', on: 'mongo', explain: '' }];

describe('verdict', () => {
  it('compares the commands for a step with the highest mean', () => {
    const judged = (perStep: number | null) =>
      judge(viewOf(run()), [], { commands_per_step: 2.5 }, calm, perStep);
    expect(judged(2.5)).toMatchObject({ verdict: 'pass', expectations: [{ value: 2.5, ok: true }] });
    expect(judged(4.2512)).toMatchObject({
      verdict: 'fail',
      expectations: [{ name: 'commands_per_step', limit: 2.5, value: 4.25, ok: false }],
      reasons: ['commands_per_step: 4.25, and at most 2.5 expected.'],
    });
    expect(judged(null)).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['commands_per_step: no step was played.'],
    });
  });

  it('passes a run that kept all expectations', () => {
    expect(verdict({ findings: 0, reply_latency: { p95: 50, max: 120 } })).toEqual({
      verdict: 'pass',
      expectations: [
        { name: 'findings', limit: 0, value: 0, ok: true },
        { name: 'reply_latency.p95', limit: 50, value: 50, ok: true },
        { name: 'reply_latency.max', limit: 120, value: 120, ok: true },
      ],
      reasons: [],
    });
  });

  it.each<[keyof Expectations & string, number]>([
    ['findings', 7],
    ['duplicate_replies', 2],
    ['duplicate_keyboards', 1],
    ['lost_updates', 1],
    ['lost_states', 1],
    ['resends', 1],
    ['unanswered_callbacks', 1],
    ['dead_bot', 1],
  ])('counts %s', (name, value) => {
    const all = findings(
      'duplicate-reply',
      'duplicate-keyboard',
      'lost-update',
      'lost-state',
      'resend-needed',
      'unanswered-callback',
      'dead-bot',
    );
    const failed = verdict({ [name]: value - 1 }, { findings: all });
    expect(failed.verdict).toBe('fail');
    expect(failed.reasons).toEqual([`${name}: ${value}, and at most ${value - 1} expected.`]);
    expect(verdict({ [name]: value }, { findings: all }).verdict).toBe('pass');
  });

  it('does not count what nobody named', () => {
    expect(verdict({ lost_states: 0 }, { findings: findings('duplicate-reply') }).verdict).toBe('pass');
  });

  it('takes what never came for later than any limit', () => {
    const reply = { n: 98, missing: 2, p50: 20, p90: 40, p95: 50, p99: null, max: 120 };
    const judged = verdict(
      { reply_latency: { p95: 60, p99: 5000, max: 5000 } },
      { latencies: { ...calm, reply } },
    );
    expect(judged).toEqual({
      verdict: 'fail',
      expectations: [
        { name: 'reply_latency.p95', limit: 60, value: 50, ok: true },
        { name: 'reply_latency.p99', limit: 5000, value: null, ok: false },
        { name: 'reply_latency.max', limit: 5000, value: null, ok: false },
      ],
      reasons: [
        'reply_latency.p99: never (over 98 of 100; 2 lost), and at most 5 s expected.',
        'reply_latency.max: never (over 98 of 100; 2 lost), and at most 5 s expected.',
      ],
    });
  });

  it('cannot judge a run whose fault never hit, and can once it did', () => {
    expect(verdict({ findings: 0 }, { events: run({ faults: slow }) })).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['The fault slow-mongo (on: mongo) never hit.'],
    });
    const hit = run({ faults: slow }, (play) =>
      play.hit(10, { fault: 'slow-mongo', on: 'mongo', effect: 'delay' }),
    );
    expect(verdict({ findings: 0 }, { events: hit }).verdict).toBe('pass');
  });

  it('asks the same of a fault that was added while the run went on', () => {
    const added = (play: Play): void =>
      play.emit(5, { type: 'fault.switched', fault: 'late', to: 'added', on: 'call', explain: 'late calls' });
    expect(verdict({ findings: 0 }, { events: run({}, added) })).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['The fault late (on: call) never hit.'],
    });
    const hit = run({}, (play) => {
      added(play);
      play.hit(10, { fault: 'late', on: 'call', effect: 'delay' });
    });
    expect(verdict({ findings: 0 }, { events: hit }).verdict).toBe('pass');
  });

  it('fails rather than being inconclusive', () => {
    const judged = verdict(
      { findings: 0 },
      { events: run({ faults: slow }), findings: findings('lost-state') },
    );
    expect(judged.verdict).toBe('fail');
    expect(judged.reasons).toHaveLength(2);
  });

  it.each<{ why: string; events: HistoryEvent[]; reason: string }>([
    { why: 'was interrupted', events: new Play().end(10, 'interrupted'), reason: 'The run was interrupted.' },
    { why: 'failed', events: new Play().end(10, 'failed'), reason: 'The run failed.' },
    { why: 'never ended', events: new Play().cut(), reason: 'The history ends before the run did.' },
    { why: 'played nothing', events: new Play().end(10), reason: 'No step was played.' },
  ])('cannot judge a run that $why', ({ events, reason }) => {
    const judged = verdict({ findings: 0 }, { events });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toContain(reason);
  });

  it('does not call an answer late that came only when the play was over', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [text('Welcome')]).delivered(1, 15_600);
    ann.ends(5000, 1, 'silent');
    play.emit(5000, { type: 'user.ended', user: 'ann', session: 's1', outcome: 'stuck', steps: 1 });
    play.emit(15_000, { type: 'play.ended' });
    ann.gets(15_500, text('Welcome'));
    const judged = verdict({ findings: 0 }, { events: play.end(17_000) });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toEqual([
      expect.stringMatching(/^1 of 1 users gave up, and their answer came only when the play was over/),
    ]);
  });

  it('does not call an answer late of which a part never came', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [text('Hello there!'), text('Which room?')]).delivered(1, 100);
    ann.gets(20, text('Good to see you'));
    ann.gets(40, text('Which room?'));
    ann.ends(5000, 1, 'unexpected');
    play.emit(5000, { type: 'user.ended', user: 'ann', session: 's1', outcome: 'stuck', steps: 1 });
    const judged = verdict({ findings: 0 }, { events: play.end(9000) });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toEqual([
      expect.stringMatching(/^1 of 1 users gave up because only a part of what is expected came/),
    ]);
  });

  it('does not pass a run in which people gave up, and nothing else was wrong', () => {
    const late = new Play();
    for (const name of ['ann', 'bob']) {
      const person = late.user(name);
      person.says(0, 1, '/start', [text('Welcome')]).delivered(1, 9000);
      person.says(5000, 1, '/start', undefined, { send: 2 }).delivered(9001, 9100);
      person.gets(name === 'ann' ? 12_000 : 4000, text('Welcome'));
      const outcome = name === 'ann' ? 'stuck' : 'completed';
      late.emit(10_000, { type: 'user.ended', user: name, session: 's1', outcome, steps: 1 });
    }
    const events = late.end(15_000);
    const judged = verdict({ findings: 0 }, { events });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toEqual([expect.stringMatching(/^1 of 2 users gave up waiting/)]);
    const found = findings('lost-update').map((finding) => ({ ...finding, user: 'ann' }));
    expect(verdict({ findings: 1 }, { events, findings: found }).reasons).toEqual([]);
  });

  it('minds its own lateness only where it matters', () => {
    const latencies = { ...calm, lag: { ...quick, p99: 10.5 } };
    expect(verdict({ findings: 0 }, { latencies }).verdict).toBe('pass');
    expect(verdict({ reply_latency: { p95: 60 } }, { latencies }).reasons).toEqual([
      'The harness itself was late: schedule lag p99 11 ms, more than 10 ms.',
    ]);
    expect(verdict({ findings: 0 }, { latencies, events: run({ pace: 'timeline' }) }).verdict).toBe(
      'inconclusive',
    );
    expect(verdict({ reply_latency: undefined }, { latencies }).verdict).toBe('pass');
  });

  it('does not blame the bot for late answers when it was late itself, but for those that never came', () => {
    const latencies = { ...calm, lag: { ...quick, p99: 10.5 } };
    const late = verdict({ reply_latency: { p95: 10 } }, { latencies });
    expect(late).toMatchObject({ verdict: 'inconclusive', expectations: [{ ok: false }] });
    expect(late.reasons).toEqual([
      expect.stringMatching(/^reply_latency\.p95: /),
      'The harness itself was late: schedule lag p99 11 ms, more than 10 ms.',
    ]);
    expect(verdict({ reply_latency: { p95: 10 } }, { latencies: calm }).verdict).toBe('fail');
    const lost = { ...latencies, reply: { ...quick, missing: 50, p95: null } };
    expect(verdict({ reply_latency: { p95: 10 } }, { latencies: lost }).verdict).toBe('fail');
  });

  it('does not pass a latency that nothing was measured for', () => {
    const judged = verdict({ ack_latency: { p95: 60 } }, { latencies: { ...calm, ack: none } });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toEqual(['ack_latency: there was nothing to measure.']);
  });

  it('does not pass an expectation that it does not know', () => {
    expect(verdict({ telepathy: 0 })).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['The expectation telepathy is unknown to this version.'],
    });
  });
});

describe('a play without faults that went before', () => {
  const earlier = (count: number, error?: string) => ({
    baseline: {
      users: 3,
      steps: 4,
      findings: [{ kind: 'duplicate-reply', cause: 'handler-sends-twice', count }],
      ...(error !== undefined && { error }),
    },
  });

  it('fails a run whose bot is wrong without any fault', () => {
    const judged = verdict({ findings: 0, lost_states: 0 }, { events: run(earlier(2)) });
    expect(judged.verdict).toBe('fail');
    expect(judged.reasons).toEqual(['findings: 2 already without any fault, and at most 0 expected.']);
    expect(judged.expectations).toContainEqual({
      name: 'findings without faults',
      limit: 0,
      value: 2,
      ok: false,
    });
  });

  it('allows what the scenario allows', () => {
    expect(verdict({ duplicate_replies: 2 }, { events: run(earlier(2)) }).verdict).toBe('pass');
  });

  it('proves nothing when it did not go to its end', () => {
    const judged = verdict({ lost_states: 0 }, { events: run(earlier(0, 'The bot died.')) });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons[0]).toContain('The bot died.');
  });
});
