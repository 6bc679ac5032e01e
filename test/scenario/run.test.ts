import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHistory } from '../../src/history/reader.js';
import { defineBot, defineScenario } from '../../src/scenario/load.js';
import { runScenario } from '../../src/scenario/run.js';
import type { Progress, RunResult } from '../../src/scenario/run-options.js';
import { Stops } from '../../src/scenario/stops.js';
import { refuseRemote } from '../../src/scenario/target.js';
import { HELLO } from '../e2e/recordings.js';

const ECHO = resolve(import.meta.dirname, '../bots/small/echo.mjs');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a run in which sendtwice itself fails', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-run-'));
    writeFileSync(join(folder, 'hello.jsonl'), `${HELLO.join('\n')}\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const runWith = (onProgress: (progress: Progress) => void): Promise<RunResult> =>
    runScenario({
      scenario: defineScenario({
        scenario: 'hello',
        play: { recording: join(folder, 'hello.jsonl'), think: '10ms', settle: '100ms' },
      }),
      bot: defineBot({
        command: [process.execPath, ECHO],
        env: { BOT_TOKEN: '${telegram.token}', TELEGRAM_API_ROOT: '${telegram.apiRoot}' },
      }),
      folder,
      seed: '1',
      version: '0',
      onProgress,
    });

  it.each(['starting', 'playing', 'settling', 'stopping'] as const)(
    'while it is %s: the bot is stopped, the history says why, no listener stays',
    async (phase) => {
      const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
      const before = listeners();
      const { error, historyPath } = await runWith((progress) => {
        if (progress.phase === phase) throw new TypeError('out of cheese');
      });
      expect(error).toMatchObject({ code: 'harness/defect', exitCode: 3 });
      expect(error?.cause).toBeInstanceOf(TypeError);
      const history = await loadHistory(historyPath);
      expect(history.at(-1)).toMatchObject({
        type: 'run.ended',
        outcome: 'failed',
        error: { code: 'harness/defect', message: 'sendtwice itself failed: out of cheese' },
      });
      const pids = history.flatMap((event) => (event.type === 'bot.started' ? [event.pid] : []));
      expect(pids).toHaveLength(phase === 'starting' ? 0 : 1);
      expect(pids.filter(isAlive)).toEqual([]);
      expect(listeners()).toEqual(before);
    },
  );

  it('ends as interrupted when it was stopped before it began', async () => {
    const { error, historyPath } = await runScenario({
      scenario: defineScenario({ scenario: 'hello', play: { recording: join(folder, 'hello.jsonl') } }),
      bot: defineBot({ command: [process.execPath, ECHO] }),
      folder,
      seed: '1',
      version: '0',
      signal: AbortSignal.abort(),
    });
    expect(error?.code).toBe('run/interrupted');
    const history = await loadHistory(historyPath);
    expect(history.map((event) => event.type)).not.toContain('bot.started');
    expect(history.at(-1)).toMatchObject({ type: 'run.ended', outcome: 'interrupted' });
  });
});

describe('Stops', () => {
  it('stops the last first, once, and goes on after one that fails', async () => {
    const stopped: string[] = [];
    const stops = new Stops();
    stops.add(async () => void stopped.push('first'));
    stops.add(() => Promise.reject(new Error('stuck')));
    stops.add(async () => void stopped.push('last'));
    expect(await stops.run()).toEqual([new Error('stuck')]);
    expect(await stops.run()).toEqual([]);
    expect(stopped).toEqual(['last', 'first']);
  });
});

describe('the webhook that a bot sets', () => {
  it('may be on this machine only', () => {
    expect(refuseRemote('127.0.0.1')).toBeUndefined();
    expect(refuseRemote('::1')).toBeUndefined();
    expect(refuseRemote('192.0.2.1')).toContain('192.0.2.1 is not this machine');
  });
});
