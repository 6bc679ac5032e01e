import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import type { RecordedEvent } from '../../src/recording/format.js';
import { readRecording, readRecordingHeader } from '../../src/recording/reader.js';
import { RecordingWriter } from '../../src/recording/writer.js';

const STARTED = '2026-01-01T10:00:00.000Z';
const HEADER = JSON.stringify({ format: 'sendtwice-recording', version: 1, startedAt: STARTED });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sendtwice-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function readAll(path: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of readRecording(path)) events.push(event);
  return events;
}

async function failureOf(lines: string | Buffer, name = 'bad.jsonl'): Promise<SendtwiceError> {
  const path = join(folder, name);
  writeFileSync(path, lines);
  const error: unknown = await readAll(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SendtwiceError);
  return error as SendtwiceError;
}

describe('a recording', () => {
  /** What JSON can hold, in the form in which it comes back. */
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const at = fc.nat({ max: 1e12 });
  const extra = fc.dictionary(
    fc.string({ minLength: 1 }).map((key) => `x_${key}`),
    json,
  );
  const event = fc.oneof(
    fc.tuple(at, fc.nat(), extra, extra).map(([time, id, more, inside]) => ({
      ...more,
      at: time,
      type: 'update',
      update: { ...inside, update_id: id },
    })),
    fc.tuple(at, fc.string(), extra, json, extra).map(([time, method, params, result, more]) => ({
      ...more,
      at: time,
      type: 'call',
      method,
      params,
      result,
    })),
    fc.tuple(at, extra).map(([time, more]) => ({
      ...more,
      at: time,
      type: 'delivery',
      update_id: 1,
      attempt: 1,
    })),
    fc.tuple(at, extra).map(([time, more]) => ({ ...more, at: time, type: 'from.the.future' })),
  );

  it.each(['jsonl', 'jsonl.gz'])(
    'comes back from %s as it was written, unknown fields and types too',
    async (ending) => {
      let number = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
          number += 1;
          const path = join(folder, `${number}.${ending}`);
          const writer = await RecordingWriter.create(path, { startedAt: STARTED, future: true });
          for (const each of events) await writer.append(each);
          await writer.close();
          expect(await readAll(path)).toEqual(events);
          expect(await readRecordingHeader(path)).toMatchObject({ version: 1, future: true });
        }),
        { numRuns: 60 },
      );
    },
  );

  it('may have long lines, letters of several bytes, blank lines and Windows line ends', async () => {
    const text = 'ж😀'.repeat(100_000);
    const line = JSON.stringify({ at: 1, type: 'call', method: 'x', params: { text } });
    const path = join(folder, 'long.jsonl');
    writeFileSync(path, `\ufeff${HEADER}\r\n${line}\r\n\r\n${line}`);
    const events = await readAll(path);
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject({ params: { text } });
  });

  it('is not compressed twice nor overwritten', async () => {
    const path = join(folder, 'one.jsonl.gz');
    await (await RecordingWriter.create(path, { startedAt: STARTED })).close();
    expect(readFileSync(path).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    await expect(RecordingWriter.create(path, { startedAt: STARTED })).rejects.toThrow(
      /Cannot write the recording .*EEXIST/,
    );
  });

  it('takes no event that could not be read again', async () => {
    const writer = await RecordingWriter.create(join(folder, 'a.jsonl'), { startedAt: STARTED });
    await expect(writer.append({ at: Number.NaN, type: 'x' })).rejects.toThrow(/`at` is not finite/);
    await writer.close();
  });
});

describe('a bad recording', () => {
  it.each([
    ['{"at":1', ':3: not JSON ('],
    ['[]', ':3: an event must be an object'],
    ['{"type":"update"}', ':3: an event needs `at`'],
    ['{"at":1}', ':3: an event needs `type`'],
    ['{"at":1,"type":"update"}', ':3: an update needs `update`'],
    ['{"at":1,"type":"update","update":{}}', ':3: an update needs `update.update_id`'],
    ['{"at":1,"type":"call","params":{}}', ':3: a call needs `method`'],
    ['{"at":1,"type":"call","method":"x","params":[]}', ':3: a call needs `params`'],
    ['{"at":1,"type":"delivery","attempt":1}', ':3: a delivery needs `update_id`'],
  ])('%s is named with file, line and reason', async (line, message) => {
    const error = await failureOf(`${HEADER}\n{"at":0,"type":"unknown"}\n${line}\n`);
    expect(error.code).toBe('file/bad-recording');
    expect(error.message).toContain(`bad.jsonl${message}`);
    expect(error.hint).toBeDefined();
  });

  it.each([
    ['', ':1: the file is empty'],
    ['{"at":0,"type":"update"}', ':1: the first line must be the header'],
    ['nonsense', ':1: the first line must be the header'],
    [HEADER.replace('1,', '7,'), ':1: the recording has version 7, this sendtwice reads version 1'],
    [HEADER.replace(STARTED, 'yesterday'), ':1: in the header, startedAt is wrong'],
  ])('header %s', async (text, message) => {
    expect((await failureOf(text)).message).toContain(`bad.jsonl${message}`);
  });

  it('may be cut off in the middle of the compression', async () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `{"at":${i},"type":"x${(i * 7919) % 1000}"}`);
    const whole = gzipSync([HEADER, ...lines].join('\n'));
    const error = await failureOf(whole.subarray(0, whole.length / 2), 'bad.jsonl.gz');
    expect(error.code).toBe('file/bad-recording');
    expect(error.message).toContain('gzip');
  });

  it('may not be there at all', async () => {
    const error = await readAll(join(folder, 'none.jsonl')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'file/unreadable' });
  });
});
