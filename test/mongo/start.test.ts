import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import type { SendtwiceError } from '../../src/base/errors.js';
import { type MongoHandle, type StartMongoOptions, startMongo } from '../../src/mongo/start.js';
import { RawClient } from './proxy/raw-client.js';
import { Events, stubServer } from './proxy/rig.js';

async function start(
  options: Partial<StartMongoOptions>,
): Promise<{ handle: MongoHandle; events: Events; connect(): Promise<RawClient> }> {
  const events = new Events();
  const clock = new RealClock();
  const handle = await startMongo({ faults: [], seed: 'start.test', clock, emit: events.emit, ...options });
  onTestFinished(() => handle.close());
  const address = new URL(handle.uri).host;
  return {
    handle,
    events,
    connect: async () => {
      const client = await RawClient.connect(address);
      onTestFinished(() => client.close());
      return client;
    },
  };
}

/** Resolves when a ping is not answered any more. */
async function noAnswer(client: RawClient): Promise<void> {
  for (;;) {
    const answered = client.run({ ping: 1 }).then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([answered, setTimeout(300, false)]))) return;
  }
}

describe('startMongo', () => {
  it('runs the proxy in another process, on the same clock', async () => {
    const stub = await stubServer();
    const stamped: number[] = [];
    const clock = new RealClock();
    const startedAt = clock.now();
    const { handle, connect } = await start({
      upstream: stub.uri,
      clock,
      emit: (_event, atMs) => stamped.push(atMs ?? Number.NaN),
    });
    const client = await connect();
    expect(await client.run({ ping: 1 })).toEqual({ ok: 1 });
    await handle.close();
    expect(stamped).toHaveLength(2);
    for (const atMs of stamped) {
      expect(atMs).toBeGreaterThan(startedAt);
      expect(atMs).toBeLessThan(clock.now());
    }
  });

  it('brings the embedded server along when there is no other', async () => {
    for (const topology of ['replicaSet', 'standalone'] as const) {
      const { handle, events, connect } = await start({ topology });
      const client = await connect();
      const address = new URL(handle.uri).host;
      expect((await client.run({ hello: 1 })).me).toBe(topology === 'replicaSet' ? address : undefined);
      expect(await client.run({ insert: 'sessions', documents: [{ a: 1 }] })).toMatchObject({ n: 1, ok: 1 });
      expect(await events.nth('command.ended')).toMatchObject({ name: 'insert', n: 1 });
    }
  });

  it('asks for a password where one is given', async () => {
    const { handle } = await start({ credentials: { user: 'bot', password: 'p@ss' } });
    expect(handle.uri).toContain('mongodb://bot:p%40ss@');
    const client = new MongoClient(handle.uri);
    onTestFinished(() => client.close());
    expect(await client.db('shop').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('closes in time when a command never ends, and says so', async () => {
    const { handle, events, connect } = await start({ closeWithinMs: 500 });
    const client = await connect();
    await client.run({ insert: 'texts', documents: [{ text: `${'a'.repeat(40)}!` }] });
    const other = await connect();
    // Events that come after a quiet time leave the process before it can be held up; batches are 50 ms apart.
    await setTimeout(250);
    const endless = client.run({ find: 'texts', filter: { text: { $regex: '^(a+)+$' } } });
    const ended = expect(endless).rejects.toThrow();
    await noAnswer(other);
    await handle.close();
    await ended;
    expect(events.of('command.started').some(({ name }) => name === 'find')).toBe(true);
    const [warning] = events.of('warning');
    expect(warning).toMatchObject({
      code: 'mongo/not-responding',
      message: expect.stringContaining('did not end within 500 ms and was killed'),
    });
  });

  it('switches the faults on when the play begins', async () => {
    const stub = await stubServer();
    const error = { code: 91 };
    const { handle, events, connect } = await start({
      upstream: stub.uri,
      faults: [{ on: 'mongo', name: 'refuse', effect: 'error', error }],
    });
    const client = await connect();
    expect(await client.run({ ping: 1 })).toEqual({ ok: 1 });
    handle.begin();
    // `begin` travels on another channel than the commands, so the first of them may be ahead of it.
    let reply = await client.run({ ping: 1 });
    for (let tries = 0; reply.ok === 1 && tries < 1000; tries += 1) reply = await client.run({ ping: 1 });
    expect(reply).toMatchObject({ ok: 0, code: 91 });
    expect(await events.nth('fault.hit')).toMatchObject({ fault: 'refuse' });
  });

  it('lets faults be added, switched and removed while it runs', async () => {
    const stub = await stubServer();
    const { handle, events, connect } = await start({ upstream: stub.uri });
    const { faults } = handle;
    const client = await connect();
    const code = async (): Promise<unknown> => (await client.run({ ping: 1 })).code;
    handle.begin();
    await faults.add({ on: 'mongo', name: 'refuse', effect: 'error', error: { code: 91 } });
    expect(await code()).toBe(91);
    await faults.switch('refuse', 'off');
    expect(await code()).toBeUndefined();
    await faults.switch('refuse', 'on');
    expect(await code()).toBe(91);
    await faults.remove('refuse');
    expect(await code()).toBeUndefined();
    await expect(faults.remove('refuse')).rejects.toMatchObject({
      code: 'usage/bad-argument',
      message: 'There is no fault called refuse',
    });
    await handle.close();
    expect(events.of('fault.switched').map(({ to }) => to)).toEqual(['added', 'off', 'on', 'removed']);
    expect(events.of('fault.hit')).toHaveLength(2);
    await expect(faults.remove('refuse')).rejects.toMatchObject({ code: 'mongo/proxy-failed' });
  });

  it('speaks TLS to the bot when it is told to', async () => {
    const { handle, events } = await start({ tls: true, contents: true });
    expect(handle.uri).toContain('tls=true&tlsCAFile=');
    const client = new MongoClient(handle.uri);
    onTestFinished(() => client.close());
    await client.db('shop').collection<{ _id: string }>('people').insertOne({ _id: 'Ada' });
    await client.close();
    await handle.close();
    const [insert] = events.of('command.started').filter(({ name }) => name === 'insert');
    expect(insert?.contents).toContain('"_id":"string(3)"');
  });

  it('hands over all events before it is closed', async () => {
    const stub = await stubServer();
    const { handle, events, connect } = await start({ upstream: stub.uri });
    const client = await connect();
    for (let n = 0; n < 100; n += 1) await client.run({ ping: n });
    await handle.close();
    expect(events.of('command.ended')).toHaveLength(100);
  });

  it('says when the server cannot be reached', async () => {
    const stub = await stubServer();
    const { uri, address } = stub;
    await stub.close();
    await expect(start({ upstream: uri })).rejects.toMatchObject({
      name: 'SendtwiceError',
      code: 'mongo/unreachable',
      message: `MongoDB at ${address} cannot be reached: connect ECONNREFUSED ${address}`,
    });
  });

  it('tells when its process dies', async () => {
    const stub = await stubServer();
    const { handle } = await start({ upstream: stub.uri });
    const failure = new Promise<SendtwiceError>((resolve) => handle.onFailure(resolve));
    process.kill(handle.pid, 'SIGKILL');
    expect(await failure).toMatchObject({
      code: 'mongo/proxy-failed',
      message: 'The process of the fault proxy ended (SIGKILL)',
    });
    const again = new Promise((resolve) => handle.onFailure(resolve));
    expect(await again).toBe(await failure);
  });

  it('outlives Ctrl-C, so that the harness can end it in order', async () => {
    const stub = await stubServer();
    const { handle, connect, events } = await start({ upstream: stub.uri });
    process.kill(handle.pid, 'SIGINT');
    const client = await connect();
    expect(await client.run({ ping: 1 })).toEqual({ ok: 1 });
    await handle.close();
    expect(events.of('command.ended')).toHaveLength(1);
  });

  it('ends when the harness is killed', async () => {
    const stub = await stubServer();
    const harness = spawn(
      process.execPath,
      ['--input-type=module', '--eval', HARNESS, new URL('../../dist/', import.meta.url).href, stub.uri],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [uri] = await once(harness.stdout.setEncoding('utf8'), 'data');
    const client = await RawClient.connect(new URL(String(uri)).host);
    harness.kill('SIGKILL');
    await once(client.socket, 'close');
  });
});

const HARNESS = `
  const [dist, upstream] = process.argv.slice(1);
  const { startMongo } = await import(dist + 'mongo/start.js');
  const { RealClock } = await import(dist + 'base/clock.js');
  const clock = new RealClock();
  const { uri } = await startMongo({ upstream, faults: [], seed: '', clock, emit: () => {} });
  process.stdout.write(uri);
`;
