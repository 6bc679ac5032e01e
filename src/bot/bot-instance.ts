import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Clock } from '../base/clock.js';
import { formatDuration } from '../base/duration.js';
import { SendtwiceError } from '../base/errors.js';
import type { Emit } from '../history/events.js';
import type { InstanceLog, Stream } from './bot-log.js';
import { LineSplitter } from './line-splitter.js';
import { adopt, release, signalGroup } from './process-group.js';
import { explainReady, type Ready, watchReadiness } from './readiness.js';

export interface InstanceOptions {
  /** From 1. */
  readonly instance: number;
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Ready;
  readonly readyTimeoutMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly log: InstanceLog;
  readonly emit: Emit;
  readonly clock: Clock;
  /** It ended, was ready before, and nobody had asked it to. */
  readonly onDeath: (error: SendtwiceError) => void;
}

/** How long output may still come after the process has ended (a grandchild may hold the pipes open). */
const LAST_WORDS_MS = 300;
const GROUP_CHECK_EVERY_MS = 20;
/** What SIGKILL takes; a zombie that nobody reaps (a container without an init) is not waited for any longer. */
const AFTER_SIGKILL_MS = 500;

/** One process of the bot: starts, becomes ready, ends. Never started twice. */
export class BotInstance {
  readonly #options: InstanceOptions;
  readonly #child: ChildProcess;
  /** Resolves when the process has ended and its output is read; never rejects. */
  readonly #ended: Promise<void>;
  /** How the start ended badly, if it did. */
  readonly #failure: Promise<SendtwiceError>;
  #expected = false;
  #isReady = false;

  private constructor(options: InstanceOptions) {
    this.#options = options;
    const [program = '', ...args] = options.words;
    options.log.forget();
    this.#child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (this.#child.pid !== undefined) {
      adopt(this.#child);
      options.emit({ type: 'bot.started', instance: options.instance, pid: this.#child.pid });
    }
    this.#read('stdout');
    this.#read('stderr');
    const exit = exitOf(this.#child);
    const closed = closeOf(this.#child);
    this.#ended = exit.then(() => this.#afterExit(closed));
    this.#failure = exit.then(async (error) => {
      await this.#ended;
      if (error !== undefined) return notStartable(options, error);
      return new SendtwiceError(
        'bot/exited-early',
        `The bot ended before it was ready, with ${describeExit(this.#child)}. ${options.log.quote()}`,
        { hint: 'Run the command by hand with the same environment; bot.log has all of its output.' },
      );
    });
  }

  /**
   * Starts the process and waits until it is ready. When that fails, nothing of it is left running.
   * @throws SendtwiceError `bot/not-startable`, `bot/exited-early`, `bot/not-ready`, `run/interrupted`
   */
  static async start(options: InstanceOptions, signal: AbortSignal): Promise<BotInstance> {
    checkCwd(options);
    const { clock, ready, readyTimeoutMs } = options;
    const startedAt = clock.now();
    const watching = new AbortController();
    const isReady = watchReadiness(ready, options.log, clock, watching.signal).then(() => undefined);
    const instance = new BotInstance(options);
    const failure = await new Promise<SendtwiceError | undefined>((resolve, reject) => {
      const interrupted = (): void =>
        resolve(new SendtwiceError('run/interrupted', 'The run was stopped while the bot started'));
      const timer = clock.set(readyTimeoutMs, () => resolve(notReady(options)));
      if (signal.aborted) interrupted();
      signal.addEventListener('abort', interrupted);
      isReady.then(resolve, reject);
      instance.#failure.then(resolve, reject);
      watching.signal.addEventListener('abort', () => {
        clock.clear(timer);
        signal.removeEventListener('abort', interrupted);
      });
    }).finally(() => watching.abort());
    if (failure !== undefined) {
      await instance.stop();
      throw failure;
    }
    instance.#isReady = true;
    options.emit({ type: 'bot.ready', instance: options.instance, ms: clock.now() - startedAt });
    return instance;
  }

  /** SIGTERM, and SIGKILL when that was not enough. Resolves when the whole group is gone. */
  async stop(): Promise<void> {
    this.#expected = true;
    if (!signalGroup(this.#child, 'SIGTERM')) return this.#ended;
    this.thaw(); // a frozen process hears no SIGTERM
    const { clock, stopTimeoutMs } = this.#options;
    const timer = clock.set(stopTimeoutMs, () => signalGroup(this.#child, 'SIGKILL'));
    await this.#ended;
    clock.clear(timer);
  }

  /** Lets the whole group stand still, or go on. */
  freeze(): void {
    signalGroup(this.#child, 'SIGSTOP');
  }

  thaw(): void {
    signalGroup(this.#child, 'SIGCONT');
  }

  /** SIGKILL, at once. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#expected = true;
    signalGroup(this.#child, 'SIGKILL');
    await this.#ended;
  }

  #read(stream: Stream): void {
    const lines = new LineSplitter((line) => this.#options.log.write(stream, line));
    this.#child[stream]?.on('data', (chunk: Buffer) => lines.push(chunk));
    this.#child[stream]?.on('end', () => lines.end());
  }

  async #afterExit(closed: Promise<void>): Promise<void> {
    const { clock, emit, instance, log, onDeath, stopTimeoutMs } = this.#options;
    const child = this.#child;
    // A leader that died leaves orphans; one that was asked to end (a wrapper such as npm) may leave the
    // bot itself, which still cleans up.
    if (!this.#expected) signalGroup(child, 'SIGKILL');
    const limitMs = clock.now() + stopTimeoutMs + AFTER_SIGKILL_MS;
    while (signalGroup(child, 0) && clock.now() < limitMs) await pause(GROUP_CHECK_EVERY_MS, clock);
    await Promise.race([closed, pause(LAST_WORDS_MS, clock)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    release(child);
    log.noteLeftOut();
    if (child.pid === undefined) return;
    emit({
      type: 'bot.exited',
      instance,
      pid: child.pid,
      ...(child.exitCode !== null && { code: child.exitCode }),
      ...(child.signalCode !== null && { signal: child.signalCode }),
      expected: this.#expected,
    });
    if (this.#isReady && !this.#expected) onDeath(died(this.#options, child));
  }
}

/** Resolves at the end of the process, with the error of a process that never began. */
function exitOf(child: ChildProcess): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve(undefined));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(error);
    });
  });
}

/** Resolves when its output is read to the end. */
function closeOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
  });
}

function pause(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.set(ms, resolve);
  });
}

function describeExit(child: ChildProcess): string {
  return child.signalCode === null
    ? `exit code ${child.exitCode ?? 'unknown'}`
    : `signal ${child.signalCode}`;
}

function died({ instance, log }: InstanceOptions, child: ChildProcess): SendtwiceError {
  return new SendtwiceError(
    'bot/died',
    `Instance ${instance} of the bot ended with ${describeExit(child)}, and nobody had asked it to. ${log.quote()}`,
    { hint: 'bot.log has all of its output.' },
  );
}

function notReady({ ready, readyTimeoutMs, log }: InstanceOptions): SendtwiceError {
  return new SendtwiceError(
    'bot/not-ready',
    `The bot did not become ready: waited ${formatDuration(readyTimeoutMs)} for ${explainReady(ready)}. ${log.quote()}`,
    { hint: 'Check what the bot waits for, or set `ready` and `ready_timeout` in the bot file.' },
  );
}

function checkCwd({ cwd }: InstanceOptions): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new SendtwiceError('bot/not-startable', `The working directory of the bot does not exist: ${cwd}`, {
    hint: 'Correct `cwd` in the bot file; it is relative to that file.',
  });
}

function notStartable({ words }: InstanceOptions, error: NodeJS.ErrnoException): SendtwiceError {
  const program = words[0] ?? '';
  const isMissing = error.code === 'ENOENT';
  return new SendtwiceError(
    'bot/not-startable',
    isMissing
      ? `There is no program ${JSON.stringify(program)}`
      : `Cannot start ${JSON.stringify(program)}: ${error.code ?? error.message}`,
    {
      hint: isMissing
        ? 'The first word of the command must be on the PATH of the bot, or be a path from its `cwd`.'
        : 'The first word of the command must be a program that you may execute.',
      cause: error,
    },
  );
}
