import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_BUGS } from '../dist/demo/bugs.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const USAGE = fileURLToPath(new URL('./usage.cjs', import.meta.url));
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

/** What is played: a good bot, or one with bugs and more trouble, so that there are thousands of findings to explain. */
const PLAYS = {
  good: {
    bugs: '',
    patience: '15s',
    faults: `
  - { name: slow, on: mongo, delay: { distribution: lognormal, median: 10ms, p99: 80ms } }
  - { name: double-tap, on: update, effect: double-tap, delay: 60ms, probability: 0.3 }`,
  },
  buggy: {
    bugs: Object.keys(DEMO_BUGS).join(','),
    patience: '4s',
    faults: `
  - { name: slow, on: mongo, delay: { distribution: lognormal, median: 20ms, p99: 300ms } }
  - { name: impatient, on: delivery, effect: timeout, delay: 200ms, match: { attempt: 1 }, probability: 0.03 }
  - { name: lost, on: delivery, effect: lose-acknowledgement, match: { attempt: 1 }, probability: 0.02 }
  - { name: double-tap, on: update, effect: double-tap, delay: 60ms, probability: 0.05 }`,
  },
};

/**
 * How long a long history takes to be judged and explained, and how much memory: plays the demo bot with 60 users,
 * puts copies of that run one after another, each with people of its own, and runs `sendtwice report` and
 * `sendtwice explain` on it. `npm run bench -- history [events] [good|buggy]`; default: 1,000,000 of the good bot.
 * A history of one's own is measured with `npm run bench -- history FOLDER`.
 */
export async function bench([count = '1000000', what = 'good']) {
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-bench-'));
  try {
    if (Number.isNaN(Number(count))) return measure(count);
    const run = join(folder, 'long');
    mkdirSync(run);
    const written = await multiply(playOnce(folder, PLAYS[what]), Number(count), join(run, 'history.jsonl'));
    console.log(`${written} events, ${what} bot`);
    measure(run);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measure(run) {
  for (const command of ['report', 'explain']) {
    const { stdout, stderr } = spawnSync(process.execPath, ['--require', USAGE, MAIN, command, run], {
      encoding: 'utf8',
      maxBuffer: 1024 ** 3,
    });
    const { ms, cpuMs, mb } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '{}');
    console.log(stdout.split('\n')[0]);
    console.log(
      `${command}: ${(ms / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of CPU), ${Math.round(mb)} MB at most`,
    );
  }
}

/** The events of one real run. */
function playOnce(folder, { bugs, patience, faults }) {
  writeFileSync(
    join(folder, 'bot.yaml'),
    `command: node ${join(ROOT, 'dist/demo/bot.js')}
env: { DEMO_BUGS: "${bugs}", BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}", MONGO_URI: "\${mongo.uri}", WEBHOOK_URL: "\${webhook.url}", WEBHOOK_SECRET: "\${webhook.secret}", PORT: "\${webhook.port}" }
`,
  );
  writeFileSync(
    join(folder, 'scenario.yaml'),
    `scenario: bench
play: { recording: ${join(ROOT, 'recordings/order-dialogue.jsonl')}, users: 60, arrivals: { rate: 20/s }, think: 100ms, patience: ${patience} }
faults:${faults}
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
