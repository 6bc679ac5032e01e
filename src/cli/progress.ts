import type { Progress } from '../scenario/run-options.js';

const MIN_INTERVAL_MS = 100;

/**
 * One line on stderr that is written over again and again; nothing at all when stderr is no terminal.
 * Several runs that go on at once share it.
 */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #runs = new Map<string, Progress>();
  readonly #planned: number;
  #ended = 0;
  #lastAt = 0;
  #isShown = false;

  /** With more than one run planned, the line begins with how many are over. */
  constructor(planned = 1, stream: NodeJS.WriteStream = process.stderr) {
    this.#planned = planned;
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

  /** This run is over; what is printed next is not written into the line. */
  ended(name: string): void {
    this.#runs.delete(name);
    this.#ended += 1;
    this.clear();
  }

  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K');
    this.#isShown = false;
  }

  #write(isUrgent: boolean): void {
    const now = Date.now();
    if (!this.#stream.isTTY || (!isUrgent && now - this.#lastAt < MIN_INTERVAL_MS)) return;
    this.#lastAt = now;
    const width = Math.max(20, (this.#stream.columns || 80) - 1);
    this.#stream.write(`\r\u001b[2K${this.#text(width)}`);
    this.#isShown = true;
  }

  /** What there is room for: all in words, else each run with as much as it takes to tell it from the others. */
  #text(width: number): string {
    const runs = [...this.#runs];
    const head = this.#planned === 1 ? '' : `${this.#ended} of ${this.#planned} runs over  `;
    const long = `${head}${runs.map(([name, progress]) => `${name}: ${inWords(progress)}`).join(' | ')}`;
    if (long.length <= width || runs.length === 1) return long.slice(0, width);
    const room = Math.floor((width - head.length) / runs.length) - 2;
    const cells = runs.map(([name, progress]) => {
      const state = inShort(progress);
      return `${name.slice(0, Math.max(4, room - state.length - 1))} ${state}`;
    });
    return `${head}${cells.join('  ')}`.slice(0, width);
  }
}

function inShort(progress: Progress): string {
  return progress.phase === 'playing' ? `${progress.done}/${progress.users}` : progress.phase;
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
