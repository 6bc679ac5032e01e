/**
 * How many sendMessage calls a second the fake Bot API server answers: `npm run bench -- api [folder of another build]…`.
 * Next to it: a bare node:http server that parses the same JSON body and answers a constant of the same size, and
 * telegram-test-api. Servers and load are processes of their own. They take turns in short rounds, so that noise of
 * the machine hits all of them; CPU time a call is told too, which noise hits less. The history is on.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CONNECTIONS = [1, 10, 50];
const ROUNDS = 9;
const ROUND_MS = 500;
const CHATS = 100;
const FIRST_CHAT = 5_000_001;
const TOKEN = `123456:${'A'.repeat(35)}`;
const TEXT = 'Your order is on its way: two large pizzas, no onions. It will be with you in half an hour!';

/** The processes that this file is started as. Each returns its port and what stops it. */
const ROLES = {
  bare: async (size) => {
    const body = `{"ok":true,"result":{"text":"${'x'.repeat(Number(size) - 32)}"}}`;
    const server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        JSON.parse(Buffer.concat(chunks).toString());
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
        response.end(body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: server.address().port, stop: () => server.close() };
  },

  ours: async (dist) => {
    const from = (path) => import(new URL(path, dist).href);
    const { RealClock } = await from('base/clock.js');
    const { HistoryWriter } = await from('history/writer.js');
    const { TelegramServer } = await from('telegram/server.js');
    const clock = new RealClock();
    const folder = mkdtempSync(join(tmpdir(), 'sendtwice-bench-'));
    const history = new HistoryWriter(join(folder, 'history.jsonl'), clock);
    const server = await TelegramServer.start({ clock, emit: history.emit, seed: 'bench' });
    const bot = server.addBot({ token: TOKEN });
    for (let i = 0; i < CHATS; i += 1) bot.addChat({ id: FIRST_CHAT + i, type: 'private', first_name: 'A' });
    const stop = () => {
      history.close();
      rmSync(folder, { recursive: true });
    };
    return { port: Number(new URL(server.origin).port), stop };
  },

  'telegram-test-api': async () => {
    const TelegramServer = createRequire(import.meta.url)('telegram-test-api');
    const port = await freePort();
    const server = new TelegramServer({ port, host: '127.0.0.1' });
    await server.start();
    return { port, stop: () => undefined };
  },

  load: async () => ({ port: 0, stop: () => undefined }),
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function play(role, argument) {
  const { port, stop } = await ROLES[role](argument);
  process.on('message', async (asked) => {
    if (asked.what === 'cpu') process.send(process.cpuUsage());
    if (asked.what === 'load') process.send(await load(asked));
  });
  process.on('disconnect', () => {
    stop();
    process.exit(0);
  });
  process.send(port);
}

async function started(name, role, argument = '') {
  const execArgv =
    role === 'ours' && process.env.BENCH_NODE_OPTIONS ? process.env.BENCH_NODE_OPTIONS.split(' ') : [];
  const child = fork(fileURLToPath(import.meta.url), [role, argument], {
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failed = once(child, 'exit').then(() => Promise.reject(new Error(`The process "${name}" ended`)));
  const [port] = await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  return { name, port, child, rounds: [] };
}

async function ask(child, asked) {
  child.send(asked);
  const [answer] = await once(child, 'message');
  return answer;
}

function requestOf(chat) {
  const body = JSON.stringify({ chat_id: chat, text: TEXT });
  const head = [
    `POST /bot${TOKEN}/sendMessage HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: keep-alive',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Calls over so many connections, each with one call at a time. */
async function load({ port, connections, ms }) {
  let count = 0;
  let size = 0;
  const requests = Array.from({ length: CHATS }, (_, i) => requestOf(FIRST_CHAT + i));
  const sockets = Array.from({ length: connections }, () =>
    connect({ port, host: '127.0.0.1', noDelay: true }),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const startedAt = performance.now();
  for (const [index, socket] of sockets.entries()) {
    let next = index;
    let received = '';
    const send = () => {
      socket.write(requests[next % CHATS]);
      next += 1;
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += chunk;
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)[1]);
      if (received.length < end + 4 + length) return;
      if (!received.startsWith('HTTP/1.1 200')) throw new Error(`Refused: ${received}`);
      size = length;
      received = '';
      count += 1;
      send();
    });
    send();
  }
  await new Promise((resolve) => setTimeout(resolve, ms));
  const perSecond = count / ((performance.now() - startedAt) / 1000);
  for (const socket of sockets) socket.destroy();
  return { perSecond, count, size };
}

async function round(loader, way, connections, ms) {
  const before = await ask(way.child, { what: 'cpu' });
  const { perSecond, count, size } = await ask(loader.child, {
    what: 'load',
    port: way.port,
    connections,
    ms,
  });
  const after = await ask(way.child, { what: 'cpu' });
  const cpuUs = (after.user + after.system - before.user - before.system) / count;
  return { perSecond, cpuUs, size };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Ratios are taken round by round, between neighbours in time. */
function described(way, bare, other) {
  const all = (key) => way.rounds.map((one) => one[key]);
  const times = (key, to, flip = false) =>
    median(
      all(key).map((value, i) => (flip ? to.rounds[i][key] / value : value / to.rounds[i][key])),
    ).toFixed(2);
  const beside = (to) => `${times('perSecond', to)} (by CPU ${times('cpuUs', to, true)}) of ${to.name}`;
  const own = `${Math.round(median(all('perSecond')))}/s, ${Math.round(median(all('cpuUs')))} µs of CPU a call`;
  return [own, ...[bare, other].filter((to) => to !== way && way !== bare).map(beside)].join('; ');
}

export async function bench(folders) {
  const dists = [
    ...(folders.length ? [] : [new URL('../dist/', import.meta.url)]),
    ...folders.map((path) => pathToFileURL(`${path}/`)),
  ];
  const loader = await started('load', 'load');
  const ours = [];
  for (const [i, dist] of dists.entries())
    ours.push(await started(folders.length === 0 ? 'ours' : `ours ${folders[i]}`, 'ours', dist.href));
  const { size } = await round(loader, ours[0], 10, 1000);
  const bare = await started('bare', 'bare', String(size));
  const other = await started('telegram-test-api', 'telegram-test-api');
  const ways = [bare, ...ours, other];
  for (const way of ways) await round(loader, way, 10, 1000);
  for (const connections of CONNECTIONS) {
    for (const way of ways) way.rounds = [];
    for (let i = 0; i < ROUNDS; i += 1)
      for (const way of ways) way.rounds.push(await round(loader, way, connections, ROUND_MS));
    console.log(`${connections} connection${connections === 1 ? '' : 's'}:`);
    for (const way of ways) console.log(`  ${way.name}: ${described(way, bare, other)}`);
  }
  for (const { child } of [loader, ...ways]) child.disconnect();
}

const [role, argument] = process.argv.slice(2);
if (process.send !== undefined && role !== undefined) await play(role, argument);
