import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import { viewOfFile } from '../../src/history/reader.js';
import { judgeView } from '../../src/report/judge.js';

const folder = mkdtempSync(join(tmpdir(), 'sendtwice-long-'));
afterAll(() => rmSync(folder, { recursive: true }));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const BOT = 4_625_841_379;
const STEPS_OF_USER = 15;
const COMMANDS_OF_STEP = 4;

/** A run as runs are: of twenty events of a step twelve are about commands. One step in fifty is answered twice. */
function historyOf(count: number): string {
  const lines: string[] = [];
  const add = (at: number, type: string, fields: object): void => {
    lines.push(JSON.stringify({ seq: lines.length + 1, at: Math.round(at * 1000) / 1000, type, ...fields }));
  };
  add(0, 'run.started', { format: 'sendtwice-history', version: 1, expect: {}, faults: [], departures: [] });
  for (let step = 0; lines.length < count; step += 1) {
    const at = 100 + step * 31.25;
    const number = (step % STEPS_OF_USER) + 1;
    const person = Math.floor(step / STEPS_OF_USER);
    const who = { user: `u${person}`, session: `s${person % 7}` };
    const chatId = 5_839_435_182 + person * 1009;
    const updateId = 329_764_733 + step;
    const of = { bot: BOT, updateId };
    if (number === 1) add(at - 2, 'user.started', { ...who, bot: BOT, userId: chatId, chatId });
    const expects = [{ kind: 'text', text: `Question ${number}?` }];
    const action = {
      action: `u${person}.${number}.1`,
      ...who,
      step: number,
      send: 1,
      reason: 'planned',
      kind: 'text',
    };
    add(at, 'action', {
      ...action,
      chatId,
      intendedAt: at - 0.8765432,
      updateId,
      messageId: 2 * number,
      text: 'Yes',
      expects,
    });
    add(at, 'update.queued', {
      ...of,
      kind: 'message',
      queue: `${chatId}`,
      chatId,
      expiresAt: at + 86_400_000.123456,
    });
    const delivery = { delivery: `d${step + 1}`, ...of, attempt: 1 };
    const trace = (step * 2_654_435_761).toString(16).padStart(32, 'a');
    add(at + 1, 'delivery.started', {
      ...delivery,
      via: 'webhook',
      chatId,
      traceparent: `00-${trace}-${trace.slice(16)}-01`,
    });
    for (let each = 0; each < COMMANDS_OF_STEP; each += 1) {
      const command = `m${person % 10}.${step * COMMANDS_OF_STEP + each}`;
      const from = at + 2 + each * 3;
      const name = each % 2 === 0 ? 'find' : 'update';
      add(from, 'command.started', {
        command,
        connection: person % 10,
        name,
        database: 'bot',
        collection: 'orders',
        lsid: `81cf6${person % 90}`,
      });
      add(from + 0.5, 'fault.hit', {
        fault: 'slow',
        on: 'mongo',
        effect: 'delay',
        phase: 'before',
        delayMs: (step % 977) / 7,
        command,
      });
      add(from + 2.5, 'command.ended', {
        command,
        name,
        outcome: 'ok',
        ms: (step % 613) / 100,
        addedMs: 1.5,
        upstreamMs: 0.75,
        appliedUpstream: true,
        n: 1,
      });
    }
    for (let said = 0; said < (step % 50 === 0 ? 2 : 1); said += 1) {
      const call = { call: `c${2 * step + said}`, bot: BOT, method: 'sendMessage' };
      add(at + 15 + said, 'call.started', { ...call, via: 'http', chatId });
      add(at + 16 + said, 'call.ended', {
        ...call,
        ok: true,
        applied: true,
        answered: true,
        messageIds: [2 * number + 1],
        contents: expects,
        fidelity: 'modelled',
      });
    }
    add(at + 18, 'delivery.ended', { ...delivery, outcome: 'acknowledged', status: 200 });
    add(at + 18, 'step.ended', { ...who, step: number, outcome: 'answered', sends: 1 });
  }
  add(100 + lines.length * 31.25, 'run.ended', { outcome: 'completed' });
  return `${lines.join('\n')}\n`;
}

function written(count: number): string {
  const path = join(folder, `${count}.jsonl`);
  writeFileSync(path, historyOf(count));
  return path;
}

/** Bytes that stay while the history of a file is looked at. */
async function bytesFor(path: string): Promise<{ bytes: number; findings: number }> {
  const used = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const view = await viewOfFile(path);
  const { summary } = judgeView(view);
  const bytes = used() - before;
  // Used here, so that neither is cleared away before it is measured.
  return { bytes, findings: view.commands.length > 0 ? summary.findings.length : 0 };
}

/** A history of a million events fits into 300 MB with less than 140; objects for commands alone would take 100 more. */
const MOST_BYTES_PER_EVENT = 160;

describe('a long history', () => {
  it('takes little memory for each event when it is judged', async () => {
    const paths = [2_000, 10_000, 50_000].map(written);
    const [, short, long] = [
      await bytesFor(paths[0] ?? ''),
      await bytesFor(paths[1] ?? ''),
      await bytesFor(paths[2] ?? ''),
    ];
    expect(short.findings).toBeGreaterThan(5);
    expect(long.findings).toBeGreaterThan(4 * short.findings);
    expect((long.bytes - short.bytes) / 40_000).toBeLessThan(MOST_BYTES_PER_EVENT);
  }, 60_000);
});
