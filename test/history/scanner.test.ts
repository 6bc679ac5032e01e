import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/history/events.js';
import { Tables } from '../../src/history/tables.js';

const TYPES = ['command.started', 'command.ended', 'call.ended', 'bot.log'] as const;

/** What JSON can say, and numbers as the writer writes them. */
const value = fc.oneof(
  fc.integer(),
  fc.integer({ min: -9e15, max: 9e15 }),
  fc.integer({ min: 0, max: 9e9 }).map((us) => us / 1000),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    'find',
    'm1.7',
    'm1.07',
    'm0',
    '12',
    '',
    'ü',
    '“/start”',
    'a"b',
    'back\\slash',
    'tab\t',
    '}',
    '\u007f',
  ),
  fc.string({ unit: 'binary' }),
  fc.array(fc.record({ kind: fc.constantFrom('text', 'photo'), text: fc.string({ unit: 'grapheme' }) }), {
    maxLength: 2,
  }),
  fc.record({ type: fc.constant('inline'), rows: fc.constant([[{ text: ']}"' }]]) }),
);
const event = fc.record({
  at: fc.integer({ min: 0, max: 9e9 }).map((us) => us / 1000),
  type: fc.constantFrom(...TYPES),
  fields: fc.dictionary(
    fc.constantFrom('command', 'name', 'ms', 'text', 'contents', 'a "quoted" key'),
    value,
  ),
});
const events = fc
  .array(event, { minLength: 1, maxLength: 40 })
  .map((all) => all.map(({ at, type, fields }, index) => ({ seq: index + 1, at, type, ...fields })));

/** Events through the scanner, and through JSON.parse where it does not understand. Tells how many it understood. */
function scanned(lines: readonly string[]) {
  const tables = new Tables();
  const scanner = tables.newScanner();
  let understood = 0;
  for (const line of lines) {
    // In the middle of other bytes, as in a piece of a file.
    const bytes = Buffer.from(`},${line}\n{"seq":9`);
    const found = scanner.scan(bytes, 2, 2 + Buffer.byteLength(line));
    if (found === undefined) tables.add(JSON.parse(line));
    else tables.addScanned(found);
    understood += found === undefined ? 0 : 1;
  }
  return { tables, understood };
}

function allOf(tables: Tables, count: number): unknown[] {
  const bySeq = tables.bySeq(new Set(Array.from({ length: count }, (_, index) => index + 1)));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq).map((each) => JSON.parse(JSON.stringify(each)));
}

describe('lines of a history', () => {
  it('say to the scanner what they say to JSON.parse', () => {
    fc.assert(
      fc.property(events, (all) => {
        const lines = all.map((each) => JSON.stringify(each));
        expect(allOf(scanned(lines).tables, lines.length)).toEqual(lines.map((line) => JSON.parse(line)));
      }),
      { numRuns: 300 },
    );
  });

  it('that are broken in any way are understood only where JSON.parse says the same', () => {
    const damage = fc.record({
      line: fc.nat(),
      place: fc.nat(),
      cut: fc.nat(3),
      put: fc.oneof(
        fc.constantFrom('', '"', '\\', ',', '}', '{', '0', '-', '.', 'e5', ' ', '\n', '\u0000', 'null'),
        fc.string({ maxLength: 2 }),
      ),
    });
    let refused = 0;
    fc.assert(
      fc.property(events, damage, (all, { line: which, place, cut, put }) => {
        const lines = all.map((each) => JSON.stringify(each));
        const whole = lines[which % lines.length] ?? '';
        const at = place % whole.length;
        const bytes = Buffer.from(`${whole.slice(0, at)}${put}${whole.slice(at + cut)}\n}`);
        const broken = bytes.toString('utf8', 0, bytes.length - 2);
        const tables = scanned(lines).tables;
        const found = tables.newScanner().scan(bytes, 0, bytes.length - 2);
        if (found === undefined) {
          refused += 1;
          return;
        }
        const said = found.fields.slice(0, found.count).map(({ name }, index) => [name, found.values[index]]);
        // Throws for what is no JSON.
        expect(Object.fromEntries(said)).toEqual(JSON.parse(broken));
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });

  it('are understood but for the first of a kind, as the writer makes them', () => {
    const line = (seq: number, more = ''): string =>
      `{"seq":${seq},"at":${seq}.5,"type":"command.ended","command":"m1.${seq}","name":"find","outcome":"ok","ms":0.25${more}}`;
    const lines = [line(1), line(2), line(3, ',"code":11000'), line(4), line(5, ',"code":112')];
    const { tables, understood } = scanned(lines);
    expect(understood).toBe(3);
    expect(allOf(tables, 5)).toEqual(lines.map((each) => JSON.parse(each)));
  });

  it('that say a field twice or another type in the end are left to JSON.parse, which takes the last', () => {
    const first = '{"seq":1,"at":1,"type":"command.ended","ms":1}';
    for (const [line, ms] of [
      ['{"seq":2,"at":1,"type":"command.ended","ms":1,"ms":2}', 2],
      ['{"seq":1,"at":1,"type":"command.ended","ms":7,"seq":2}', 7],
    ] as const) {
      const { tables } = scanned([first, line]);
      const found = tables.bySeq(new Set([2])).get(2) as HistoryEvent & { ms: number };
      expect([found.seq, found.ms]).toEqual([2, ms]);
    }
  });
});
