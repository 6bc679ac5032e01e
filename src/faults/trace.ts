import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, SendtwiceError } from '../base/errors.js';
import type { Delay } from './schema.js';

const MAX_VALUES = 1_000_000;

/**
 * The delay with the values of its trace file; any other one as it is.
 *
 * @param folder what the path of the file is relative to
 * @throws SendtwiceError `file/unreadable`, or `file/bad-scenario` with the line that is no number
 */
export function withTrace(delay: Delay, folder: string): Delay {
  if (typeof delay === 'number' || delay.distribution !== 'trace') return delay;
  if (delay.values !== undefined || delay.file === undefined) return delay;
  return { ...delay, values: readTrace(resolve(folder, delay.file)) };
}

/** The same for everything that may have a delay. */
export function withTraces<T extends { readonly delay?: Delay | undefined } | object>(
  items: readonly T[],
  folder: string,
): T[] {
  return items.map((item) => {
    if (!('delay' in item) || item.delay === undefined) return item;
    return { ...item, delay: withTrace(item.delay as Delay, folder) };
  });
}

function readTrace(path: string): number[] {
  const values: number[] = [];
  for (const [index, line] of linesOf(path).entries()) {
    const text = line.replace(/#.*/, '').trim();
    if (text === '') continue;
    const ms = Number(text);
    if (!Number.isFinite(ms) || ms < 0) throw bad(path, index + 1, `"${text.slice(0, 40)}" is no time`);
    if (values.length === MAX_VALUES) throw bad(path, index + 1, `there are more than ${MAX_VALUES} values`);
    values.push(ms);
  }
  if (values.length === 0) throw bad(path, 1, 'there are no values');
  return values;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    throw new SendtwiceError('file/unreadable', `Cannot read the trace ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function bad(path: string, line: number, what: string): SendtwiceError {
  return new SendtwiceError('file/bad-scenario', `${path}:${line}: ${what}`, {
    hint: 'A trace holds one number of milliseconds a line, such as 12.5.',
  });
}
