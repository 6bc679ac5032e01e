import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rateOfAttribution } from '../../src/checkers/attribution-rate.js';
import type { HistoryEvent } from '../../src/history/events.js';
import { Play, text } from './history-builder.js';

/** Histories of bots that pass traceparent on, made by `npm run attribution`. */
const HISTORIES = join(import.meta.dirname, 'histories');

const eventsOf = (file: string): HistoryEvent[] =>
  gunzipSync(readFileSync(join(HISTORIES, file)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEvent);

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

describe('the rate of attribution without traceparent', () => {
  const files = readdirSync(HISTORIES);

  it('has histories to be measured by', () => {
    expect(files.length).toBeGreaterThanOrEqual(10);
  });

  it.each(files)('%s: calls to the right update in 95 % and more, to the right attempt in 80 %', (file) => {
    const { calls, commands } = rateOfAttribution(eventsOf(file));
    expect(calls.n).toBeGreaterThan(20);
    expect(share(calls.update, calls.n)).toBeGreaterThanOrEqual(0.95);
    expect(share(calls.attempt, calls.n)).toBeGreaterThanOrEqual(0.8);
    // Whatever is called sure is right.
    for (const strength of ['exact', 'marker', 'exclusive']) {
      const called = calls.byStrength[strength];
      if (called !== undefined) expect(share(called.update, called.n)).toBeGreaterThanOrEqual(0.99);
      const commanded = commands.byStrength[strength];
      if (commanded !== undefined) expect(share(commanded.update, commanded.n)).toBeGreaterThanOrEqual(0.95);
    }
  });
});

describe('rateOfAttribution', () => {
  const TRACE = (number: number) => `00-${String(number).padStart(32, '0')}-00000000000000aa-01`;

  it('takes out what the bot passed on, and counts what is right without it', () => {
    const play = new Play();
    const ann = play.user('ann');
    const bob = play.user('bob');
    ann.says(0, 1, '/start', [text('Hello')]).delivered(1, 100, {}, { traceparent: TRACE(1) });
    ann.gets(50, text('Hello'), { traceparent: TRACE(1) });
    bob.says(2000, 1, '/start', [text('Hello')]).delivered(2001, 2100, {}, { traceparent: TRACE(2) });
    // Whatever the truth says: this stands in Bob's chat, and only Bob's update is at work there.
    bob.gets(2050, text('Hello'), { traceparent: TRACE(1) });
    const { calls } = rateOfAttribution(play.end(9000));
    expect(calls).toMatchObject({ n: 2, update: 1, attempt: 1, missed: 0 });
    expect(calls.byRule).toEqual({ 'only-one-at-work': { n: 2, update: 1, attempt: 1 } });
  });

  it('counts commands, and those that cannot be told as missed', () => {
    const play = new Play();
    const ann = play.user('ann');
    const bob = play.user('bob');
    ann.says(0, 1, '/start', [text('Hello')]).delivered(1, 100, {}, { traceparent: TRACE(1) });
    play.command(10, 5, {}, 'find', { traceparent: TRACE(1) });
    ann.gets(50, text('Hello'));
    ann.says(2000, 2, '/more', [text('More')]).delivered(2001, 2100, {}, { traceparent: TRACE(2) });
    bob.says(2000, 1, '/start', [text('Hello')]).delivered(2002, 2100, {}, { traceparent: TRACE(3) });
    play.command(2010, 5, {}, 'find', { traceparent: TRACE(2) });
    ann.gets(2050, text('More'));
    bob.gets(2060, text('Hello'));
    const { commands } = rateOfAttribution(play.end(9000));
    expect(commands).toMatchObject({ n: 2, update: 1, missed: 1 });
    expect(commands.byStrength).toEqual({ exclusive: { n: 1, update: 1, attempt: 1 } });
  });
});
