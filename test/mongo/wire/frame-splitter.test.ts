import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameSplitter } from '../../../src/mongo/wire/frame-splitter.js';
import { MAX_MESSAGE_BYTES, WireError } from '../../../src/mongo/wire/header.js';

function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(16 + payload.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.set(payload, 16);
  return bytes;
}

describe('FrameSplitter', () => {
  test('finds the same messages however the stream is cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(payloads, cuts, (contents, sizes) => {
        const frames = contents.map(frame);
        const stream = Buffer.concat(frames);
        const splitter = new FrameSplitter();
        const found: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          found.push(...splitter.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(found).toEqual(frames);
        expect(splitter.heldBytes).toBe(0);
      }),
    );
  });

  test('does not copy a message that lies within one chunk', () => {
    const chunk = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two')), Buffer.alloc(2)]);
    const splitter = new FrameSplitter();
    const frames = splitter.push(chunk);
    expect(frames.map((found) => found.buffer === chunk.buffer)).toEqual([true, true]);
    expect(splitter.heldBytes).toBe(2);
  });

  test.each([15, 0, -1, MAX_MESSAGE_BYTES + 1])('refuses the length %i', (length) => {
    const head = Buffer.alloc(16);
    head.writeInt32LE(length);
    expect(() => new FrameSplitter().push(head)).toThrow(WireError);
    const bytewise = new FrameSplitter();
    bytewise.push(head.subarray(0, 3));
    expect(() => bytewise.push(head.subarray(3))).toThrow(WireError);
  });
});
