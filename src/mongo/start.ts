import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RealClock } from '../base/clock.js';
import { SendtwiceError } from '../base/errors.js';
import { printable } from '../base/untrusted.js';
import type { ProxyFault } from '../faults/schema.js';
import type { Emit } from '../history/events.js';
import type { Credentials } from './embedded/scram.js';
import { EventDecoder } from './process/event-codec.js';
import type { FaultChange, ToChild, ToParent, Topology } from './process/messages.js';

const CLOSE_WITHIN_MS = 5000;
const KEPT_STDERR = 4000;

export interface StartMongoOptions {
  /** mongodb:// or mongodb+srv:// URI. Absent: the embedded server. */
  readonly upstream?: string;
  /** Of the embedded server. `replicaSet` (the default) lets drivers retry writes, as Atlas does. */
  readonly topology?: Topology;
  /** Of the embedded server: a user that may log in, for bots that insist on it. The URI then has both. */
  readonly credentials?: Credentials;
  readonly faults: readonly ProxyFault[];
  readonly seed: string;
  readonly clock: RealClock;
  readonly emit: Emit;
  /** Port of the proxy on 127.0.0.1; by default a free one. With several servers, that of the first. */
  readonly port?: number;
  /** Speak TLS to the bot too; `uri` names the certificate, which is made for this run. Default: false. */
  readonly tls?: boolean;
  /** Refuse a replica set that has members on other machines, though the URI names none. Default: false. */
  readonly refuseRemote?: boolean;
  /**
   * Write the contents of commands to the history: keys, and the kinds of the values in place of the values.
   * Default: false.
   */
  readonly contents?: boolean;
  /** How long `close` waits for the process before it kills it. Default: 5,000 ms. */
  readonly closeWithinMs?: number;
}

/**
 * The faults of a running proxy. Each promise resolves when the change holds for every command that the
 * proxy reads from then on, and each change is in the history as `fault.switched`.
 *
 * @throws SendtwiceError `usage/bad-argument` for a name that is not there, or is there already;
 *   `mongo/proxy-failed` when the proxy has ended
 */
export interface LiveFaults {
  /** As `faultSchema` reads it: in milliseconds and with a name. It is on at once, if its window is. */
  add(fault: ProxyFault): Promise<void>;
  remove(name: string): Promise<void>;
  /** Its counters and draws go on where they were. */
  switch(name: string, to: 'on' | 'off'): Promise<void>;
}

/** A running fault proxy. */
export interface MongoHandle {
  /** For the bot. */
  readonly uri: string;
  /** The server itself: what the harness asks there meets no fault and is no command of the bot. */
  readonly directUri: string;
  /** Process id of the proxy, 0 when it could not be started. */
  readonly pid: number;
  /** The play begins: faults are on from now. */
  begin(): void;
  readonly faults: LiveFaults;
  /**
   * Hands over the events that are still on their way, then ends the process. One that does not obey within
   * `closeWithinMs` is killed, and the warning `mongo/not-responding` says so.
   */
  close(): Promise<void>;
  /** Called with `mongo/proxy-failed` when the process ends and nobody has closed it. */
  onFailure(listener: (error: SendtwiceError) => void): void;
}

/**
 * Starts the fault proxy in a process of its own.
 *
 * @throws SendtwiceError `mongo/unreachable`, `mongo/proxy-failed`, `listen/port-in-use`, or
 *   `usage/bad-argument` and `file/unreadable` for an upstream URI that cannot be used
 */
export async function startMongo(options: StartMongoOptions): Promise<MongoHandle> {
  const child = new ProxyProcess(options.emit, options.closeWithinMs ?? CLOSE_WITHIN_MS);
  try {
    const { uri, directUri } = await child.start(options);
    return {
      uri,
      directUri,
      pid: child.pid,
      begin: () => child.tell({ type: 'begin', atMs: options.clock.now() }),
      faults: {
        add: (fault) => child.change({ add: fault }),
        remove: (name) => child.change({ remove: name }),
        switch: (name, to) => child.change({ switch: name, to }),
      },
      close: () => child.close(),
      onFailure: (listener) => child.onFailure(listener),
    };
  } catch (error) {
    await child.close();
    throw error;
  }
}

/** The harness's end of the process. */
class ProxyProcess {
  readonly #child: ChildProcess;
  readonly #emit: Emit;
  readonly #closeWithinMs: number;
  readonly #exited: Promise<unknown>;
  readonly #closed: Promise<void>;
  readonly #listeners: ((error: SendtwiceError) => void)[] = [];
  #stderr = '';
  readonly #changes = new Map<number, (problem: string | undefined) => void>();
  #changeCount = 0;
  #isClosing = false;
  #failure: SendtwiceError | undefined;

  constructor(emit: Emit, closeWithinMs: number) {
    this.#emit = emit;
    this.#closeWithinMs = closeWithinMs;
    this.#child = fork(childFile(), [], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit').catch(() => undefined);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR);
    });
    const decoder = new EventDecoder();
    this.#closed = new Promise((resolve) => {
      this.#child.on('message', (message: ToParent) => {
        if (message.type === 'events') decoder.decode(message.bytes, emit);
        else if (message.type === 'faults-changed') this.#changes.get(message.request)?.(message.problem);
        else if (message.type === 'closed') resolve();
      });
    });
    // `close` comes after the last of stderr.
    this.#child.on('close', (code, signal) => this.#onEnded(signal ?? `exit code ${code}`));
    this.#child.on('error', (error) => this.#onEnded(error.message));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves to the URIs for the bot and for the harness. */
  start(options: StartMongoOptions): Promise<Pick<MongoHandle, 'uri' | 'directUri'>> {
    const { upstream, topology = 'replicaSet', credentials, faults, seed, clock, port = 0 } = options;
    const { tls = false, contents = false, refuseRemote = false } = options;
    this.tell({
      type: 'start',
      ...(upstream !== undefined && { upstream }),
      topology,
      ...(credentials !== undefined && { credentials }),
      faults,
      seed,
      port,
      tls,
      contents,
      refuseRemote,
      clockOrigin: clock.origin,
      startedAt: clock.startedAt,
    });
    return new Promise((resolve, reject) => {
      this.onFailure(reject);
      this.#child.on('message', (message: ToParent) => {
        if (message.type === 'started') resolve(message);
        if (message.type !== 'failed') return;
        const { code, message: text, hint } = message.error;
        reject(new SendtwiceError(code, text, hint === undefined ? {} : { hint }));
      });
    });
  }

  async change(change: FaultChange): Promise<void> {
    this.#changeCount += 1;
    const request = this.#changeCount;
    const changed = new Promise<string | undefined>((resolve) => this.#changes.set(request, resolve));
    this.tell({ type: 'faults', request, change });
    const problem = await Promise.race([changed, this.#exited.then(() => 'exited' as const)]);
    this.#changes.delete(request);
    if (problem === 'exited') {
      throw new SendtwiceError('mongo/proxy-failed', 'The process of the fault proxy has ended');
    }
    if (problem !== undefined) throw new SendtwiceError('usage/bad-argument', problem);
  }

  /** A message to a process that has ended is dropped: `onFailure` tells about the end. */
  tell(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  onFailure(listener: (error: SendtwiceError) => void): void {
    this.#listeners.push(listener);
    if (this.#failure !== undefined) listener(this.#failure);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.tell({ type: 'close' });
    const late = setTimeout(() => this.#kill(), this.#closeWithinMs);
    await Promise.race([this.#closed, this.#exited]);
    await this.#exited;
    clearTimeout(late);
  }

  /** Its event loop is held up, most likely by one command of the embedded server. */
  #kill(): void {
    this.#child.kill('SIGKILL');
    this.#emit({
      type: 'warning',
      code: 'mongo/not-responding',
      message:
        `The process of the fault proxy did not end within ${this.#closeWithinMs} ms and was killed: its ` +
        'last events are missing. A query that never ends, such as a $regex that backtracks, holds up the ' +
        'embedded server; it may be the last command of the history that has no end',
    });
  }

  #onEnded(how: string): void {
    if (this.#isClosing || this.#failure !== undefined) return;
    const [lastWords] = this.#stderr
      .trim()
      .split('\n')
      .filter((line) => /error/i.test(line))
      .slice(-1);
    const why = lastWords === undefined ? '' : `: ${printable(lastWords)}`;
    this.#failure = new SendtwiceError(
      'mongo/proxy-failed',
      `The process of the fault proxy ended (${how})${why}`,
      { hint: 'The bot has no database without it, so the run cannot be judged. Please report this.' },
    );
    for (const listener of this.#listeners) listener(this.#failure);
  }
}

/** Node runs the compiled file only; tests, which run from the sources, take it from `dist`. */
function childFile(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const url = new URL(isSource ? '../../dist/mongo/process/child.js' : './process/child.js', import.meta.url);
  const path = fileURLToPath(url);
  if (!existsSync(path)) {
    throw new SendtwiceError('mongo/proxy-failed', `The program of the fault proxy, ${path}, is missing`, {
      hint: 'Run npm run build.',
    });
  }
  return path;
}
