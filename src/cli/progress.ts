import type { Progress } from '../scenario/run.js';

const MIN_INTERVAL_MS = 100;

/**
 * One line on stderr that is written over again and again; nothing at all when stderr is no terminal.
 * Several runs that go on at once share it.
 */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #runs = new Map<string, Progress>();
  #lastAt = 0;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** How the run with this name tells where it is. */
  of(name: string): (progress: Progress) => void {
    return (progress) => {
      const isNewPhase = this.#runs.get(name)?.phase !== progress.phase;
      this.#runs.set(name, progress);
      this.#write(isNewPhase);
    };
  }

  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K');
    this.#isShown = false;
  }

  #write(isUrgent: boolean): void {
    const now = Date.now();
    if (!this.#stream.isTTY || (!isUrgent && now - this.#lastAt < MIN_INTERVAL_MS)) return;
    this.#lastAt = now;
    const text = [...this.#runs].map(([name, progress]) => `${name}: ${inWords(progress)}`).join(' | ');
    const width = Math.max(20, (this.#stream.columns || 80) - 1);
    this.#stream.write(`\r\u001b[2K${text.slice(0, width)}`);
    this.#isShown = true;
  }
}

function inWords(progress: Progress): string {
  switch (progress.phase) {
    case 'starting':
      return `starting ${progress.what}`;
    case 'playing':
      return `${progress.done} of ${progress.users} users done, ${progress.steps} steps, ${Math.round(progress.atMs / 1000)} s`;
    case 'settling':
      return 'waiting until nothing happens any more';
    case 'stopping':
      return 'stopping the bot';
    case 'judging':
      return 'judging the history';
  }
}
