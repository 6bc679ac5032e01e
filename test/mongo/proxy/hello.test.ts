import { Binary, Double, Long, ObjectId, serialize, Timestamp } from 'bson';
import { describe, expect, it } from 'vitest';
import { rewriteHello, type SetView } from '../../../src/mongo/proxy/hello.js';
import { encodeOpMsg, MSG_FLAG, parseOpMsg } from '../../../src/mongo/wire/op-msg.js';
import { encodeOpReply, parseOpReply } from '../../../src/mongo/wire/op-query.js';
import { proxyBefore, stubServer } from './rig.js';

const PROXY = '127.0.0.1:4711';

/** The proxy stands for these members. */
const view = (...names: string[]): SetView => ({
  addressOf: (name) => (names.includes(name) ? PROXY : undefined),
  isElecting: false,
});
const alone = view('db.example:27017');

const kept = {
  setName: 'rs0',
  setVersion: 3,
  electionId: new ObjectId('7fffffff0000000000000001'),
  lastWrite: { opTime: { ts: Timestamp.fromBits(1, 2), t: Long.fromNumber(1) } },
  saslSupportedMechs: ['SCRAM-SHA-256'],
  speculativeAuthenticate: { conversationId: 1, payload: new Binary(Buffer.from('r=x,s=y,i=15000')) },
  maxWireVersion: 25,
  ok: new Double(1),
};
const members = {
  hosts: ['db.example:27017'],
  primary: 'db.example:27017',
  me: 'db.example:27017',
};
const removed = {
  topologyVersion: { processId: new ObjectId(), counter: Long.fromNumber(6) },
  compression: ['zlib'],
};
const rewritten = { hosts: [PROXY], primary: PROXY, me: PROXY };

describe('rewriteHello', () => {
  it('changes addresses, removes what the proxy cannot keep, and leaves the rest byte for byte', () => {
    const frame = encodeOpMsg({
      requestId: 8,
      responseTo: 7,
      flags: MSG_FLAG.checksumPresent,
      body: serialize({ ...members, ...removed, ...kept }),
    });
    const message = parseOpMsg(rewriteHello(frame, alone));
    expect(message).toMatchObject({ requestId: 8, responseTo: 7, flags: 0 });
    expect(message.body.equals(serialize({ ...rewritten, ...kept }))).toBe(true);
  });

  it('does the same to the old form of the reply', () => {
    const document = serialize({ ...members, ...removed, ...kept });
    const frame = encodeOpReply({ requestId: 8, responseTo: 7, document });
    const reply = parseOpReply(rewriteHello(frame, alone));
    expect(reply).toMatchObject({ requestId: 8, responseTo: 7, flags: 8 });
    expect(reply.documents[0]?.equals(serialize({ ...rewritten, ...kept }))).toBe(true);
  });

  it('does not name itself the primary in front of a secondary', () => {
    const body = serialize({ hosts: ['a:1', 'b:1'], primary: 'a:1', me: 'b:1' });
    const message = parseOpMsg(rewriteHello(encodeOpMsg({ body }), view('b:1')));
    expect(message.body.equals(serialize({ hosts: [PROXY], me: PROXY }))).toBe(true);
  });

  it('leaves a standalone server as it is', () => {
    const body = serialize({ isWritablePrimary: true, ok: 1 });
    expect(parseOpMsg(rewriteHello(encodeOpMsg({ body }), alone)).body.equals(body)).toBe(true);
  });
});

it('both forms of hello are rewritten on their way', async () => {
  const stub = await stubServer({ hello: { setName: 'rs0', hosts: ['a:1'], me: 'a:1', primary: 'a:1' } });
  const { proxy, connect } = await proxyBefore(stub.uri);
  const client = await connect();
  const { address } = proxy;
  const expected = { setName: 'rs0', hosts: [address], me: address, primary: address };
  expect(await client.legacyHello()).toMatchObject(expected);
  expect(await client.run({ hello: 1 })).toMatchObject(expected);
});
