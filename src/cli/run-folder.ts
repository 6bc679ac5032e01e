import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SendtwiceError } from '../base/errors.js';

/** An earlier run. */
export interface RunFolder {
  readonly folder: string;
  readonly history: string;
}

/** The run that an argument names: its folder, or the history in it. */
export function runFolderOf(run: string): RunFolder {
  const path = resolve(run);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new SendtwiceError('file/unreadable', `There is no run at ${run}`, {
      hint: 'Name the folder of a run, as `sendtwice run` tells it at its end.',
    });
  }
  return stats.isDirectory()
    ? { folder: path, history: join(path, 'history.jsonl') }
    : { folder: dirname(path), history: path };
}
