import { once } from 'node:events';
import { serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ElementCursor } from '../../../src/mongo/proxy/element-cursor.js';
import { FrameReader } from '../../../src/mongo/proxy/frame-reader.js';
import { readAppName } from '../../../src/mongo/proxy/hello.js';
import { readReply } from '../../../src/mongo/proxy/reply.js';
import { needsPrimary, readFilterKeys, readRequest } from '../../../src/mongo/proxy/request.js';
import { MAX_MESSAGE_BYTES, OPCODE, WireError } from '../../../src/mongo/wire/header.js';
import { encodeOpMsg } from '../../../src/mongo/wire/op-msg.js';
import { connectTo } from './relay.js';
import { proxyBefore, stubServer } from './rig.js';

const READERS: readonly ((frame: Buffer) => unknown)[] = [
  readRequest,
  readReply,
  readAppName,
  (frame) => readFilterKeys(frame, 'update'),
  (frame) => readFilterKeys(frame, 'aggregate'),
  (frame) => needsPrimary(frame, 'find'),
];

/** Whoever reads it either understands it or refuses it as a broken message. */
function readByAll(frame: Buffer): void {
  for (const read of READERS) {
    try {
      read(frame);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }
}

/** A frame with a right header around bytes that may be anything. */
function framed(opCode: number, body: Uint8Array): Buffer {
  const frame = Buffer.concat([Buffer.alloc(16), body]);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(opCode, 12);
  return frame;
}

describe('the readers of the proxy', () => {
  it('survive random bytes', () => {
    const opCode = fc.constantFrom(OPCODE.msg, OPCODE.query, OPCODE.reply);
    fc.assert(
      fc.property(opCode, fc.uint8Array({ maxLength: 300 }), (code, bytes) => readByAll(framed(code, bytes))),
      { numRuns: 3000 },
    );
  });

  it('survive wrong lengths at every place', () => {
    const whole = encodeOpMsg({
      body: serialize({
        update: 'a',
        updates: [{ q: { a: 1 }, u: { $set: { b: 'x' } } }],
        cursor: { firstBatch: [{ a: 1 }], id: 1n, ns: 'a.b' },
        lsid: { id: Buffer.alloc(16) },
        $readPreference: { mode: 'primary' },
        client: { application: { name: 'shop' } },
      }),
      sequences: [{ identifier: 'updates', documents: [serialize({ q: { c: 1 }, u: {} })] }],
    });
    const lies = [-1, -(2 ** 31), 0, 1, 4, 5, 255, 2 ** 24, 2 ** 31 - 1];
    for (let at = 16; at + 4 <= whole.length; at += 1) {
      for (const lie of lies) {
        const frame = Buffer.from(whole);
        frame.writeInt32LE(lie, at);
        readByAll(frame);
      }
      readByAll(framed(OPCODE.msg, whole.subarray(16, at)));
    }
  });

  it('do not go deeper than they need to, however deep it is', () => {
    let document = Buffer.from(serialize({ a: 1 }));
    for (let depth = 0; depth < 20_000; depth += 1) {
      const outer = Buffer.alloc(document.length + 8);
      outer.writeInt32LE(outer.length, 0);
      outer.set([3, 0x61, 0], 4);
      outer.set(document, 7);
      document = outer;
    }
    const frame = framed(OPCODE.msg, Buffer.concat([Buffer.alloc(5), document]));
    const startedAt = performance.now();
    readByAll(frame);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    const cursor = new ElementCursor(document, 0);
    expect([cursor.next(), cursor.next()]).toEqual([true, false]);
  });
});

describe('FrameReader', () => {
  it('keeps no more than the message that is under way, and loses no byte', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 30 });
    fc.assert(
      fc.property(chunks, fc.array(fc.nat(200), { maxLength: 5 }), (garbage, bodies) => {
        const messages = bodies.map((bytes) => framed(OPCODE.msg, Buffer.alloc(bytes)));
        const stream = Buffer.concat([...messages, ...garbage]);
        const reader = new FrameReader();
        const seen: Buffer[] = [];
        let isBroken = false;
        for (let at = 0; at < stream.length && !isBroken; at += 13) {
          try {
            reader.push(stream.subarray(at, at + 13), (frame) => seen.push(Buffer.from(frame)));
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
            isBroken = true;
            seen.push(reader.takeRest(), stream.subarray(at + 13));
          }
        }
        if (!isBroken) seen.push(reader.takeRest());
        expect(Buffer.concat(seen).equals(stream)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 15, -5, MAX_MESSAGE_BYTES + 1, 2 ** 31 - 1])('refuses the length %d at once', (length) => {
    const head = Buffer.alloc(16);
    head.writeInt32LE(length, 0);
    expect(() => new FrameReader().push(head, () => {})).toThrow(WireError);
  });
});

describe('the proxy', () => {
  it('outlives clients and servers that send anything', { timeout: 30_000 }, async () => {
    const stub = await stubServer({
      answer: (command, _requestId, socket) => {
        socket.write(Buffer.from(String(command.answer ?? ''), 'base64'));
        return { ok: 1 };
      },
    });
    const { proxy, connect } = await proxyBefore(stub.uri, {
      faults: [{ on: 'mongo', match: { filter: ['a'] }, effect: 'error', error: { code: 1 } }],
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 5 }),
        fc.uint8Array({ maxLength: 100 }),
        fc.boolean(),
        async (pieces, answer, isFramed) => {
          const hostile = connectTo(proxy.address);
          await once(hostile, 'connect');
          for (const piece of pieces) hostile.write(isFramed ? framed(OPCODE.msg, piece) : piece);
          hostile.destroy();
          const client = await connect();
          client.send({ ping: 1, answer: Buffer.from(answer).toString('base64') });
          client.close();
        },
      ),
      { numRuns: 100 },
    );
    expect(await (await connect()).run({ ping: 1 })).toEqual({ ok: 1 });
  });

  it('passes a message of 48 MB on, and not one that says it is longer', { timeout: 30_000 }, async () => {
    const stub = await stubServer({ answer: ({ documents }) => ({ n: documents?.length ?? 0, ok: 1 }) });
    const { connect, events } = await proxyBefore(stub.uri);
    const client = await connect();
    const text = 'x'.repeat(15_900_000);
    client.send({ insert: 'a' }, { documents: [{ text }, { text }, { text }] });
    expect(await client.receive()).toEqual({ n: 3, ok: 1 });
    expect(events.of('warning')).toEqual([]);
    const head = Buffer.alloc(16);
    head.writeInt32LE(MAX_MESSAGE_BYTES + 1, 0);
    client.socket.write(head);
    expect(await events.nth('warning')).toMatchObject({ code: 'mongo/not-understood' });
  });
});
