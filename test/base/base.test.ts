import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, pause, RealClock } from '../../src/base/clock.js';
import { formatDuration, parseDuration } from '../../src/base/duration.js';
import { SendtwiceError } from '../../src/base/errors.js';
import { randomInteger, randomStream } from '../../src/base/random.js';
import { printable, withoutPersonal, withoutTokens } from '../../src/base/untrusted.js';

describe('ManualClock', () => {
  it('runs timers in order of time, then of setting, and stops where it was told to', async () => {
    const clock = new ManualClock();
    const ran: string[] = [];
    clock.set(20, () => ran.push(`b@${clock.now()}`));
    clock.set(10, () => {
      ran.push(`a@${clock.now()}`);
      clock.set(5, () => ran.push(`nested@${clock.now()}`));
    });
    clock.set(20, () => ran.push(`c@${clock.now()}`));
    clock.clear(clock.set(12, () => ran.push('cleared')));
    clock.set(31, () => ran.push('too late'));
    await clock.advance(30);
    expect(ran).toEqual(['a@10', 'nested@15', 'b@20', 'c@20']);
    expect(clock.now()).toBe(30);
    expect(clock.pending).toBe(1);
  });

  it('lets awaiting code continue between two timers', async () => {
    const clock = new ManualClock();
    let done = 0;
    const wait = (ms: number) => new Promise<void>((resolve) => clock.set(ms, resolve));
    const loop = async () => {
      for (let i = 0; i < 100; i += 1) await wait(1000);
      done = clock.now();
    };
    const finished = loop();
    await clock.advance(200_000);
    await finished;
    expect(done).toBe(100_000);
  });
});

describe('pause', () => {
  it('lasts as long as it should, and ends at once when it is aborted, before or meanwhile', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const ended: string[] = [];
    const waits = [
      pause(100, clock, new AbortController().signal).then(() => ended.push(`whole ${clock.now()}`)),
      pause(1000, clock, stop.signal).then(() => ended.push(`cut ${clock.now()}`)),
      pause(1000, clock, AbortSignal.abort()).then(() => ended.push(`never begun ${clock.now()}`)),
    ];
    await clock.advance(99);
    await clock.advance(101);
    stop.abort();
    await Promise.all(waits);
    expect(ended).toEqual(['never begun 0', 'whole 100', 'cut 200']);
    expect(clock.pending).toBe(0);
  });
});

describe('RealClock', () => {
  it('is monotonic and shares its origin with another process', async () => {
    const clock = new RealClock();
    const other = new RealClock(clock.origin);
    const before = clock.now();
    await sleep(5);
    expect(other.now()).toBeGreaterThan(before + 4);
    expect(Math.abs(other.now() - clock.now())).toBeLessThan(50);
  });

  it('does not fire a timer longer than 2^31 ms at once, as setTimeout does', async () => {
    const clock = new RealClock();
    let fired = false;
    const timer = clock.set(3_000_000_000, () => {
      fired = true;
    });
    await sleep(20);
    clock.clear(timer);
    expect(fired).toBe(false);
  });
});

describe('randomStream', () => {
  it('depends on the seed and the name alone', () => {
    const draw = (seed: string, name: string) => Array.from({ length: 5 }, randomStream(seed, name));
    expect(draw('1', 'a')).toEqual(draw('1', 'a'));
    expect(draw('1', 'a')).not.toEqual(draw('1', 'b'));
    expect(draw('1', 'a')).not.toEqual(draw('2', 'a'));
  });

  it('is even enough', () => {
    const random = randomStream('seed', 'evenness');
    const values = Array.from({ length: 100_000 }, random);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 2);
    const counts = new Map<number, number>();
    for (let i = 0; i < 100_000; i += 1) {
      const drawn = randomInteger(random, 3, 12);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['5', undefined],
    ['5 parsecs', undefined],
    ['-1s', undefined],
    ['', undefined],
  ])('%s is %s ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    [0.44, '0.4 ms'],
    [38.2, '38 ms'],
    [1250, '1.25 s'],
    [125_000, '2 min 5 s'],
    [3_600_000, '60 min'],
  ])('%s ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('untrusted text', () => {
  it('cannot move the cursor, change colours or reverse the direction of a line', () => {
    expect(printable('a\u001b[31mred\u0007\nb\u202ec')).toBe('a·[31mred· b·c');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });

  it('is cut by characters, never through one', () => {
    expect(printable('😀😀😀😀', 3)).toBe('😀😀…');
  });

  it('loses tokens and telephone numbers, not prices and dates', () => {
    expect(withoutTokens('GET /bot123456:AAaabbccddeeffgghhiijjkkllmmnnoopp/getMe')).toBe(
      'GET /bot<token>/getMe',
    );
    expect(withoutPersonal('call +1 (000) 555-01-23 now')).toBe('call <phone> now');
    expect(withoutPersonal('order 4711 of 2026-11-22 costs 12.50')).toBe(
      'order 4711 of 2026-11-22 costs 12.50',
    );
  });
});

describe('SendtwiceError', () => {
  it('knows its exit code: 2 when nothing was run, 3 when a run could not be judged', () => {
    expect(new SendtwiceError('file/bad-yaml', '').exitCode).toBe(2);
    expect(new SendtwiceError('usage/bad-argument', '').exitCode).toBe(2);
    expect(new SendtwiceError('target/not-loopback', '').exitCode).toBe(2);
    expect(new SendtwiceError('bot/exited-early', '').exitCode).toBe(3);
  });
});
