import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { EventOf, EventType, HistoryEvent } from '../../src/history/events.js';
import type { Summary } from '../../src/report/summary.js';
import { type Begun, ROOT, Workplace } from './cli.js';

/** Asks until the answer is one that is waited for. */
async function until<T>(ask: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const got = await ask();
    if (got !== undefined) return got;
    await sleep(50);
  }
  throw new Error(`${what} never came`);
}

interface Shown {
  readonly fault: Readonly<Record<string, unknown>>;
  readonly is: string;
  readonly hits: number;
}

describe('a run with a control server', { timeout: 60_000 }, () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
  });
  afterEach(() => place.remove());

  const begin = (...args: readonly string[]): Begun =>
    place.begin(
      'run',
      join(ROOT, 'scenarios/smoke.yaml'),
      '--bot',
      join(ROOT, 'scripts/dialogues/demo-bot.yaml'),
      ...['--set', 'play.users=2', '--set', 'play.think=200ms', '--set', 'play.patience=15s'],
      ...args,
    );

  const all = <T extends EventType>(history: readonly HistoryEvent[], type: T): EventOf<T>[] =>
    history.filter((event): event is EventOf<T> => event.type === type);

  it('has its faults switched in mid-run, and its history and report say so', async () => {
    const run = begin('--control', '0');
    const url = await until(() => /^control: (http:\S+)\/$/m.exec(run.stderr())?.[1], 'the address');
    const ask = async <T>(path: string, method = 'GET', body?: object): Promise<T> => {
      const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
      return (await fetch(`${url}${path}`, init)).json() as Promise<T>;
    };
    await until(async () => {
      const { run: state } = await ask<{ run: { phase: string; stepsDone: number } }>('/');
      return state.phase === 'playing' && state.stepsDone > 0 ? state : undefined;
    }, 'the first step');

    const slow = { name: 'slow', on: 'mongo', match: { commands: ['find'] }, delay: '60ms' };
    expect(await ask('/faults', 'POST', slow)).toMatchObject({ fault: slow, is: 'on', hits: 0 });
    const hitting = async (name: string): Promise<Shown | undefined> => {
      const shown = await ask<Shown>(`/faults/${name}`);
      return shown.hits > 0 ? shown : undefined;
    };
    await until(() => hitting('slow'), 'a hit');
    expect(await ask('/faults/slow/off', 'POST')).toMatchObject({ is: 'off' });
    const late = { name: 'late-calls', on: 'call', match: { methods: ['sendMessage'] }, delay: '50ms' };
    await ask('/faults', 'POST', late);
    await until(() => hitting('late-calls'), 'a hit');
    expect(await ask('/faults/late-calls', 'DELETE')).toEqual({ removed: 'late-calls' });
    const { faults } = await ask<{ faults: Shown[] }>('/faults');
    expect(faults.map(({ fault, is }) => [fault.name, is])).toEqual([['slow', 'off']]);

    const { code, stdout } = await run.outcome;
    const history = await place.history();
    const switched = all(history, 'fault.switched');
    expect(switched.map(({ fault, to }) => [fault, to])).toEqual([
      ['slow', 'added'],
      ['slow', 'off'],
      ['late-calls', 'added'],
      ['late-calls', 'removed'],
    ]);
    // None of it outside of the time in which it was on.
    const hits = all(history, 'fault.hit');
    for (const [name, from, to] of [
      ['slow', switched[0]?.at, switched[1]?.at],
      ['late-calls', switched[2]?.at, switched[3]?.at],
    ] as const) {
      const times = hits.filter(({ fault }) => fault === name).map(({ at }) => at);
      expect(times.length).toBeGreaterThan(0);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(from ?? Number.NaN);
      expect(Math.max(...times)).toBeLessThanOrEqual(to ?? Number.NaN);
    }
    const hitCommands = new Set(hits.flatMap(({ command }) => command ?? []));
    for (const { command, fault, addedMs } of all(history, 'command.ended'))
      expect(fault === 'slow' && addedMs >= 60).toBe(hitCommands.has(command));

    const summary: Summary = JSON.parse(
      readFileSync(join(place.runs().at(-1) ?? '', 'summary.json'), 'utf8'),
    );
    expect(summary.faults).toMatchObject([
      { name: 'slow', explain: 'MongoDB: find take 60 ms longer' },
      { name: 'late-calls' },
    ]);
    expect(stdout).toMatch(/fault slow: MongoDB: find take 60 ms longer \(hit \d+×\)/);
    expect(code).toBe(0);
  });

  it('is not begun when the port is taken or is none', async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as { port: number };
    const refused = await begin('--control', String(port)).outcome;
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(
      `The control server cannot listen on 127.0.0.1:${port}: the port is in use`,
    );
    expect(refused.stderr).toContain('Choose another port, or 0 to get a free one.');
    const wrong = await begin('--control', 'http').outcome;
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--control is no port from 0 to 65535: http'),
    });
    expect(place.runs()).toEqual([]);
  });
});
