/**
 * What the fault proxy costs next to a dumb TCP pipe: `npm run bench -- proxy [folder of another build]…`.
 * Server, pipe, proxies and load are processes of their own. Pipe and proxies take turns in short rounds, so
 * that noise of the machine hits all of them. Each proxy records every command and checks one fault rule.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { serialize } from 'bson';

const CONNECTIONS = [1, 10, 50];
const ROUNDS = 9;
const ROUND_MS = 500;

/** An OP_MSG (2013) with one body. */
function message(requestId, responseTo, fields) {
  const body = serialize(fields);
  const bytes = Buffer.alloc(21 + body.length);
  for (const [at, value] of [bytes.length, requestId, responseTo, 2013].entries())
    bytes.writeInt32LE(value, at * 4);
  bytes.set(body, 21);
  return bytes;
}

/** Calls back for each whole message of a stream. */
function onMessages(socket, listener) {
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      listener(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}

/** The processes that this file is started as. Each tells its port. */
const ROLES = {
  /** Answers everything with one small document. */
  server: () => {
    const found = [{ _id: 1, key: '4711', value: { step: 'date', order: { size: 2, note: 'no onions' } } }];
    const cursor = { firstBatch: found, id: 0n, ns: 'bot.sessions' };
    const answer = message(0, 0, {
      helloOk: true,
      isWritablePrimary: true,
      maxWireVersion: 21,
      cursor,
      ok: 1,
    });
    return (socket) =>
      onMessages(socket, (request) => {
        const reply = Buffer.from(answer);
        request.copy(reply, 8, 4, 8);
        socket.write(reply);
      });
  },
  pipe: (port) => (near) => {
    const far = connect({ port, noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  },
};

async function play(role, port) {
  const server = createServer({ noDelay: true }, ROLES[role](Number(port))).listen(0);
  await once(server, 'listening');
  process.send(server.address().port);
  process.on('disconnect', () => process.exit(0));
}

async function started(role, ...args) {
  const child = fork(fileURLToPath(import.meta.url), [role, ...args.map(String)], { execArgv: [] });
  const [port] = await once(child, 'message');
  return { port, stop: () => child.disconnect() };
}

async function startedProxy(dist, upstreamPort) {
  const { startMongo } = await import(new URL('mongo/start.js', dist).href);
  const { RealClock } = await import(new URL('base/clock.js', dist).href);
  const handle = await startMongo({
    upstream: `mongodb://127.0.0.1:${upstreamPort}/`,
    faults: [{ on: 'mongo', name: 'never', match: { collection: 'orders' }, effect: 'reset' }],
    seed: 'bench',
    clock: new RealClock(),
    emit: () => {},
  });
  handle.begin();
  return { port: Number(new URL(handle.uri).port), stop: () => handle.close() };
}

/** Commands a second over so many connections, each with one command at a time. */
async function throughput(port, connections) {
  const lsid = { id: Buffer.alloc(16, 7) };
  const find = message(1, 0, { find: 'sessions', filter: { key: '4711' }, limit: 1, lsid, $db: 'bot' });
  let count = 0;
  const sockets = Array.from({ length: connections }, () => connect({ port, noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const startedAt = performance.now();
  for (const socket of sockets) {
    let requestId = 1;
    const send = () => {
      requestId += 1;
      const request = Buffer.from(find);
      request.writeInt32LE(requestId, 4);
      socket.write(request);
    };
    onMessages(socket, () => {
      count += 1;
      send();
    });
    send();
  }
  await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  const perSecond = count / ((performance.now() - startedAt) / 1000);
  for (const socket of sockets) socket.destroy();
  return perSecond;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export async function bench(folders) {
  const builds = [new URL('../dist/', import.meta.url), ...folders.map((path) => pathToFileURL(`${path}/`))];
  const server = await started('server');
  const pipe = await started('pipe', server.port);
  const proxies = await Promise.all(builds.map((dist) => startedProxy(dist, server.port)));
  for (const connections of CONNECTIONS) {
    const ways = [pipe, ...proxies].map(({ port }) => ({ port, results: [] }));
    for (let round = 0; round < ROUNDS; round += 1)
      for (const { port, results } of ways) results.push(await throughput(port, connections));
    const [pipeOnly = 0, ...others] = ways.map(({ results }) => median(results));
    const shown = others.map(
      (perSecond) => `${Math.round(perSecond)}/s (${(perSecond / pipeOnly).toFixed(2)})`,
    );
    console.log(`${connections} connections: pipe ${Math.round(pipeOnly)}/s, proxy ${shown.join(', ')}`);
  }
  await Promise.all([...proxies, pipe, server].map(({ stop }) => stop()));
}

const [role, port] = process.argv.slice(2);
if (process.send !== undefined && role !== undefined) await play(role, port);
