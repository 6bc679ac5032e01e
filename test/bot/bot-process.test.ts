import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { SendtwiceError } from '../../src/base/errors.js';
import { type BotOptions, type BotUnderTest, startBot } from '../../src/bot/bot-process.js';
import { freePort } from '../../src/bot/free-port.js';
import type { EventBody } from '../../src/history/events.js';

/** A bot that says "up" and lives until it is ended. */
const LIVES = 'console.log("up"); setInterval(() => {}, 1000);';
/** The same, and SIGTERM does not impress it. */
const STUBBORN = `process.on("SIGTERM", () => console.log("no")); ${LIVES}`;
/** Starts a stubborn child, tells its pid, and ends politely itself. */
const PARENT = `
  const { spawn } = require("node:child_process");
  const child = spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}], { stdio: "inherit" });
  console.log("child=" + child.pid);
  setInterval(() => {}, 1000);`;

const folders: string[] = [];
const bots: BotUnderTest[] = [];

afterEach(async () => {
  await Promise.all(bots.splice(0).map((bot) => bot.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly bot: BotUnderTest;
  readonly events: readonly EventBody[];
  readonly logPath: string;
}

async function start(script: string, options: Partial<BotOptions> = {}): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'bot-process-'));
  folders.push(folder);
  const events: EventBody[] = [];
  const logPath = join(folder, 'bot.log');
  const bot = await startBot({
    command: [process.execPath, '-e', script],
    cwd: folder,
    env: {},
    instances: 1,
    ready: { type: 'log', text: 'up' },
    readyTimeoutMs: 10_000,
    stopTimeoutMs: 5000,
    emit: (event) => events.push(event),
    clock: new RealClock(),
    logPath,
    ...options,
  });
  bots.push(bot);
  return { bot, events, logPath };
}

async function failure(started: Promise<unknown>): Promise<SendtwiceError> {
  const error = await started.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SendtwiceError);
  return error as SendtwiceError;
}

/** A zombie is dead: in a container without an init nobody may ever reap it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

const types = (events: readonly EventBody[]): string[] => events.map((event) => event.type);
const pids = (events: readonly EventBody[]): number[] =>
  events.flatMap((event) => (event.type === 'bot.started' ? [event.pid] : []));

describe('startBot', () => {
  it('starts, reports and stops a bot', async () => {
    const { bot, events, logPath } = await start(LIVES);
    await bot.stop();
    expect(types(events)).toEqual(['bot.started', 'bot.log', 'bot.ready', 'bot.exited']);
    expect(events.at(-1)).toMatchObject({ instance: 1, signal: 'SIGTERM', expected: true });
    expect(readFileSync(logPath, 'utf8')).toBe('[1] up\n');
    expect(isAlive(pids(events)[0] ?? 0)).toBe(false);
  });

  it('gives nothing of its own environment, and each instance its own', async () => {
    const script = 'console.log("up", JSON.stringify(process.env)); setInterval(() => {}, 1000);';
    const { logPath } = await start(script, {
      instances: 2,
      env: (instance) => ({ INSTANCE: String(instance) }),
    });
    expect(readFileSync(logPath, 'utf8')).toBe('[1] up {"INSTANCE":"1"}\n[2] up {"INSTANCE":"2"}\n');
  });

  it('starts each instance with its own command and its own sign of being ready, when it may', async () => {
    const events: string[] = [];
    await start('', {
      instances: 2,
      command: (instance) => [process.execPath, '-e', LIVES.replace('up', `here is ${instance}`)],
      ready: (instance) => ({ type: 'log', text: `here is ${instance}` }),
      mayStart: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        events.push('may start');
      },
      emit: (event) => events.push(event.type),
    });
    const one = ['may start', 'bot.started', 'bot.log', 'bot.ready'];
    expect(events).toEqual([...one, ...one]);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('strikes in the very turn in which it is asked to', async () => {
    const { bot, events } = await start(LIVES);
    const [pid = 0] = pids(events);
    const isInState = (states: RegExp, withinMs = 5000): boolean => {
      // No turn of the event loop lies in between; only the kernel may take a moment.
      const until = performance.now() + withinMs;
      while (performance.now() < until) {
        if (states.test(/\) (.) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '')) return true;
      }
      return false;
    };
    bot.standStill(1);
    expect(isInState(/T/)).toBe(true);
    bot.goOn(1);
    expect(isInState(/[^T]/)).toBe(true);
    const frozen = bot.freeze(1, 50);
    expect(isInState(/T/)).toBe(true);
    bot.goOn(1); // nobody has asked for that one to stand still until it is told
    expect(isInState(/[^T]/, 100)).toBe(false);
    await frozen;
    expect(isInState(/[^T]/)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve)); // that turn is over
    const killed = bot.restart(1, 'kill');
    expect(isInState(/[ZX]/)).toBe(true);
    await killed;
  });

  it('ends what stands still as it stands, and restarts it as it should', async () => {
    const { bot, events } = await start(
      'process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000);',
    );
    bot.standStill(1);
    await bot.restart(1, 'restart');
    bot.standStill(1);
    await bot.stop();
    const ends = events.flatMap((event) => (event.type === 'bot.exited' ? [event.signal ?? event.code] : []));
    expect(ends).toEqual([0, 'SIGKILL']);
  });

  it('waits for an HTTP port', async () => {
    const port = await freePort();
    const script = `require("http").createServer((_, r) => r.writeHead(404).end()).listen(${port}, "127.0.0.1")`;
    const { events } = await start(script, {
      ready: { type: 'http', url: `http://127.0.0.1:${port}/health` },
    });
    expect(types(events)).toEqual(['bot.started', 'bot.ready']);
  });

  it('waits for a call, and listens before the bot is started', async () => {
    const order: string[] = [];
    await start(LIVES, {
      ready: {
        type: 'call',
        methods: ['getUpdates'],
        waitForCall: () => {
          order.push('listening');
          return Promise.resolve();
        },
      },
      emit: (event) => order.push(event.type),
    });
    expect(order.slice(0, 3)).toEqual(['listening', 'bot.started', 'bot.ready']);
  });

  it('kills what does not end, and the children of the bot', async () => {
    const { bot, events } = await start(PARENT, { stopTimeoutMs: 300 });
    const line = events.find((event) => event.type === 'bot.log' && event.line.startsWith('child='));
    const child = Number(line?.type === 'bot.log' ? line.line.slice(6) : Number.NaN);
    expect(isAlive(child)).toBe(true);
    await bot.stop();
    expect(isAlive(child)).toBe(false);
  });

  it('restarts softly and hard, one after the other', async () => {
    const { bot, events } = await start(LIVES);
    await Promise.all([bot.restart(1, 'restart'), bot.restart(1, 'kill')]);
    expect(types(events).filter((type) => type !== 'bot.log')).toEqual([
      ...['bot.started', 'bot.ready', 'bot.exited'],
      ...['bot.started', 'bot.ready', 'bot.exited'],
      ...['bot.started', 'bot.ready'],
    ]);
    const ends = events.flatMap((event) => (event.type === 'bot.exited' ? [event.signal] : []));
    expect(ends).toEqual(['SIGTERM', 'SIGKILL']);
    expect(new Set(pids(events)).size).toBe(3);
  });

  it('tells of a death that nobody asked for, with the last words', async () => {
    const { bot, events } = await start(
      'console.log("up"); setTimeout(() => { console.error("out of luck"); process.exit(3); }, 50);',
    );
    const error = await new Promise<SendtwiceError>((resolve) => {
      bot.onDeath(resolve);
    });
    expect(error.code).toBe('bot/died');
    expect(error.message).toContain('exit code 3');
    expect(error.message).toContain('out of luck');
    expect(events.at(-1)).toMatchObject({ type: 'bot.exited', code: 3, expected: false });
    let again: SendtwiceError | undefined;
    bot.onDeath((told) => {
      again = told;
    });
    expect(again).toBe(error);
  });
});

describe('a bot that does not start', () => {
  it('is not there', async () => {
    const error = await failure(start('', { command: 'no-such-program --fast' }));
    expect(error.code).toBe('bot/not-startable');
    expect(error.message).toContain('"no-such-program"');
    expect(error.hint).toContain('PATH');
  });

  it('has no working directory', async () => {
    const error = await failure(start(LIVES, { cwd: join(tmpdir(), 'not-here-at-all') }));
    expect(error.code).toBe('bot/not-startable');
    expect(error.message).toContain('not-here-at-all');
  });

  it('ends early', async () => {
    const secret = `123456:${'A'.repeat(35)}`;
    const error = await failure(start(`console.error("bad token ${secret}"); process.exit(1)`));
    expect(error.code).toBe('bot/exited-early');
    expect(error.message).toContain('exit code 1');
    expect(error.message).toContain('bad token <token>');
  });

  it('never becomes ready, and is not left behind', async () => {
    const events: EventBody[] = [];
    const error = await failure(
      start(STUBBORN, {
        ready: { type: 'log', text: 'never' },
        readyTimeoutMs: 600,
        stopTimeoutMs: 100,
        emit: (event) => events.push(event),
      }),
    );
    expect(error.code).toBe('bot/not-ready');
    expect(error.message).toContain('waited 600 ms for a line with "never"');
    expect(isAlive(pids(events)[0] ?? process.pid)).toBe(false);
  });

  it('is interrupted', async () => {
    const interrupt = new AbortController();
    const error = await failure(
      start(LIVES, {
        ready: { type: 'log', text: 'never' },
        signal: interrupt.signal,
        emit: (event) => {
          if (event.type === 'bot.log') interrupt.abort();
        },
      }),
    );
    expect(error.code).toBe('run/interrupted');
  });

  it('may be asked for on this machine only', async () => {
    const error = await failure(start(LIVES, { ready: { type: 'http', url: 'http://192.0.2.1/' } }));
    expect(error.code).toBe('target/not-loopback');
  });
});
