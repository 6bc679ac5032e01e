import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/history/events.js';
import { viewOfFile } from '../../src/history/reader.js';
import { EventRows } from '../../src/history/rows.js';
import { viewOf } from '../../src/history/view.js';

const folder = mkdtempSync(join(tmpdir(), 'sendtwice-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What JSON can say, and what an event says in its fields. */
const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.boolean(),
  fc.constantFrom('find', 'update', ''),
  fc.string(),
  fc.array(fc.record({ kind: fc.constantFrom('text', 'photo'), text: fc.string() }), { maxLength: 2 }),
);
const event = fc.dictionary(fc.constantFrom('name', 'ms', 'text', 'contents', 'rare'), value);

describe('events in columns', () => {
  it('read as they were, whatever their fields hold, and are written to JSON as they were', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (fields) => {
        const events = fields.map(
          (f, seq) => ({ seq, at: seq / 3, type: 'warning', ...f }) as unknown as HistoryEvent,
        );
        const rows = new EventRows();
        for (const each of events) rows.add(each);
        for (const [index, each] of events.entries()) {
          const row = rows.at(index);
          expect(JSON.parse(JSON.stringify(row))).toEqual(each);
          for (const name of ['seq', 'at', 'type', 'name', 'ms', 'text', 'contents', 'rare'] as const) {
            expect((row as unknown as Record<string, unknown>)[name]).toEqual(
              (each as unknown as Record<string, unknown>)[name],
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keep values that never repeat, thousands of them, and a first value that comes late', () => {
    const rows = new EventRows();
    const at = (index: number): Record<string, unknown> =>
      rows.at(index) as unknown as Record<string, unknown>;
    for (let seq = 0; seq < 70_000; seq += 1) {
      const late = seq < 69_000 ? {} : { late: `late ${seq % 3}` };
      rows.add({ seq, at: seq, type: 'warning', code: `c${seq}`, message: `m${seq % 7}`, ...late });
    }
    for (const seq of [0, 1999, 2000, 65_535, 65_536, 69_999]) {
      expect(at(seq)).toMatchObject({ seq, code: `c${seq}`, message: `m${seq % 7}` });
    }
    expect([at(5).late, at(68_999).late, at(69_001).late]).toEqual([undefined, undefined, 'late 1']);
  });

  it('join the two ends of a command in any order of the lines', async () => {
    const start = (seq: number, id: string, ms: number): object => ({
      seq,
      at: ms,
      type: 'command.started',
      command: id,
      connection: 1,
      name: 'find',
    });
    const end = (seq: number, id: string, ms: number): object => ({
      seq,
      at: ms,
      type: 'command.ended',
      command: id,
      name: 'find',
      outcome: 'ok',
      ms: 5,
      addedMs: 0,
    });
    const lines = [
      end(1, 'm1', 15),
      start(2, 'm2', 20),
      start(3, 'm1', 10),
      end(4, 'm2', 30),
      start(5, 'm3', 40),
    ];
    const path = join(folder, 'history.jsonl');
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (const view of [await viewOfFile(path), viewOf(lines as HistoryEvent[])]) {
      expect(view.commands.map(({ started, ended }) => [started.command, ended?.at])).toEqual([
        ['m1', 15],
        ['m2', 30],
        ['m3', undefined],
      ]);
      expect([...view.eventsBySeq([1, 5]).values()].map((found) => found.at).sort()).toEqual([15, 40]);
    }
  });
});
