import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../base/clock.js';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { printable, withoutPersonal, withoutTokens } from '../base/untrusted.js';
import type { Emit } from '../history/events.js';

/** What stands in bot.log at most; a bot that writes more says so in a last line. */
const FILE_LIMIT_BYTES = 32 * 1024 * 1024;
/** What goes to the history of one instance in one second at most; the rest is counted. */
const LINES_PER_SECOND = 50;
const LINE_LIMIT = 500;
/** How many lines an error message quotes. */
const KEPT_LINES = 8;

export type Stream = 'stdout' | 'stderr';

/** `bot.log`: the output of all instances, whole but for tokens, up to a size. */
export class BotLogFile {
  readonly #limitBytes: number;
  readonly #file: number;
  #bytes = 0;
  #open = true;

  /** @throws SendtwiceError `file/unreadable` */
  constructor(path: string, limitBytes = FILE_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
    try {
      this.#file = openSync(path, 'a');
    } catch (error) {
      throw new SendtwiceError('file/unreadable', `Cannot write ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  write(instance: number, line: string): void {
    if (!this.#open || this.#bytes > this.#limitBytes) return;
    const text = `[${instance}] ${withoutTokens(line)}\n`;
    this.#bytes += Buffer.byteLength(text);
    writeSync(
      this.#file,
      this.#bytes > this.#limitBytes ? 'sendtwice: the log is full, what follows is left out\n' : text,
    );
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#file);
  }
}

/** The output of one instance on its way to the file, the history and the messages of errors. */
export class InstanceLog {
  readonly #instance: number;
  readonly #file: BotLogFile;
  readonly #emit: Emit;
  readonly #clock: Clock;
  readonly #lineListeners = new Set<(line: string) => void>();
  #last: string[] = [];
  #secondEndsAt = 0;
  #linesThisSecond = 0;
  #leftOut = 0;

  constructor(options: { instance: number; file: BotLogFile; emit: Emit; clock: Clock }) {
    this.#instance = options.instance;
    this.#file = options.file;
    this.#emit = options.emit;
    this.#clock = options.clock;
  }

  write(stream: Stream, line: string): void {
    this.#file.write(this.#instance, line);
    const shown = printable(withoutPersonal(line), LINE_LIMIT);
    this.#last = [...this.#last, shown].slice(-KEPT_LINES);
    for (const listener of [...this.#lineListeners]) listener(line);
    if (this.#clock.now() >= this.#secondEndsAt) {
      this.noteLeftOut();
      this.#secondEndsAt = this.#clock.now() + 1000;
      this.#linesThisSecond = 0;
    }
    this.#linesThisSecond += 1;
    if (this.#linesThisSecond > LINES_PER_SECOND) this.#leftOut += 1;
    else this.#emit({ type: 'bot.log', instance: this.#instance, stream, line: shown });
  }

  /** Says how many lines the history lacks, if any. Called each second and when the process ends. */
  noteLeftOut(): void {
    if (this.#leftOut === 0) return;
    const line = `sendtwice: ${this.#leftOut} more lines stand only in bot.log`;
    this.#leftOut = 0;
    this.#emit({ type: 'bot.log', instance: this.#instance, stream: 'stderr', line });
  }

  /** Tells each line as the bot wrote it. Returns what ends it. */
  onLine(listener: (line: string) => void): () => void {
    this.#lineListeners.add(listener);
    return () => this.#lineListeners.delete(listener);
  }

  /** A new process begins: what the last one said is none of its business. */
  forget(): void {
    this.#last = [];
  }

  /** The last lines, for an error message; tokens and telephone numbers are masked. */
  quote(): string {
    if (this.#last.length === 0) return 'It wrote nothing.';
    return `Its last lines:\n${this.#last.map((line) => `  ${line}`).join('\n')}`;
  }
}
