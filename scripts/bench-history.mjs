import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Events that happen once in a run. */
const ONCE = new Set([
  'run.started',
  'play.started',
  'play.ended',
  'run.ended',
  'bot.started',
  'bot.ready',
  'bot.exited',
  'bot.log',
]);

/**
 * How long a long history takes to be judged, and how much memory: plays the demo bot with 60 users, puts copies
 * of that run one after another, each with people of its own, and runs `sendtwice report` on it.
 * `npm run bench -- history [events]`; default: 1,000,000.
 */
export async function bench([count = '1000000']) {
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-bench-'));
  try {
    const real = playOnce(folder);
    const run = join(folder, 'long');
    mkdirSync(run);
    const written = await multiply(real, Number(count), join(run, 'history.jsonl'));
    const script = `
      const { performance } = require('node:perf_hooks');
      process.argv = [process.argv[0], ${JSON.stringify(MAIN)}, 'report', ${JSON.stringify(run)}];
      process.once('exit', () => {
        const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
        console.error(JSON.stringify({ ms: performance.now(), cpuMs: (userCPUTime + systemCPUTime) / 1000, mb: maxRSS / 1024 }));
      });
      import(${JSON.stringify(MAIN)});`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    const { ms, cpuMs, mb } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '{}');
    console.log(stdout.split('\n')[0]);
    console.log(
      `${written} events: ${(ms / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of CPU), ${Math.round(mb)} MB at most`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The events of one real run. */
function playOnce(folder) {
  writeFileSync(
    join(folder, 'bot.yaml'),
    `command: node ${join(ROOT, 'dist/demo/bot.js')}
env: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}", MONGO_URI: "\${mongo.uri}", WEBHOOK_URL: "\${webhook.url}", WEBHOOK_SECRET: "\${webhook.secret}", PORT: "\${webhook.port}" }
`,
  );
  writeFileSync(
    join(folder, 'scenario.yaml'),
    `scenario: bench
play: { recording: ${join(ROOT, 'recordings/order-dialogue.jsonl')}, users: 60, arrivals: { rate: 20/s }, think: 100ms, patience: 15s }
faults:
  - { name: slow, on: mongo, delay: { distribution: lognormal, median: 10ms, p99: 80ms } }
  - { name: double-tap, on: update, effect: double-tap, delay: 60ms, probability: 0.3 }
`,
  );
  const args = [
    'run',
    join(folder, 'scenario.yaml'),
    '--bot',
    join(folder, 'bot.yaml'),
    '--out',
    join(folder, 'runs'),
    '--seed',
    'bench',
  ];
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return readFileSync(join(folder, 'runs/latest/history.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function multiply(real, count, path) {
  const file = createWriteStream(path);
  let seq = 0;
  const write = async (event) => {
    seq += 1;
    if (!file.write(`${JSON.stringify({ ...event, seq })}\n`))
      await new Promise((done) => file.once('drain', done));
  };
  const one = (type) => real.find((event) => event.type === type);
  const spanMs = real.at(-1).at;
  for (const type of ['run.started', 'bot.started', 'bot.ready', 'play.started']) await write(one(type));
  let copy = 0;
  for (; seq < count - 3; copy += 1) {
    for (const event of real) {
      if (!ONCE.has(event.type)) await write(copied(event, copy, copy * spanMs));
    }
  }
  for (const type of ['play.ended', 'bot.exited', 'run.ended'])
    await write({ ...one(type), at: copy * spanMs });
  await new Promise((done) => file.end(done));
  return seq;
}

/** The same of other people, later. */
function copied(event, copy, laterMs) {
  const other = { ...event, at: Math.round((event.at + laterMs) * 1000) / 1000 };
  if (copy === 0) return other;
  if (other.user !== undefined) other.user = `${other.user}x${copy}`;
  if (other.traceparent !== undefined) {
    other.traceparent = other.traceparent.replace(/^00-.{8}/, `00-${String(copy).padStart(8, '0')}`);
  }
  for (const id of ['delivery', 'call', 'command', 'action', 'callbackQueryId']) {
    if (other[id] !== undefined) other[id] = `${other[id]}x${copy}`;
  }
  for (const [field, step] of [
    ['chatId', 1e7],
    ['userId', 1e7],
    ['updateId', 1e4],
    ['intendedAt', laterMs / copy],
    ['expiresAt', laterMs / copy],
  ]) {
    if (other[field] !== undefined) other[field] += copy * step;
  }
  return other;
}
