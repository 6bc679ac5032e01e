import { type Clock, pause } from '../base/clock.js';
import { SendtwiceError } from '../base/errors.js';
import type { Emit } from '../history/events.js';
import { BotInstance } from './bot-instance.js';
import { BotLogFile, InstanceLog } from './bot-log.js';
import { commandWords } from './command-words.js';
import { checkReady, type Ready } from './readiness.js';

export type { Ready } from './readiness.js';

export interface BotOptions {
  /** A string is split into words (see {@link commandWords}: no shell); a list is taken as it is. */
  readonly command: string | readonly string[];
  readonly cwd: string;
  /** The whole environment of the bot, or that of an instance (from 1). Nothing is inherited. */
  readonly env: Readonly<Record<string, string>> | ((instance: number) => Readonly<Record<string, string>>);
  readonly instances: number;
  readonly ready: Ready;
  readonly readyTimeoutMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly emit: Emit;
  readonly clock: Clock;
  /** `bot.log`: the output of all instances, without tokens. */
  readonly logPath: string;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
}

/**
 * Starts all instances, one after the other, and waits until each is ready. When one fails, those that
 * run are stopped.
 * @throws SendtwiceError `bot/not-startable`, `bot/exited-early`, `bot/not-ready`, `run/interrupted`,
 * `target/not-loopback`, `file/…`
 */
export async function startBot(options: BotOptions): Promise<BotUnderTest> {
  checkReady(options.ready);
  const words = typeof options.command === 'string' ? commandWords(options.command) : options.command;
  if (words.length === 0 || words[0] === '') {
    throw new SendtwiceError('file/bad-bot', 'The command of the bot is empty', {
      hint: 'Write how to start it, such as `node bot.js`.',
    });
  }
  const bot = new BotUnderTest(options, words);
  try {
    for (let instance = 1; instance <= options.instances; instance += 1) await bot.start(instance);
  } catch (error) {
    await bot.stop();
    throw error;
  }
  return bot;
}

/** The running bot: one process, or several instances of it. Made by {@link startBot}. */
export class BotUnderTest {
  readonly #options: BotOptions;
  readonly #words: readonly string[];
  readonly #file: BotLogFile;
  readonly #logs = new Map<number, InstanceLog>();
  readonly #running = new Map<number, BotInstance>();
  /** Restarts of one instance wait for each other. */
  readonly #turns = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #deathListeners = new Set<(error: SendtwiceError) => void>();
  #death: SendtwiceError | undefined;

  constructor(options: BotOptions, words: readonly string[]) {
    this.#options = options;
    this.#words = words;
    this.#file = new BotLogFile(options.logPath);
  }

  /** Starts an instance that does not run. For {@link startBot}. */
  async start(instance: number): Promise<void> {
    const { env, signal, ...rest } = this.#options;
    const started = await BotInstance.start(
      {
        ...rest,
        instance,
        words: this.#words,
        env: typeof env === 'function' ? env(instance) : env,
        log: this.#logOf(instance),
        onDeath: (error) => this.#died(error),
      },
      signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]),
    );
    this.#running.set(instance, started);
    // `stop` may have come in the very turn in which the instance became ready.
    if (this.#stopping.signal.aborted) await started.stop();
  }

  /**
   * Ends an instance (from 1) and starts it again. `restart`: SIGTERM first, as a deployment does.
   * `kill`: SIGKILL, as a crash. It stays down for `downMs` between. Resolves when the new process is ready; does nothing once the bot is
   * being stopped.
   * @throws SendtwiceError as {@link startBot}
   */
  restart(instance: number, how: 'restart' | 'kill', downMs = 0): Promise<void> {
    const turn = this.#turnOf(instance).then(async () => {
      const running = this.#running.get(instance);
      if (this.#stopping.signal.aborted || running === undefined) return;
      await (how === 'kill' ? running.kill() : running.stop());
      this.#running.delete(instance);
      if (downMs > 0) await pause(downMs, this.#options.clock, this.#stopping.signal);
      if (!this.#stopping.signal.aborted) await this.start(instance);
    });
    this.#turns.set(
      instance,
      turn.catch(() => undefined), // the caller hears of it; the next turn only waits
    );
    return turn;
  }

  /** Lets an instance stand still for a time, with everything it has started. Ends early when the bot is stopped. */
  freeze(instance: number, ms: number): Promise<void> {
    const turn = this.#turnOf(instance).then(async () => {
      const running = this.#running.get(instance);
      if (this.#stopping.signal.aborted || running === undefined) return;
      running.freeze();
      await pause(ms, this.#options.clock, this.#stopping.signal);
      running.thaw();
    });
    this.#turns.set(instance, turn);
    return turn;
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
    await Promise.all([...this.#running.values()].map((instance) => instance.stop()));
    this.#file.close();
  }

  #turnOf(instance: number): Promise<void> {
    return this.#turns.get(instance) ?? Promise.resolve();
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
