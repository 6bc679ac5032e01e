import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { botId, chatId, messageId, updateId } from '../../src/base/ids.js';
import { readRecording } from '../../src/recording/reader.js';
import { RecordingWriter } from '../../src/recording/writer.js';
import type { PeopleSide } from '../../src/replay/people-side.js';
import { runReplay } from '../../src/replay/replay.js';
import { REMEMBERED_CHATS } from '../../src/replay/timeline.js';

/**
 * Size of the recording; SENDTWICE_STREAM_UPDATES=1000000 gives the full proof. Each update has an answer
 * beside it, so the file has twice as many lines.
 */
const UPDATES = Number(process.env.SENDTWICE_STREAM_UPDATES ?? 20_000);
/** Few enough for all bounds of a chat to be reached early; more than are remembered is worth a try too. */
const CHATS = Number(process.env.SENDTWICE_STREAM_CHATS ?? Math.min(1_000, Math.ceil(UPDATES / 500)));
const SAMPLES = 20;
/** The heap after a collection may move this much from the first half of the run to the second. */
const ALLOWED_GROWTH_MB = 4;
const TIMEOUT_MS = 600_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is really held, in MB. */
function heapMb(): number {
  collectGarbage();
  return getHeapStatistics().used_heap_size / 2 ** 20;
}

function expectFlat(samples: readonly number[]): void {
  const half = Math.floor(samples.length / 2);
  expect(samples.length).toBeGreaterThanOrEqual(SAMPLES - 1);
  const growth = Math.max(...samples.slice(half)) - Math.max(...samples.slice(0, half));
  expect(growth).toBeLessThan(ALLOWED_GROWTH_MB);
}

function report(what: string, lines: number, startedAt: number, samples: readonly number[]): void {
  if (process.env.SENDTWICE_STREAM_UPDATES === undefined) return;
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${what}: ${lines} in ${seconds.toFixed(1)} s, heap in MB: ${samples.map((mb) => mb.toFixed(1)).join(' ')}`,
  );
}

describe(`a recording with ${UPDATES} updates`, () => {
  let folder: string;
  let path: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-'));
    path = join(folder, 'long.jsonl');
    const writer = await RecordingWriter.create(path, { startedAt: '2026-01-01T00:00:00Z' });
    for (let i = 0; i < UPDATES; i += 1) {
      const id = 1_000 + (i % CHATS);
      const chat = { id, type: 'private', first_name: `Name ${id}` };
      const message = {
        message_id: 2 * i + 1,
        from: { ...chat, is_bot: false },
        chat,
        date: i,
        text: `text ${i}`,
      };
      await writer.append({ at: i * 10, type: 'update', update: { update_id: i, message } });
      const result = { message_id: 2 * i + 2, chat, date: i, text: `answer to ${i}` };
      const params = { chat_id: id, text: result.text };
      await writer.append({ at: i * 10 + 5, type: 'call', method: 'sendMessage', params, result });
    }
    await writer.close();
  }, TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read in constant memory', { timeout: TIMEOUT_MS }, async () => {
    const startedAt = performance.now();
    const samples: number[] = [];
    let lines = 0;
    for await (const _ of readRecording(path)) {
      lines += 1;
      if (lines % Math.floor((2 * UPDATES) / SAMPLES) === 0) samples.push(heapMb());
    }
    report('read', lines, startedAt, samples);
    expect(lines).toBe(2 * UPDATES);
    expectFlat(samples);
  });

  it('is replayed at pace timeline in constant memory', { timeout: TIMEOUT_MS }, async () => {
    const startedAt = performance.now();
    const samples: number[] = [];
    let received = 0;
    const nowhere: PeopleSide = {
      id: botId(42),
      receive: ({ payload }) => {
        received += 1;
        if (received % Math.floor(UPDATES / SAMPLES) === 0) samples.push(heapMb());
        const { id } = payload.chat as { id: number };
        return { updateId: updateId(received), chatId: chatId(id), messageId: messageId(received) };
      },
      onSeen: () => () => {},
      message: () => undefined,
    };
    let withAnswer = 0;
    const result = await runReplay({
      recording: path,
      bot: nowhere,
      clock: new RealClock(),
      emit: (event) => {
        if (event.type === 'action' && event.expects?.length === 1) withAnswer += 1;
      },
      seed: 'seed',
      pace: 'timeline',
      users: 1,
      speed: 1e9,
    });
    report('replayed', received, startedAt, samples);
    // Beyond the bound every chat comes back as somebody new.
    const users = CHATS > REMEMBERED_CHATS ? UPDATES : CHATS;
    expect(result).toMatchObject({ users, completed: users, steps: UPDATES });
    expect(withAnswer).toBe(UPDATES);
    expectFlat(samples);
  });
});
