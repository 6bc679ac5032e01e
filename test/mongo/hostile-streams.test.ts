import { once } from 'node:events';
import type { Socket } from 'node:net';
import { serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EmbeddedMongo } from '../../src/mongo/embedded/embedded-mongo.js';
import { MAX_MESSAGE_BYTES, OPCODE } from '../../src/mongo/wire/header.js';
import { encodeOpMsg, MSG_FLAG } from '../../src/mongo/wire/op-msg.js';
import { encodeOpQuery } from '../../src/mongo/wire/op-query.js';
import { usedMegabytes } from './memory.js';
import { RawClient } from './proxy/raw-client.js';
import { connectTo } from './proxy/relay.js';
import { proxyBefore } from './proxy/rig.js';

/** Both ends in one process, with what is sent to them: all memory that they could take is seen. */
const TARGETS = {
  'the embedded server': async (server: EmbeddedMongo) => `127.0.0.1:${server.port}`,
  'the proxy before it': async (server: EmbeddedMongo) => (await proxyBefore(server.uri)).proxy.address,
} as const;

interface Target {
  readonly address: string;
  /** Somebody else is served all the same. */
  isServing(): Promise<void>;
}

async function targetOf(addressOf: (server: EmbeddedMongo) => Promise<string>): Promise<Target> {
  const server = await EmbeddedMongo.start();
  onTestFinished(() => server.close());
  const address = await addressOf(server);
  const other = await RawClient.connect(address);
  onTestFinished(() => other.close());
  return {
    address,
    isServing: async () => expect(await other.run({ ping: 1 })).toMatchObject({ ok: 1 }),
  };
}

/** Whether it ends in peace or with a reset. */
const ended = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => {
    socket.once('close', resolve);
  });

async function connected(address: string): Promise<Socket> {
  const socket = connectTo(address);
  // What becomes of it is told by `close`.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const insert = serialize({ insert: 'a', $db: 'test', ordered: true });
const WHOLE: readonly Buffer[] = [
  encodeOpMsg({ body: serialize({ find: 'a', filter: { a: { $gt: [1, { b: 'x' }] } }, $db: 'test' }) }),
  encodeOpMsg({
    body: insert,
    flags: MSG_FLAG.checksumPresent,
    sequences: [{ identifier: 'documents', documents: [serialize({ a: 1 }), serialize({ b: 'two' })] }],
  }),
  encodeOpMsg({ body: insert, flags: MSG_FLAG.moreToCome | MSG_FLAG.exhaustAllowed }),
  encodeOpQuery({ requestId: 1, namespace: 'admin.$cmd', query: serialize({ isMaster: 1 }) }),
];

const whole = fc.constantFrom(...WHOLE);
const lie = fc.oneof(fc.constantFrom(-1, 0, 1, 4, 5, 2 ** 24, 2 ** 31 - 1, -(2 ** 31)), fc.integer());
/** Whole messages among such that are cut, lie about a length, or are no messages at all. */
const stream = fc.array(
  fc.oneof(
    whole,
    fc.tuple(whole, fc.nat()).map(([frame, at]) => frame.subarray(0, at % frame.length)),
    fc.tuple(whole, fc.nat(), lie).map(([frame, at, length]) => {
      const wrong = Buffer.from(frame);
      wrong.writeInt32LE(length | 0, at % (frame.length - 3));
      return wrong;
    }),
    fc
      .tuple(fc.constantFrom(...Object.values(OPCODE), 0, 2005), fc.uint8Array({ maxLength: 80 }))
      .map(([opCode, bytes]) => {
        const frame = Buffer.concat([Buffer.alloc(16), bytes]);
        frame.writeInt32LE(frame.length, 0);
        frame.writeInt32LE(opCode, 12);
        return frame;
      }),
    fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  ),
  { minLength: 1, maxLength: 6 },
);

/** So many documents, each the only field of the one around it. */
function nested(depth: number): Buffer {
  const bytes = Buffer.alloc(5 + depth * 8);
  for (let level = 0; level < depth; level += 1) {
    const at = level * 7;
    bytes.writeInt32LE(5 + (depth - level) * 8, at);
    bytes.set([3, 0x61, 0], at + 4);
  }
  bytes.writeInt32LE(5, depth * 7);
  return bytes;
}

describe.each(Object.entries(TARGETS))('%s', (_name, addressOf) => {
  it('outlives streams of any kind, and keeps nothing of them', { timeout: 60_000 }, async () => {
    const { address, isServing } = await targetOf(addressOf);
    const play = (numRuns: number): Promise<void> =>
      fc.assert(
        fc.asyncProperty(
          stream,
          fc.integer({ min: 1, max: 200 }),
          fc.boolean(),
          async (parts, step, isPolite) => {
            const socket = await connected(address);
            const closed = ended(socket);
            socket.resume();
            const bytes = Buffer.concat(parts);
            for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step));
            if (isPolite) socket.end();
            else socket.destroySoon();
            await closed;
          },
        ),
        { numRuns },
      );
    await play(30);
    const before = usedMegabytes();
    await play(400);
    await isServing();
    await expect.poll(() => usedMegabytes() - before, { timeout: 10_000 }).toBeLessThan(15);
  });

  it('sets nothing aside for what was only announced', { timeout: 30_000 }, async () => {
    const { address, isServing } = await targetOf(addressOf);
    const before = usedMegabytes();
    const start = Buffer.alloc(1000);
    start.writeInt32LE(MAX_MESSAGE_BYTES, 0);
    start.writeInt32LE(OPCODE.msg, 12);
    for (let n = 0; n < 50; n += 1) (await connected(address)).write(start);
    await isServing();
    // 50 times 48 MB were announced.
    expect(usedMegabytes() - before).toBeLessThan(40);
  });

  it.each([0, 15, -1, MAX_MESSAGE_BYTES + 1, 2 ** 31 - 1])(
    'ends a client that announces %d bytes',
    async (length) => {
      const { address, isServing } = await targetOf(addressOf);
      const socket = await connected(address);
      const head = Buffer.alloc(16);
      head.writeInt32LE(length, 0);
      head.writeInt32LE(OPCODE.msg, 12);
      const closed = ended(socket);
      socket.resume();
      socket.write(head);
      await closed;
      await isServing();
    },
  );

  it('answers what is nested too deeply with an error', async () => {
    const { address, isServing } = await targetOf(addressOf);
    const client = await RawClient.connect(address);
    onTestFinished(() => client.close());
    const deep = nested(20_000);
    client.socket.write(
      encodeOpMsg({
        requestId: 7,
        body: insert,
        sequences: [{ identifier: 'documents', documents: [deep] }],
      }),
    );
    expect(await client.receive()).toMatchObject({ ok: 0, code: 15 });
    await isServing();
  });

  it('takes messages of 48 MB one after the other, and refuses a document above 16 MB', {
    timeout: 60_000,
  }, async () => {
    const { address } = await targetOf(addressOf);
    const client = await RawClient.connect(address);
    onTestFinished(() => client.close());
    const text = 'x'.repeat(15_900_000);
    const round = async (): Promise<void> => {
      client.send({ insert: 'big' }, { documents: [{ text }, { text }, { text }] });
      expect(await client.receive()).toEqual({ n: 3, ok: 1 });
      expect(await client.run({ drop: 'big' })).toMatchObject({ ok: 1 });
    };
    await round();
    const before = usedMegabytes();
    for (let n = 0; n < 3; n += 1) await round();
    await expect.poll(() => usedMegabytes() - before, { timeout: 10_000 }).toBeLessThan(60);
    client.send({ insert: 'big' }, { documents: [{ text: 'x'.repeat(17_000_000) }] });
    const refused = await client.receive();
    expect(refused.ok === 0 || refused.writeErrors !== undefined).toBe(true);
    expect(await client.run({ count: 'big' })).toMatchObject({ n: 0, ok: 1 });
  });

  it('works no further for a client that does not read', { timeout: 30_000 }, async () => {
    const { address, isServing } = await targetOf(addressOf);
    const client = await RawClient.connect(address);
    onTestFinished(() => client.close());
    client.send({ insert: 'texts' }, { documents: [{ text: 'x'.repeat(1_000_000) }] });
    await client.receive();
    const before = usedMegabytes();
    client.socket.pause();
    // 300 MB of answers.
    for (let n = 0; n < 300; n += 1) client.send({ find: 'texts' });
    for (let n = 0; n < 20; n += 1) await isServing();
    expect(usedMegabytes() - before).toBeLessThan(60);
    client.socket.resume();
    for (let n = 0; n < 300; n += 1) await client.receiveFrame();
    await isServing();
  });
});
