import type { Progress } from '../scenario/run.js';

const MIN_INTERVAL_MS = 100;

/** One line on stderr that is written over again and again; nothing at all when stderr is no terminal. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #label: string;
  #lastAt = 0;
  #phase: Progress['phase'] | undefined;
  #shown = false;

  constructor(label: string, stream: NodeJS.WriteStream = process.stderr) {
    this.#label = label;
    this.#stream = stream;
  }

  readonly show = (progress: Progress): void => {
    if (!this.#stream.isTTY) return;
    const now = Date.now();
    if (progress.phase === this.#phase && now - this.#lastAt < MIN_INTERVAL_MS) return;
    this.#lastAt = now;
    this.#phase = progress.phase;
    const text = `${this.#label}: ${inWords(progress)}`.slice(
      0,
      Math.max(20, (this.#stream.columns || 80) - 1),
    );
    this.#stream.write(`\r\u001b[2K${text}`);
    this.#shown = true;
  };

  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[2K');
    this.#shown = false;
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
  }
}
