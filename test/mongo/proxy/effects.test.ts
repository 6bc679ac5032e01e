import { Long } from 'bson';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.js';
import type { MongoFault } from '../../../src/faults/schema.js';
import { MSG_FLAG } from '../../../src/mongo/wire/op-msg.js';
import { proxyBefore, type Rig, stubServer } from './rig.js';
import type { StubServer } from './stub-server.js';

async function rig(
  ...faults: MongoFault[]
): Promise<Rig & { readonly stub: StubServer; readonly clock: ManualClock }> {
  const stub = await stubServer();
  const clock = new ManualClock();
  return { ...(await proxyBefore(stub.uri, { faults, clock })), stub, clock };
}

const find = { find: 'sessions', filter: {} };

describe('delay', () => {
  it('before: holds the request back', async () => {
    const { connect, events, stub, clock } = await rig({ on: 'mongo', delay: 300 });
    const client = await connect();
    client.send(find);
    await events.nth('command.started');
    await clock.advance(299);
    expect(stub.received).toEqual([]);
    await clock.advance(1);
    expect(await client.receive()).toEqual({ ok: 1 });
    expect(await events.nth('command.ended')).toMatchObject({
      outcome: 'ok',
      ms: 300,
      addedMs: 300,
      fault: 'fault-1',
    });
  });

  it('after: holds the reply back', async () => {
    const { connect, events, stub, clock } = await rig({ on: 'mongo', phase: 'after', delay: 300 });
    const client = await connect();
    client.send(find);
    await stub.nth(1);
    while (clock.pending === 0) await clock.advance(0);
    await clock.advance(299);
    expect(events.of('command.ended')).toEqual([]);
    await clock.advance(1);
    expect(await client.receive()).toEqual({ ok: 1 });
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'ok', addedMs: 300 });
  });

  it('holds back what comes behind it on the same connection, and nothing else', async () => {
    const { connect, stub, clock, events } = await rig({
      on: 'mongo',
      match: { commands: ['find'] },
      delay: 300,
    });
    const slow = await connect();
    const other = await connect();
    slow.send(find);
    slow.send({ ping: 1 });
    await events.nth('command.started', 2);
    expect(await other.run({ ping: 2 })).toEqual({ ok: 1 });
    expect(stub.received.map((command) => command.ping)).toEqual([2]);
    await clock.advance(300);
    await slow.receive();
    await slow.receive();
    expect(stub.received.map((command) => Object.keys(command)[0])).toEqual(['ping', 'find', 'ping']);
  });

  it('delivers a held request although its sender has gone', async () => {
    const { connect, events, stub, clock } = await rig({ on: 'mongo', delay: 300 });
    const client = await connect();
    client.send(find);
    await events.nth('command.started');
    await clock.advance(100);
    client.close();
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'unknown', ms: 100, addedMs: 100 });
    await clock.advance(200);
    expect(await stub.nth(1)).toMatchObject(find);
  });
});

describe('error', () => {
  it('before: answers in place of the server', async () => {
    const { connect, stub, events } = await rig({ on: 'mongo', effect: 'error', error: { code: 91 } });
    const client = await connect();
    const requestId = client.send(find);
    expect(await client.receive()).toEqual({
      ok: 0,
      errmsg: 'find failed on purpose (injected by sendtwice)',
      code: 91,
      codeName: 'ShutdownInProgress',
    });
    expect(requestId).toBe(1);
    expect(stub.received).toEqual([]);
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'error', code: 91, fault: 'fault-1' });
    expect(await events.nth('fault.hit')).toMatchObject({
      effect: 'error',
      phase: 'before',
      command: 'm1.1',
    });
  });

  it('after: replaces the answer of the server', async () => {
    const error = { code: 4711, message: 'because', labels: ['Mine'] };
    const { connect, stub } = await rig({ on: 'mongo', phase: 'after', effect: 'error', error });
    const client = await connect();
    expect(await client.run(find)).toEqual({ errorLabels: ['Mine'], ok: 0, errmsg: 'because', code: 4711 });
    expect(stub.received).toHaveLength(1);
  });

  it('carries the labels that a server would give', async () => {
    const { connect } = await rig({ on: 'mongo', effect: 'error', error: { code: 11600 } });
    const client = await connect();
    const txnNumber = Long.fromNumber(7);
    const labels = async (command: object): Promise<unknown> => (await client.run(command)).errorLabels;
    expect(await labels({ update: 'sessions' })).toBeUndefined();
    expect(await labels({ update: 'sessions', txnNumber })).toEqual(['RetryableWriteError']);
    const inTransaction = { txnNumber, autocommit: false };
    expect(await labels({ update: 'sessions', ...inTransaction })).toEqual(['TransientTransactionError']);
    expect(await labels({ commitTransaction: 1, ...inTransaction })).toEqual(['RetryableWriteError']);
  });

  it('does not label what no retry would help', async () => {
    const { connect } = await rig({ on: 'mongo', effect: 'error', error: { code: 13 } });
    const client = await connect();
    const reply = await client.run({ update: 'sessions', txnNumber: Long.fromNumber(7) });
    expect(reply.errorLabels).toBeUndefined();
  });
});

describe('reset', () => {
  it('before: the server never sees the command', async () => {
    const { connect, stub, events } = await rig({ on: 'mongo', effect: 'reset' });
    const client = await connect();
    await expect(client.run(find)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(stub.received).toEqual([]);
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'unknown', fault: 'fault-1' });
  });

  it('after: the server has carried it out', async () => {
    const { connect, stub, events } = await rig({ on: 'mongo', phase: 'after', effect: 'reset' });
    const client = await connect();
    await expect(client.run(find)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(stub.received).toHaveLength(1);
    expect(await events.nth('command.ended')).toMatchObject({ outcome: 'unknown', fault: 'fault-1' });
  });
});

describe('what faults leave alone', () => {
  it('the commands that keep a connection', async () => {
    const { connect, events } = await rig({ on: 'mongo', effect: 'reset' });
    const client = await connect();
    expect(await client.legacyHello()).toMatchObject({ ok: 1 });
    expect(await client.run({ hello: 1 })).toMatchObject({ ok: 1 });
    expect(await client.run({ saslStart: 1 })).toEqual({ ok: 1 });
    expect(events.all).toEqual([]);
  });

  it('writes that want no reply', async () => {
    const { connect, stub, events } = await rig({ on: 'mongo', effect: 'reset', times: 1 });
    const client = await connect();
    client.send({ insert: 'log' }, { flags: MSG_FLAG.moreToCome, documents: [{ a: 1 }] });
    expect(await events.nth('command.ended')).toMatchObject({ name: 'insert', outcome: 'unknown' });
    await expect(client.run(find)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(stub.received.map((command) => command.insert)).toEqual(['log']);
  });
});
