import { serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../src/mongo/wire/crc32c.js';
import { readHeader, WireError } from '../../../src/mongo/wire/header.js';
import { encodeOpMsg, MSG_FLAG, parseOpMsg } from '../../../src/mongo/wire/op-msg.js';
import {
  encodeOpQuery,
  encodeOpReply,
  parseOpQuery,
  parseOpReply,
} from '../../../src/mongo/wire/op-query.js';

const body = Buffer.from(serialize({ insert: 'c', $db: 'test' }));
const documents = [Buffer.from(serialize({ _id: 1 })), Buffer.from(serialize({ _id: 2 }))];

describe('OP_MSG', () => {
  test.each([0, MSG_FLAG.moreToCome, MSG_FLAG.exhaustAllowed, MSG_FLAG.checksumPresent])(
    'comes back as it was written with the flags %i',
    (flags) => {
      const sequences = [{ identifier: 'documents', documents }];
      const frame = encodeOpMsg({ requestId: 7, responseTo: 3, flags, body, sequences });
      expect(readHeader(frame)).toEqual({
        messageLength: frame.length,
        requestId: 7,
        responseTo: 3,
        opCode: 2013,
      });
      expect(parseOpMsg(frame)).toEqual({ requestId: 7, responseTo: 3, flags, body, sequences });
    },
  );

  test('refuses a wrong checksum, unknown required flags, missing and double bodies', () => {
    const summed = encodeOpMsg({ body, flags: MSG_FLAG.checksumPresent });
    summed[30] = (summed[30] ?? 0) ^ 1;
    expect(() => parseOpMsg(summed)).toThrow('checksum');
    expect(() => parseOpMsg(encodeOpMsg({ body, flags: 4 }))).toThrow('unknown flag bits 0x4');
    const bodiless = encodeOpMsg({ body });
    expect(() => parseOpMsg(Buffer.concat([bodiless, Buffer.of(0), body]))).toThrow('not its size');
    const twice = Buffer.concat([bodiless, Buffer.of(0), body]);
    twice.writeInt32LE(twice.length);
    expect(() => parseOpMsg(twice)).toThrow('two bodies');
    twice[16 + 4 + 1 + body.length] = 2;
    expect(() => parseOpMsg(twice)).toThrow('unknown kind 2');
  });

  test('never fails with anything but a WireError on damaged messages', () => {
    const frame = encodeOpMsg({ body, sequences: [{ identifier: 'documents', documents }] });
    const damage = fc.array(
      fc.tuple(fc.integer({ min: 16, max: frame.length - 1 }), fc.integer({ min: 0, max: 255 })),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Buffer.from(frame);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          expect(parseOpMsg(damaged).requestId).toBe(0);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe('OP_QUERY and OP_REPLY', () => {
  test('come back as they were written', () => {
    const query = Buffer.from(serialize({ ismaster: 1 }));
    expect(parseOpQuery(encodeOpQuery({ requestId: 5, namespace: 'admin.$cmd', query }))).toEqual({
      requestId: 5,
      flags: 0,
      namespace: 'admin.$cmd',
      numberToSkip: 0,
      numberToReturn: -1,
      query,
    });
    expect(parseOpReply(encodeOpReply({ requestId: 9, responseTo: 5, document: query }))).toEqual({
      requestId: 9,
      responseTo: 5,
      flags: 8,
      documents: [query],
    });
  });
});

test('crc32c of the check string is the published one', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});
