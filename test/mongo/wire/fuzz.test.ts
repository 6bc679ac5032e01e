import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../../src/mongo/wire/frame-splitter.js';
import { HEADER_BYTES, MAX_MESSAGE_BYTES, OPCODE, WireError } from '../../../src/mongo/wire/header.js';
import { encodeOpMsg, MSG_FLAG, parseOpMsg } from '../../../src/mongo/wire/op-msg.js';
import {
  encodeOpQuery,
  encodeOpReply,
  parseOpQuery,
  parseOpReply,
} from '../../../src/mongo/wire/op-query.js';

const EMPTY = Buffer.from([5, 0, 0, 0, 0]);
const PARSERS: readonly ((frame: Buffer) => unknown)[] = [parseOpMsg, parseOpQuery, parseOpReply];

/** Each parser either understands the bytes or refuses them as a broken message, and never reads outside. */
function parsedByAll(frame: Buffer): void {
  for (const parse of PARSERS) {
    try {
      parse(frame);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }
}

const WHOLE = [
  encodeOpMsg({
    body: EMPTY,
    flags: MSG_FLAG.checksumPresent,
    sequences: [{ identifier: 'documents', documents: [EMPTY, EMPTY] }],
  }),
  encodeOpQuery({ requestId: 1, namespace: 'admin.$cmd', query: EMPTY }),
  encodeOpReply({ requestId: 1, responseTo: 2, document: EMPTY }),
];

describe('the codec', () => {
  it('survives random bytes with every opcode', () => {
    const opCode = fc.constantFrom(...Object.values(OPCODE), 0, -1, 2005);
    fc.assert(
      fc.property(opCode, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (code, bytes, isRightLength) => {
        const frame = Buffer.concat([Buffer.alloc(HEADER_BYTES), bytes]);
        frame.writeInt32LE(isRightLength ? frame.length : frame.length + 7, 0);
        frame.writeInt32LE(code, 12);
        parsedByAll(frame);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives every cut and every wrong length', () => {
    const lies = [-1, -(2 ** 31), 0, 1, 4, 5, 6, 2 ** 24, 2 ** 31 - 1];
    for (const whole of WHOLE) {
      for (let at = 0; at <= whole.length; at += 1) {
        const cut = Buffer.from(whole.subarray(0, at));
        if (cut.length >= 4) cut.writeInt32LE(cut.length, 0);
        parsedByAll(cut);
        for (const lie of at + 4 <= whole.length ? lies : []) {
          const frame = Buffer.from(whole);
          frame.writeInt32LE(lie, at);
          parsedByAll(frame);
        }
      }
    }
  });
});

describe('FrameSplitter', () => {
  it('holds what was sent and never more, whatever lengths a stream claims', () => {
    const length = fc.oneof(fc.integer({ min: -10, max: 500 }), fc.constant(MAX_MESSAGE_BYTES), fc.integer());
    const message = fc
      .tuple(length, fc.uint8Array({ minLength: 4, maxLength: 80 }))
      .map(([claimed, bytes]) => {
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).writeInt32LE(claimed, 0);
        return bytes;
      });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (messages, step) => {
        const stream = Buffer.concat(messages);
        const splitter = new FrameSplitter();
        let out = 0;
        try {
          for (let at = 0; at < stream.length; at += step) {
            const chunk = stream.subarray(at, at + step);
            for (const frame of splitter.push(chunk)) out += frame.length;
            // A length of 48 MB is no reason to set that much aside.
            expect(splitter.heldBytes + out).toBe(at + chunk.length);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
