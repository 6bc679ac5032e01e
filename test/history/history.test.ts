import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import type { EventBody } from '../../src/history/events.js';
import { loadHistory, readHistory } from '../../src/history/reader.js';
import { HistoryWriter } from '../../src/history/writer.js';

const warning = (message: string): EventBody => ({ type: 'warning', code: 'test', message });

describe('history', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-'));
    path = join(folder, 'history.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is numbered by the writer and sorted by time when it is loaded', async () => {
    const clock = new ManualClock();
    const writer = new HistoryWriter(path, clock);
    await clock.advance(10);
    writer.emit(warning('now'));
    writer.emit(warning('reported late'), 7.12345);
    writer.emit(warning('same time'), 10);
    writer.close();
    const events = await loadHistory(path);
    expect(events.map(({ seq, at }) => [seq, at])).toEqual([
      [2, 7.123],
      [1, 10],
      [3, 10],
    ]);
  });

  it('is readable after a crash: a half line at the end is passed over', async () => {
    const writer = new HistoryWriter(path, new ManualClock());
    for (let i = 0; i < 5; i += 1) writer.emit(warning(`event ${i}`));
    writer.close();
    truncateSync(path, readFileSync(path).length - 20);
    const events = await loadHistory(path);
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4]);
  });

  it('has on disk what was flushed, while it is still being written', async () => {
    const writer = new HistoryWriter(path, new ManualClock());
    writer.emit(warning('kept'));
    writer.flush();
    expect(readFileSync(path, 'utf8')).toContain('kept');
    writer.close();
  });

  it('names file and line of a line in the middle that is no event', async () => {
    const writer = new HistoryWriter(path, new ManualClock());
    writer.emit(warning('first'));
    writer.close();
    appendFileSync(path, '{"seq":"two"}\n{"seq":3,"at":1,"type":"warning"}\n');
    await expect(loadHistory(path)).rejects.toThrow(`${path}:2: an event needs seq, at and type`);
  });

  it('is never overwritten', () => {
    new HistoryWriter(path, new ManualClock()).close();
    expect(() => new HistoryWriter(path, new ManualClock())).toThrow(/Cannot create the history .*EEXIST/);
  });

  it('says so when the file is not there', async () => {
    await expect(readHistory(join(folder, 'none.jsonl')).next()).rejects.toThrow(
      /Cannot read the history .*ENOENT/,
    );
  });
});
