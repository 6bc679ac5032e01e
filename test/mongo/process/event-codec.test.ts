import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandId } from '../../../src/base/ids.js';
import type { EventBody } from '../../../src/history/events.js';
import { EventDecoder, EventEncoder } from '../../../src/mongo/process/event-codec.js';

/** Ids and numbers are ASCII; names and contents are what people make of them. */
const id = fc.string({ unit: fc.constantFrom('m', '.', '1', '9'), maxLength: 30 });
const name = fc.string({ unit: 'binary', maxLength: 20 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });

/** Without the keys that are undefined, as events are. */
const event = (fields: object): EventBody => JSON.parse(JSON.stringify(fields));

const started = fc
  .record({
    type: fc.constant('command.started'),
    command: id,
    connection: fc.nat(),
    name,
    database: optional(name),
    collection: optional(name),
    lsid: optional(fc.constant('0123abcd')),
    txnNumber: optional(fc.bigInt().map(String)),
    cursorOf: optional(id),
    traceparent: optional(id),
    contents: optional(fc.string({ unit: 'binary', maxLength: 5000 })),
  })
  .map(event);
const ended = fc
  .record({
    type: fc.constant('command.ended'),
    command: id,
    name,
    outcome: fc.constantFrom('ok', 'error', 'unknown'),
    ms: number,
    addedMs: number,
    upstreamMs: optional(number),
    appliedUpstream: optional(fc.boolean()),
    code: optional(fc.integer()),
    n: optional(fc.nat()),
    modified: optional(fc.nat()),
    returned: optional(fc.nat()),
    fault: optional(name),
  })
  .map(event);
const other = fc.record({ type: fc.constant('warning'), code: id, message: name }).map(event);

it('brings every event over as it was, in its order, batch after batch', () => {
  const timed = fc.tuple(fc.double({ noNaN: true }), fc.oneof(started, ended, other));
  fc.assert(
    fc.property(fc.array(fc.array(timed, { maxLength: 20 }), { maxLength: 5 }), (batches) => {
      const encoder = new EventEncoder();
      const decoder = new EventDecoder();
      for (const batch of batches) {
        for (const [atMs, one] of batch) encoder.add(one, atMs);
        const seen: [number, EventBody][] = [];
        decoder.decode(encoder.take(), (one, atMs) => seen.push([atMs, one]));
        expect(seen.map(([, one]) => JSON.stringify(one)).sort()).toEqual(
          batch.map(([, one]) => JSON.stringify(one)).sort(),
        );
        expect(seen).toEqual(batch);
      }
    }),
    { numRuns: 200 },
  );
});

it('takes a few bytes for a command, and endless names do not fill the memory', () => {
  const encoder = new EventEncoder();
  const decoder = new EventDecoder();
  const seen: string[] = [];
  for (let n = 0; n < 10_000; n += 1) {
    const command = commandId(`m1.${n}`);
    encoder.add({ type: 'command.started', command, connection: 1, name: 'find', collection: `c${n}` }, n);
  }
  decoder.decode(encoder.take(), (one) => {
    if (one.type === 'command.started') seen.push(one.collection ?? '');
  });
  expect(seen).toEqual(Array.from({ length: 10_000 }, (_, n) => `c${n}`));
  for (let n = 0; n < 1000; n += 1) {
    const command = commandId(`m1.${n}`);
    encoder.add({ type: 'command.started', command, connection: 1, name: 'find', collection: 'sessions' }, n);
  }
  expect(encoder.bytes / 1000).toBeLessThan(30);
});
