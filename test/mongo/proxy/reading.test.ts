import { Binary, Double, Int32, Long, MaxKey, ObjectId, serialize, UUID } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ElementCursor } from '../../../src/mongo/proxy/element-cursor.js';
import { readAppName, rewriteHello } from '../../../src/mongo/proxy/hello.js';
import { readReply } from '../../../src/mongo/proxy/reply.js';
import { readFilterKeys, readRequest } from '../../../src/mongo/proxy/request.js';
import { WireError } from '../../../src/mongo/wire/header.js';
import { encodeOpMsg, MSG_FLAG } from '../../../src/mongo/wire/op-msg.js';
import { encodeOpReply } from '../../../src/mongo/wire/op-query.js';

const key = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'b', '$', '_', '1') });
const value = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.double({ noNaN: true }),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.date({ noInvalidDate: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array().map((bytes) => new Binary(bytes)),
  fc.constant(new ObjectId()),
  fc.constant(new MaxKey()),
  fc.constant(/a.b/i),
  fc.array(fc.integer()),
  fc.dictionary(key, fc.string()),
);

describe('ElementCursor', () => {
  it('steps over every kind of value', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.nat(40), (document, offset) => {
        const bytes = Buffer.concat([Buffer.alloc(offset, 0xee), serialize(document), Buffer.alloc(3, 0xee)]);
        const cursor = new ElementCursor(bytes, offset);
        const keys: string[] = [];
        while (cursor.next()) {
          keys.push(cursor.key);
          if (typeof document[cursor.key] === 'number') expect(cursor.number()).toBe(document[cursor.key]);
          if (typeof document[cursor.key] === 'string') expect(cursor.string()).toBe(document[cursor.key]);
        }
        const known = Object.keys(document).filter((name) => document[name] !== undefined);
        expect(keys).toEqual(known);
      }),
    );
  });

  it('refuses broken documents, and never reads outside', () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, value),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (document, at, byte) => {
          const bytes = Buffer.from(serialize(document));
          bytes[at % bytes.length] = byte;
          try {
            const cursor = new ElementCursor(bytes, 0);
            while (cursor.next()) {
              expect(cursor.end).toBeLessThan(bytes.length);
              cursor.number();
              cursor.string();
              cursor.truth();
            }
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('readRequest', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('finds what stands at the top, wherever it stands', () => {
    const body = serialize({
      update: 'sessions',
      updates: [{ q: { $db: 'not this' }, u: { txnNumber: 9 } }],
      lsid: { id: new UUID('01234567-89ab-4def-8123-456789abcdef') },
      txnNumber: Long.fromString('4294967297'),
      comment: { traceparent, by: 'otel' },
      $db: 'shop',
    });
    expect(readRequest(encodeOpMsg({ body }))).toEqual({
      name: 'update',
      collection: 'sessions',
      database: 'shop',
      lsid: '01234567',
      txnNumber: '4294967297',
      traceparent,
      inTransaction: false,
      wantsReply: true,
    });
  });

  it('knows where getMore has its collection, and a plain comment', () => {
    const body = serialize({
      getMore: Long.fromNumber(5),
      collection: 'orders',
      comment: traceparent,
      $db: 'a',
    });
    expect(readRequest(encodeOpMsg({ body }))).toMatchObject({
      name: 'getMore',
      collection: 'orders',
      traceparent,
    });
  });

  it('knows transactions and writes without a reply', () => {
    const body = serialize({ insert: 'a', autocommit: false, startTransaction: true, $db: 'a' });
    const facts = readRequest(encodeOpMsg({ body, flags: MSG_FLAG.moreToCome }));
    expect(facts).toMatchObject({ inTransaction: true, wantsReply: false });
  });

  it('finds a body that comes last', () => {
    const body = serialize({ insert: 'late', $db: 'a' });
    const [documents] = [[serialize({ a: 1 }), serialize({ a: 2 })]];
    const usual = encodeOpMsg({ body, sequences: [{ identifier: 'documents', documents }] });
    const bodyBytes = usual.subarray(20, 21 + body.length);
    const turned = Buffer.concat([usual.subarray(0, 20), usual.subarray(21 + body.length), bodyBytes]);
    expect(readRequest(turned)).toMatchObject({ name: 'insert', collection: 'late' });
  });

  it('is not led astray by a session id of another form', () => {
    for (const lsid of [1, {}, { id: 5 }, { id: 'x' }]) {
      const body = serialize({ ping: 1, lsid, $db: 'a' });
      expect(readRequest(encodeOpMsg({ body })).lsid).toBeUndefined();
    }
  });
});

describe('readReply', () => {
  const read = (document: object): unknown => readReply(encodeOpMsg({ body: serialize(document) }));

  it('reads counts', () => {
    expect(read({ n: 2, nModified: 1, ok: new Double(1) })).toEqual({
      ok: true,
      isApplied: true,
      n: 2,
      modified: 1,
    });
    expect(read({ n: Long.fromNumber(7), ok: true })).toEqual({ ok: true, isApplied: true, n: 7 });
  });

  it('counts a batch without decoding it', () => {
    const firstBatch = Array.from({ length: 101 }, (_, index) => ({ _id: index, ok: 0 }));
    const cursor = { firstBatch, id: Long.ZERO, ns: 'a.b' };
    expect(read({ cursor, ok: 1 })).toEqual({ ok: true, isApplied: true, returned: 101 });
    expect(read({ cursor: { id: Long.ZERO, ns: 'a.b', nextBatch: [] }, ok: 1 })).toEqual({
      ok: true,
      isApplied: true,
      returned: 0,
    });
  });

  it('reads errors of the command, of a statement and of the write concern', () => {
    expect(read({ ok: 0, errmsg: 'no', code: new Int32(91) })).toEqual({
      ok: false,
      isApplied: false,
      code: 91,
    });
    expect(read({ n: 0, writeErrors: [{ index: 0, code: 11000 }, { code: 1 }], ok: 1 })).toEqual({
      ok: false,
      isApplied: true,
      n: 0,
      code: 11000,
    });
    expect(read({ n: 1, writeConcernError: { code: 64 }, ok: 1 })).toEqual({
      ok: false,
      isApplied: true,
      n: 1,
      code: 64,
    });
    expect(read({ n: 1, writeErrors: [], ok: 1 })).toEqual({ ok: true, isApplied: true, n: 1 });
  });
});

it('broken messages are refused as such, whoever reads them', () => {
  const documents = fc.record({
    find: fc.constant('a'),
    lsid: fc.constant({ id: new UUID('01234567-89ab-4def-8123-456789abcdef') }),
    cursor: fc.constant({ firstBatch: [{ a: 1 }] }),
    writeErrors: fc.constant([{ code: 1 }]),
    me: fc.constant('a:1'),
    hosts: fc.constant(['a:1']),
    txnNumber: fc.constant(Long.ONE),
  });
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  const readers = [
    readRequest,
    readReply,
    (frame: Buffer) => rewriteHello(frame, { addressOf: () => 'b:2', isElecting: true }),
    readAppName,
    (frame: Buffer) => readFilterKeys(frame, 'find'),
  ];
  fc.assert(
    fc.property(documents, damage, fc.nat(), fc.boolean(), (document, changes, cut, isLegacy) => {
      const body = serialize(document);
      const whole = isLegacy
        ? encodeOpReply({ requestId: 1, responseTo: 1, document: body })
        : encodeOpMsg({ body, sequences: [{ identifier: 'a', documents: [body] }] });
      for (const [at, byte] of changes) whole[16 + (at % (whole.length - 16))] = byte;
      const frame = whole.subarray(0, 16 + (cut % (whole.length - 15)));
      frame.writeInt32LE(frame.length, 0);
      for (const read of readers) {
        try {
          read(frame);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
