import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/history/events.js';
import { ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

/** Resolves once the history of the newest run holds this text. */
async function inHistory(place: Workplace, text: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const path = join(place.runs().at(-1) ?? '', 'history.jsonl');
    if (existsSync(path) && readFileSync(path, 'utf8').includes(text)) return;
    await sleep(50);
  }
  throw new Error(`${text} never came into the history`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie nobody has reaped is as good as gone.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function pidsIn(history: readonly HistoryEvent[]): number[] {
  return history.flatMap((event) => (event.type === 'bot.started' ? [event.pid] : []));
}

/** SIGKILL takes a moment. */
async function gone(pids: readonly number[]): Promise<void> {
  for (let tries = 0; tries < 100 && pids.some(isAlive); tries += 1) await sleep(20);
  expect(pids).not.toEqual([]);
  expect(pids.filter(isAlive)).toEqual([]);
}

describe('a run that somebody stops', () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
    place.write('hello.jsonl', `${HELLO.join('\n')}\n`);
    place.write('hello.yaml', 'scenario: hello\nplay: { recording: hello.jsonl, users: 3, think: 60s }\n');
    place.write(
      'bot.yaml',
      `command: node ${ROOT}/test/bots/small/echo.mjs\nenv: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}" }\n`,
    );
  });
  afterEach(() => place.remove());

  it('with ctrl-C ends in order: exit code 3, the report, the history, and no process left', async () => {
    const run = place.begin('run', 'hello.yaml', '--bot', 'bot.yaml');
    await inHistory(place, '"step.ended"');
    run.kill('SIGINT');
    const outcome = await run.outcome;
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toMatch(/^INCONCLUSIVE {2}hello/);
    expect(outcome.stderr).toContain('The run was stopped before its end');
    const history = await place.history();
    expect(history.at(-1)).toMatchObject({ type: 'run.ended', outcome: 'interrupted' });
    const pids = pidsIn(history);
    expect(pids).toHaveLength(1);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('while the bot starts: exit code 3, and no process left', async () => {
    place.write('bot.yaml', 'command: [node, -e, "setInterval(() => {}, 1000)"]\nready_timeout: 60s\n');
    const run = place.begin('run', 'hello.yaml', '--bot', 'bot.yaml');
    await inHistory(place, '"bot.started"');
    run.kill('SIGTERM');
    const outcome = await run.outcome;
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain('The run was stopped');
    const history = await place.history();
    expect(history.at(-1)).toMatchObject({ type: 'run.ended', outcome: 'interrupted' });
    expect(pidsIn(history).filter(isAlive)).toEqual([]);
  });

  it('by closing the terminal ends in order, too', async () => {
    const run = place.begin('run', 'hello.yaml', '--bot', 'bot.yaml');
    await inHistory(place, '"step.ended"');
    run.kill('SIGHUP');
    expect((await run.outcome).code).toBe(3);
    const history = await place.history();
    expect(history.at(-1)).toMatchObject({ type: 'run.ended', outcome: 'interrupted' });
    expect(pidsIn(history).filter(isAlive)).toEqual([]);
  });

  it('twice, because the bot does not end: at once, exit code 130, and no process left', async () => {
    place.write(
      'bot.yaml',
      "command: [node, -e, \"process.on('SIGTERM', () => console.log('not me')); console.log('up'); setInterval(() => {}, 1000)\"]\nready: { log: up }\nstop_timeout: 60s\n",
    );
    const run = place.begin('run', 'hello.yaml', '--bot', 'bot.yaml');
    await inHistory(place, '"user.started"');
    run.kill('SIGINT');
    await inHistory(place, '"not me"');
    run.kill('SIGINT');
    expect((await run.outcome).code).toBe(130);
    const history = await place.history();
    expect(history.at(-1)?.type).not.toBe('run.ended');
    await gone(pidsIn(history));
  });

  it('with kill -9 leaves a history that can be judged', async () => {
    const run = place.begin('run', 'hello.yaml', '--bot', 'bot.yaml');
    await inHistory(place, '"step.ended"');
    run.kill('SIGKILL');
    await run.outcome;
    const history = await place.history();
    for (const event of history) if (event.type === 'bot.started') process.kill(event.pid, 'SIGKILL');
    expect(history.at(-1)?.type).not.toBe('run.ended');
    const report = await place.sendtwice('report', place.runs().at(-1) ?? '');
    expect(report.code).toBe(3);
    expect(report.stdout).toMatch(/^INCONCLUSIVE {2}hello[\s\S]*The history ends before the run did/);
  });
});
