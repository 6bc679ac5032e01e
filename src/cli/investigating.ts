import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Runner } from '../investigate/runner.js';
import { play } from '../play.js';
import { playApart } from '../play-apart.js';

/** Plays further runs into a folder. Several at once have a process each. */
export function runnerIn(work: string, jobs: number, keep = false): Runner {
  return async (facts, signal) => {
    const played = await (jobs === 1 ? play : playApart)({ ...facts, out: join(work, 'runs'), signal });
    if (!keep) rmSync(played.folder, { recursive: true, force: true });
    return played;
  };
}

/** How an investigation goes on, for whoever sits before it. */
export function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}
