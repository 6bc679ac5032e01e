import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { messageOf, SendtwiceError } from '../base/errors.js';
import type { HistoryEvent } from './events.js';

const HISTORY_FORMAT = 'sendtwice-history';
const HISTORY_VERSION = 1;

/**
 * Reads a history line by line, in the order of the file. A half line at the very end, as a crash leaves
 * it, is passed over; any other line that is no event stops with file and line number.
 */
export async function* readHistory(path: string): AsyncGenerator<HistoryEvent> {
  const lines = createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  let broken: { line: number; why: string } | undefined;
  let events = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (broken !== undefined) break;
      if (line === '') continue;
      const event = parseEvent(line);
      if (typeof event === 'string') broken = { line: number, why: event };
      else {
        checkVersion(event, path);
        events += 1;
        yield event;
      }
    }
  } catch (error) {
    if (error instanceof SendtwiceError) throw error;
    throw new SendtwiceError('file/unreadable', `Cannot read the history ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (events === 0) {
    const why = broken === undefined ? 'the file is empty' : broken.why;
    throw new SendtwiceError('file/bad-history', `${path}:${broken?.line ?? 1}: ${why}`, {
      hint: 'Name the folder of a run, or its history.jsonl.',
    });
  }
  if (broken !== undefined && broken.line < number) {
    throw new SendtwiceError('file/bad-history', `${path}:${broken.line}: ${broken.why}`, {
      hint: 'Each line must be one event as sendtwice wrote it; do not edit histories.',
    });
  }
}

/** A history of another version may mean other things by the same words. */
function checkVersion(event: HistoryEvent, path: string): void {
  if (event.type !== 'run.started') return;
  const { format, version } = event as { readonly format: unknown; readonly version: unknown };
  if (format === HISTORY_FORMAT && version === HISTORY_VERSION) return;
  const said = `${JSON.stringify(format)}, version ${JSON.stringify(version)}`;
  throw new SendtwiceError(
    'file/bad-history',
    `${path} has the format ${said}; this sendtwice reads "${HISTORY_FORMAT}", version ${HISTORY_VERSION}`,
    { hint: 'Judge it with the sendtwice that wrote it; the first line says which that was.' },
  );
}

function parseEvent(line: string): HistoryEvent | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `not JSON (${messageOf(error)})`;
  }
  if (typeof value !== 'object' || value === null) return 'not an object';
  const { seq, at, type } = value as Partial<HistoryEvent>;
  if (typeof seq !== 'number' || typeof at !== 'number' || typeof type !== 'string') {
    return 'an event needs seq, at and type';
  }
  return value as HistoryEvent;
}

/** All events of a history, in the order in which they happened: by time, then by number. */
export async function loadHistory(path: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of readHistory(path)) events.push(event);
  return inOrder(events);
}

/** Sorts by time, then by number. Returns a new array. */
export function inOrder(events: readonly HistoryEvent[]): HistoryEvent[] {
  return [...events].sort((a, b) => a.at - b.at || a.seq - b.seq);
}
