import { type Clock, pause } from '../base/clock.js';
import { SendtwiceError } from '../base/errors.js';
import type { Emit } from '../history/events.js';
import { BotInstance } from './bot-instance.js';
import { BotLogFile, InstanceLog } from './bot-log.js';
import { commandWords } from './command-words.js';
import { checkReady, type Ready } from './readiness.js';

export type { Ready } from './readiness.js';

export interface BotOptions {
  /** A string is split into words (see {@link commandWords}: no shell); a list is taken as it is. Of an instance (from 1), or of all. */
  readonly command: Command | ((instance: number) => Command);
  readonly cwd: string;
  /** The whole environment of the bot, or that of an instance (from 1). Nothing is inherited. */
  readonly env: Readonly<Record<string, string>> | ((instance: number) => Readonly<Record<string, string>>);
  readonly instances: number;
  /** Of an instance, or of all. */
  readonly ready: Ready | ((instance: number) => Ready);
  readonly readyTimeoutMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly emit: Emit;
  readonly clock: Clock;
  /** `bot.log`: the output of all instances, without tokens. */
  readonly logPath: string;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  /** Awaited before each start of an instance. */
  readonly mayStart?: (signal: AbortSignal) => Promise<void>;
}

type Command = string | readonly string[];

const ofInstance = <T>(value: T | ((instance: number) => T), instance: number): T =>
  typeof value === 'function' ? (value as (instance: number) => T)(instance) : value;

/**
 * Starts all instances, one after the other, and waits until each is ready. When one fails, those that
 * run are stopped.
 * @throws SendtwiceError `bot/not-startable`, `bot/exited-early`, `bot/not-ready`, `run/interrupted`,
 * `target/not-loopback`, `file/…`
 */
export async function startBot(options: BotOptions): Promise<BotUnderTest> {
  const instances = Array.from({ length: options.instances }, (_, index) => index + 1);
  for (const instance of instances) checkReady(ofInstance(options.ready, instance));
  const words = instances.map((instance) => wordsOf(ofInstance(options.command, instance)));
  const bot = new BotUnderTest(options, words);
  try {
    for (const instance of instances) await bot.start(instance);
  } catch (error) {
    await bot.stop();
    throw error;
  }
  return bot;
}

function wordsOf(command: Command): readonly string[] {
  const words = typeof command === 'string' ? commandWords(command) : command;
  if (words.length > 0 && words[0] !== '') return words;
  throw new SendtwiceError('file/bad-bot', 'The command of the bot is empty', {
    hint: 'Write how to start it, such as `node bot.js`.',
  });
}

/** The running bot: one process, or several instances of it. Made by {@link startBot}. */
export class BotUnderTest {
  readonly #options: BotOptions;
  readonly #words: readonly (readonly string[])[];
  readonly #file: BotLogFile;
  readonly #logs = new Map<number, InstanceLog>();
  readonly #running = new Map<number, BotInstance>();
  /** Those that stand still until they are told to go on. */
  readonly #still = new Set<BotInstance>();
  /** Restarts of one instance wait for each other. */
  readonly #turns = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #deathListeners = new Set<(error: SendtwiceError) => void>();
  #death: SendtwiceError | undefined;

  /** `words`: the command of each instance. */
  constructor(options: BotOptions, words: readonly (readonly string[])[]) {
    this.#options = options;
    this.#words = words;
    this.#file = new BotLogFile(options.logPath);
  }

  /** Starts an instance that does not run. For {@link startBot}. */
  async start(instance: number): Promise<void> {
    const { env, mayStart, ready, signal: outer, ...rest } = this.#options;
    const stopping = this.#stopping.signal;
    const signal = outer === undefined ? stopping : AbortSignal.any([outer, stopping]);
    await mayStart?.(signal);
    const started = await BotInstance.start(
      {
        ...rest,
        instance,
        words: this.#words[instance - 1] ?? [],
        env: ofInstance(env, instance),
        ready: ofInstance(ready, instance),
        log: this.#logOf(instance),
        onDeath: (error) => this.#died(error),
      },
      signal,
    );
    this.#running.set(instance, started);
    // `stop` may have come in the very turn in which the instance became ready.
    if (this.#stopping.signal.aborted) await started.stop();
  }

  /**
   * Ends an instance (from 1) and starts it again. `restart`: SIGTERM first, as a deployment does.
   * `kill`: SIGKILL, as a crash. It stays down for `downMs` between; `onDown` is called when the process has gone.
   * Resolves when the new process is ready; does nothing once the bot is being stopped.
   * @throws SendtwiceError as {@link startBot}
   */
  restart(instance: number, how: 'restart' | 'kill', downMs = 0, onDown?: () => void): Promise<void> {
    return this.#inTurn(instance, async () => {
      const running = this.#running.get(instance);
      if (this.#stopping.signal.aborted || running === undefined) return;
      this.#still.delete(running);
      await (how === 'kill' ? running.kill() : running.stop());
      this.#running.delete(instance);
      onDown?.();
      if (downMs > 0) await pause(downMs, this.#options.clock, this.#stopping.signal);
      if (!this.#stopping.signal.aborted) await this.start(instance);
    });
  }

  /** Lets an instance stand still for a time, with everything it has started. Ends early when the bot is stopped. */
  freeze(instance: number, ms: number): Promise<void> {
    return this.#inTurn(instance, async () => {
      const running = this.#running.get(instance);
      if (this.#stopping.signal.aborted || running === undefined) return;
      running.freeze();
      await pause(ms, this.#options.clock, this.#stopping.signal);
      running.thaw();
    });
  }

  /** Lets an instance stand still until it is told to go on. One that is not is ended as it stands: by SIGKILL. */
  standStill(instance: number): void {
    const running = this.#running.get(instance);
    if (this.#stopping.signal.aborted || running === undefined) return;
    running.freeze();
    this.#still.add(running);
  }

  goOn(instance: number): void {
    const running = this.#running.get(instance);
    if (running !== undefined && this.#still.delete(running)) running.thaw();
  }

  /** Tells of a process that ended although nobody had asked it to, also when that was before. */
  onDeath(listener: (error: SendtwiceError) => void): void {
    this.#deathListeners.add(listener);
    if (this.#death !== undefined) listener(this.#death);
  }

  /** Ends all instances, also those that are just starting. Resolves when no process is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#turns.values());
    const running = [...this.#running.values()];
    await Promise.all(running.map((one) => (this.#still.has(one) ? one.kill() : one.stop())));
    this.#file.close();
  }

  /** Waits for what is being done to this instance; begins in this very moment when that is nothing. */
  #inTurn(instance: number, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(instance);
    const turn = before === undefined ? work() : before.then(work);
    const over = turn
      .catch(() => undefined) // the caller hears of it; the next turn only waits
      .then(() => {
        if (this.#turns.get(instance) === over) this.#turns.delete(instance);
      });
    this.#turns.set(instance, over);
    return turn;
  }

  #logOf(instance: number): InstanceLog {
    const { emit, clock } = this.#options;
    const known = this.#logs.get(instance);
    const log = known ?? new InstanceLog({ instance, file: this.#file, emit, clock });
    if (known === undefined) this.#logs.set(instance, log);
    return log;
  }

  #died(error: SendtwiceError): void {
    if (this.#death !== undefined) return;
    this.#death = error;
    for (const listener of this.#deathListeners) listener(error);
  }
}
