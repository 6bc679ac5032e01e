/**
 * What the fault proxy costs next to a dumb TCP pipe in a process of the same kind, to the direct connection
 * and to toxiproxy: `npm run bench -- proxy [folder of another build]…`. Server, pipe, proxies and load are
 * processes of their own and take turns in short rounds, so that noise of the machine hits all of them. Each
 * proxy records every command and checks one fault rule; once its harness throws the events away, once it
 * writes them to a history. CPU is that of all threads of the process in the middle, for one command.
 * Throughput and CPU are compared within each round; told is the median of the rounds, and in brackets between
 * which two values half of them lie. On a machine that has other work too, the round with the least CPU is
 * steadier, so its CPU is told as well. The pipe with buffers of its own is what is left of a proxy that looks
 * into nothing: it reads from both sides as ours does.
 *
 * toxiproxy comes from the Go module proxy: `GOBIN=/tmp/toxi go install github.com/Shopify/toxiproxy/v2/cmd/server@latest`,
 * then `TOXIPROXY=/tmp/toxi/server npm run bench -- proxy`.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { serialize } from 'bson';

const CONNECTIONS = [1, 10, 100];
const DOCUMENT_BYTES = [200, 20_000];
/** `ROW=10,200` measures only that row; `ROUNDS` and `ROUND_MS`: how many rounds, and how long each is. */
const [ROW_CONNECTIONS, ROW_BYTES] = (process.env.ROW ?? '').split(',').map(Number);
const ROUNDS = Number(process.env.ROUNDS ?? 9);
const ROUND_MS = Number(process.env.ROUND_MS ?? 500);

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
  /** Answers everything with one document; a find with the limit 2 with a large one. */
  server: () => {
    const answerOf = (bytes) => {
      const note = 'x'.repeat(Math.max(bytes - 150, 0));
      const found = [{ _id: 1, key: '4711', value: { step: 'date', order: { size: 2, note } } }];
      const cursor = { firstBatch: found, id: 0n, ns: 'bot.sessions' };
      return message(0, 0, { helloOk: true, isWritablePrimary: true, maxWireVersion: 21, cursor, ok: 1 });
    };
    const [small, large] = DOCUMENT_BYTES.map(answerOf);
    return (socket) =>
      onMessages(socket, (request) => {
        const reply = Buffer.from(request.includes('large') ? large : small);
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
  /** Into buffers that are used again, as soon as the other side has taken what was in them. */
  'pipe with own buffers': (port) => (accepted) => {
    const handle = accepted._handle;
    accepted._handle = null;
    const near = new Socket({ handle, onread: passTo((bytes) => passed(far, bytes)) });
    const far = connect({ port, noDelay: true, onread: passTo((bytes) => passed(near, bytes)) });
    near.on('close', () => {
      far.destroy();
      accepted.destroy();
    });
    far.on('close', () => near.destroy());
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
  },
};

/** True when not all has been taken yet. */
function passed(to, bytes) {
  to.write(bytes);
  return to.writableLength > 0;
}

function passTo(pass) {
  let buffer = Buffer.allocUnsafeSlow(64 * 1024);
  let isKept = false;
  return {
    buffer: () => {
      if (isKept) buffer = Buffer.allocUnsafeSlow(64 * 1024);
      return buffer;
    },
    callback: (length) => {
      isKept = pass(buffer.subarray(0, length));
      return true;
    },
  };
}

async function play(role, port) {
  const server = createServer({ noDelay: true }, ROLES[role](Number(port))).listen(0);
  await once(server, 'listening');
  process.send({ port: server.address().port });
  process.on('disconnect', () => process.exit(0));
}

async function started(role, ...args) {
  const child = fork(fileURLToPath(import.meta.url), [role, ...args.map(String)], { execArgv: [] });
  const [{ port, pid = child.pid }] = await once(child, 'message');
  const stop = async () => {
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  };
  return { port, pid, stop };
}

/** The harness of a proxy, which keeps its events or throws them away. */
async function startHarness(dist, upstreamPort, writes) {
  const { startMongo } = await import(new URL('mongo/start.js', dist).href);
  const { RealClock } = await import(new URL('base/clock.js', dist).href);
  const { HistoryWriter } = await import(new URL('history/writer.js', dist).href);
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-bench-'));
  const clock = new RealClock();
  const emit = writes === 'true' ? new HistoryWriter(join(folder, 'history.jsonl'), clock).emit : () => {};
  const handle = await startMongo({
    upstream: `mongodb://127.0.0.1:${upstreamPort}/`,
    faults: [{ on: 'mongo', name: 'never', match: { collection: 'orders' }, effect: 'reset' }],
    seed: 'bench',
    clock,
    emit,
  });
  handle.begin();
  process.send({ port: Number(new URL(handle.uri).port), pid: handle.pid });
  process.on('disconnect', async () => {
    await handle.close();
    rmSync(folder, { recursive: true });
    process.exit(0);
  });
}

/** The other proxy, or why it takes no part. */
async function startedToxiproxy(upstreamPort) {
  const path = process.env.TOXIPROXY;
  if (path === undefined || !existsSync(path)) {
    console.log(
      'toxiproxy: skipped, TOXIPROXY names no such program (see the head of scripts/bench-proxy.mjs)',
    );
    return [];
  }
  const free = createServer().listen(0);
  await once(free, 'listening');
  const apiPort = free.address().port;
  free.close();
  const child = spawn(path, ['-port', String(apiPort)], { stdio: ['ignore', 'ignore', 'ignore'] });
  const body = JSON.stringify({
    name: 'mongo',
    listen: '127.0.0.1:0',
    upstream: `127.0.0.1:${upstreamPort}`,
  });
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(`http://127.0.0.1:${apiPort}/proxies`, { method: 'POST', body });
      const { listen } = await answer.json();
      return [
        {
          name: 'toxiproxy',
          port: Number(listen.split(':').at(-1)),
          pid: child.pid,
          stop: () => child.kill(),
        },
      ];
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Microseconds of CPU that a process has used, in all of its threads; 0 where there is no /proc. */
function cpuUs(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const ns = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    );
    return ns.reduce((total, one) => total + one, 0) / 1000;
  } catch {
    // No such process, no /proc, or a thread that ended between the two.
    return 0;
  }
}

/** Commands over so many connections, each with one command at a time. */
async function round({ port, pid }, connections, documentBytes) {
  const lsid = { id: Buffer.alloc(16, 7) };
  const key = documentBytes > 1000 ? 'large' : '4711';
  const find = message(1, 0, { find: 'sessions', filter: { key }, limit: 1, lsid, $db: 'bot' });
  let count = 0;
  const sockets = Array.from({ length: connections }, () => connect({ port, noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  let cold = connections;
  let onWarm = () => {};
  const warm = new Promise((resolve) => {
    onWarm = resolve;
  });
  for (const socket of sockets) {
    let requestId = 1;
    const send = () => {
      requestId += 1;
      const request = Buffer.from(find);
      request.writeInt32LE(requestId, 4);
      socket.write(request);
    };
    let isFirst = true;
    onMessages(socket, () => {
      count += 1;
      if (isFirst) cold -= 1;
      isFirst = false;
      if (cold === 0) onWarm();
      send();
    });
    send();
  }
  // What it costs to open connections is not measured.
  await warm;
  count = 0;
  const startedAt = performance.now();
  const cpuBefore = cpuUs(pid);
  await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  const perSecond = count / ((performance.now() - startedAt) / 1000);
  const cpu = (cpuUs(pid) - cpuBefore) / count;
  for (const socket of sockets) socket.destroy();
  return { perSecond, cpu };
}

/** The value that so large a part of the others is below. */
const quantile = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(Math.floor(values.length * part), values.length - 1)] ?? 0;

const median = (values) => quantile(values, 0.5);

const spread = (values) =>
  `${median(values).toFixed(2)} [${quantile(values, 0.25).toFixed(2)} to ${quantile(values, 0.75).toFixed(2)}]`;

export async function bench(folders) {
  const builds = [new URL('../dist/', import.meta.url), ...folders.map((path) => pathToFileURL(`${path}/`))];
  const server = await started('server');
  const ways = [
    { name: 'pipe', ...(await started('pipe', server.port)) },
    { name: 'pipe with own buffers', ...(await started('pipe with own buffers', server.port)) },
    { name: 'direct', port: server.port, pid: 0, stop: () => {} },
  ];
  for (const [index, { href }] of builds.entries()) {
    const name = index === 0 ? 'proxy' : `proxy of ${folders[index - 1]}`;
    ways.push({ name, ...(await started('harness', href, server.port, false)) });
    ways.push({ name: `${name} with history`, ...(await started('harness', href, server.port, true)) });
  }
  ways.push(...(await startedToxiproxy(server.port)));
  for (const documentBytes of DOCUMENT_BYTES) {
    for (const connections of CONNECTIONS) {
      if (process.env.ROW !== undefined && (connections !== ROW_CONNECTIONS || documentBytes !== ROW_BYTES))
        continue;
      const results = ways.map(() => []);
      for (let n = 0; n < ROUNDS; n += 1)
        for (const [index, way] of ways.entries())
          results[index].push(await round(way, connections, documentBytes));
      const load = loadavg()[0]?.toFixed(1);
      console.log(`\n${connections} connections, documents of ${documentBytes} bytes (load ${load})`);
      for (const [index, { name, pid }] of ways.entries()) {
        const perSecond = median(results[index].map((result) => result.perSecond));
        // The ratio of each round to the pipe's in the same round: what slows the machine slows both.
        const ratios = results[index].map((result, n) => result.perSecond / results[0][n].perSecond);
        const cpu = median(results[index].map((result) => result.cpu));
        const quietest = Math.min(...results[index].map((result) => result.cpu));
        const cpuRatios = results[index].map((result, n) => result.cpu / results[0][n].cpu);
        const used =
          pid === 0
            ? ''
            : `; ${cpu.toFixed(1)} µs of CPU a command, ${spread(cpuRatios)} of the pipe, quietest ${quietest.toFixed(1)}`;
        console.log(`  ${name}: ${Math.round(perSecond)}/s, ${spread(ratios)} of the pipe${used}`);
      }
    }
  }
  for (const { stop } of ways.toReversed()) await stop();
  await server.stop();
}

const [role, ...args] = process.argv.slice(2);
if (process.send !== undefined && role === 'harness') await startHarness(...args);
else if (process.send !== undefined && role !== undefined) await play(role, args[0]);
