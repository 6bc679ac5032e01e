import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKERS, findingsOf } from '../../src/checkers/all.js';
import { attributionsOf } from '../../src/checkers/attribution.js';
import { CAUSES } from '../../src/checkers/causes.js';
import type { Finding } from '../../src/checkers/finding.js';
import { judge } from '../../src/checkers/verdict.js';
import type { HistoryEvent } from '../../src/history/events.js';
import { inOrder } from '../../src/history/reader.js';
import { viewOf } from '../../src/history/view.js';
import { countsOf, mongoCountsOf } from '../../src/metrics/counts.js';
import { latenciesOf } from '../../src/metrics/latency.js';
import { menu, Play, text } from './history-builder.js';

const welcome = text('Welcome, what is your name?');
const colours = menu('Which colour do you want?', 'Red', 'Blue');
const sizes = menu('And in which size?', 'S', 'L');
const done = text('Thank you, that is all.');

/** One run in which much goes wrong at once, for several users, with things that happen at the same time. */
function troubled(): HistoryEvent[] {
  const play = new Play({ faults: [{ name: 'slow', on: 'mongo', explain: 'slow' }] });
  const pid = play.botStarts(0);
  for (const [index, name] of ['ann', 'bob', 'cyd', 'dan'].entries()) {
    const at = 100 + index * 37;
    const person = play.user(name);
    const start = person.says(at, 1, '/start', [welcome]);
    if (name === 'ann') {
      start.delivered(at, at + 5000, { outcome: 'unknown', error: 'Read timeout expired' });
      play.command(at, 6000, { addedMs: 5900, fault: 'slow' });
      play.hit(at, { fault: 'slow', on: 'mongo', effect: 'delay', delayMs: 5900 });
      start.delivered(at + 5000, at + 6300);
      person.gets(at + 6100, welcome);
      person.gets(at + 6200, welcome);
      continue;
    }
    start.delivered(at, at + 60);
    person.gets(at + 40, welcome);
    const line = person.says(at + 500, 2, name, [colours]);
    line.delivered(at + 500, at + 560);
    if (name === 'cyd') {
      person.says(at + 5500, 2, name, undefined, { send: 2 }).delivered(at + 5500, at + 5560);
      person.gets(at + 5540, colours);
      continue;
    }
    const message = person.gets(at + 540, colours);
    const tap = person.taps(at + 1000, 3, 'Red', message, [sizes]);
    tap.delivered(at + 1000, at + 1060);
    person.gets(at + 1040, sizes);
    if (name === 'bob') {
      const again = person.taps(at + 1020, 3, 'Red', message, undefined, { reason: 'double-tap' });
      again.delivered(at + 1060, at + 1120);
      person.gets(at + 1100, sizes);
      person.isAnswered(at + 1110, again);
    }
    person.isAnswered(at + 1050, tap);
  }
  play.botExits(9000, pid);
  play.botStarts(9000);
  const eve = play.user('eve');
  eve.says(9500, 1, '/start', [welcome]).delivered(9500, 9560);
  eve.gets(9540, welcome);
  eve.says(10_000, 2, 'Eve', [colours]).delivered(10_000, 10_060);
  eve.gets(10_040, done, { ended: { ok: false, applied: false, errorCode: 429 } });
  eve.gets(10_050, welcome);
  return play.end(30_000);
}

/** The findings without what may change: names, and numbers of events. */
const essence = (findings: readonly Finding[], idOf: (seq: number) => unknown) =>
  findings.map(({ user: _, chatId: __, session: ___, evidence, ...rest }) => ({
    ...rest,
    evidence: evidence.map(idOf).sort(),
  }));

describe('checkers', () => {
  const events = troubled();
  const plain = findingsOf(viewOf(events));

  it('find what is wrong in the troubled run', () => {
    expect(plain.map(({ id, user, step, cause }) => `${id} ${user} ${step} ${cause}`)).toMatchInlineSnapshot(`
      [
        "duplicate-keyboard-1 bob 3 double-tap",
        "resend-needed-1 cyd 2 acknowledged-then-silent",
        "duplicate-reply-1 ann 1 redelivery-while-running",
        "lost-state-1 eve 2 api-error-unhandled",
      ]
    `);
  });

  it('do not depend on the order of events that happen at the same time', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const drawn = events.map((event) => ({ event, draw: numbers.next().value ?? 0 }));
        drawn.sort((a, b) => a.event.at - b.event.at || a.draw - b.draw);
        const shuffled = drawn.map(({ event }, index) => ({ ...event, seq: index + 1 }));
        const findings = findingsOf(viewOf(inOrder(shuffled)));
        expect(essence(findings, (seq) => drawn[seq - 1]?.event.seq)).toEqual(essence(plain, (seq) => seq));
      }),
      { numRuns: 30 },
    );
  });

  it('do not depend on names and ids', () => {
    const numeric = new Set(['updateId', 'chatId', 'userId', 'messageId', 'replyToMessageId', 'bot', 'pid']);
    const named = new Set([
      'user',
      'session',
      'call',
      'delivery',
      'command',
      'action',
      'callbackQueryId',
      'queue',
    ]);
    fc.assert(
      fc.property(fc.nat(1e6), fc.string({ maxLength: 5 }), fc.boolean(), (offset, prefix, backwards) => {
        const renumber = (id: number): number => (backwards ? 1e9 - id : id) + offset;
        const rename = (key: string, value: unknown): unknown => {
          if (numeric.has(key) && typeof value === 'number') return renumber(value);
          if (named.has(key) && typeof value === 'string') return `${prefix}${[...value].reverse().join('')}`;
          if (key === 'messageIds' && Array.isArray(value)) return value.map((id) => renumber(Number(id)));
          return value;
        };
        const renamed = JSON.parse(JSON.stringify(events, rename)) as HistoryEvent[];
        expect(essence(findingsOf(viewOf(renamed)), (seq) => seq)).toEqual(essence(plain, (seq) => seq));
      }),
      { numRuns: 30 },
    );
  });

  it('never throw, wherever a history ends or whatever is missing from it', () => {
    const judgeAll = (some: readonly HistoryEvent[]) => {
      const view = viewOf(some);
      const attributions = attributionsOf(view);
      const latencies = latenciesOf(view, attributions);
      countsOf(view);
      mongoCountsOf(view);
      return judge(view, findingsOf(view), { findings: 0, reply_latency: { p99: 100 } }, latencies).verdict;
    };
    for (let length = 0; length <= events.length; length += 1) {
      const verdict = judgeAll(events.slice(0, length));
      if (length < events.length) expect(verdict).not.toBe('pass');
    }
    const some = fc.subarray(events as HistoryEvent[]);
    fc.assert(
      fc.property(some, (part) => {
        judgeAll(part);
      }),
      { numRuns: 100 },
    );
  });

  it('prove every finding with events of the history, in order of time', () => {
    const at = new Map(events.map((event) => [event.seq, event.at]));
    for (const { evidence } of plain) {
      expect(evidence.length).toBeGreaterThan(1);
      const times = evidence.map((seq) => at.get(seq) ?? Number.NaN);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(new Set(evidence).size).toBe(evidence.length);
    }
  });

  it('explain themselves in one sentence, and so does every cause', () => {
    const sentences = [
      ...CHECKERS.map(({ explain }) => explain),
      ...Object.values(CAUSES).flatMap(({ explain, hint }) => [explain, hint]),
    ];
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
    const kinds = CHECKERS.flatMap((checker) => checker.kinds);
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});
