import { createReadStream } from 'node:fs';
import { messageOf, SendtwiceError } from '../base/errors.js';
import type { HistoryEvent } from './events.js';
import { type HistoryView, ViewBuilder } from './view.js';

const HISTORY_FORMAT = 'sendtwice-history';
const HISTORY_VERSION = 1;

/** Small enough for texts of it to be cleared away while young: larger ones stay in memory for long. */
const PIECE_BYTES = 32 * 1024;

/**
 * Reads a history line by line, in the order of the file. A half line at the very end, as a crash leaves
 * it, is passed over; any other line that is no event stops with file and line number.
 */
export async function* readHistory(path: string): AsyncGenerator<HistoryEvent> {
  for await (const events of batchesOf(path)) yield* events;
}

/** Reads a history of any length and indexes it. @throws as {@link readHistory} */
export async function viewOfFile(path: string): Promise<HistoryView> {
  const builder = new ViewBuilder();
  for await (const events of batchesOf(path)) for (const event of events) builder.add(event);
  return builder.build();
}

/** The events of one piece of the file after another. */
async function* batchesOf(path: string): AsyncGenerator<HistoryEvent[]> {
  const lines = new Lines(path);
  let isEmpty = true;
  let rest = '';
  try {
    for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: PIECE_BYTES })) {
      const texts = (rest + piece).split('\n');
      rest = texts.pop() ?? '';
      const events = texts.flatMap((text) => lines.read(text) ?? []);
      if (events.length > 0) isEmpty = false;
      yield events;
    }
  } catch (error) {
    if (error instanceof SendtwiceError) throw error;
    throw new SendtwiceError('file/unreadable', `Cannot read the history ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const last = lines.read(rest);
  if (last !== undefined) yield [last];
  if (isEmpty && last === undefined) {
    const { line, why } = lines.broken ?? { line: 1, why: 'the file is empty' };
    throw new SendtwiceError('file/bad-history', `${path}:${line}: ${why}`, {
      hint: 'Name the folder of a run, or its history.jsonl.',
    });
  }
}

/** Lines become events. Only the last one may be broken. */
class Lines {
  readonly #path: string;
  #number = 0;
  broken: { readonly line: number; readonly why: string } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  read(text: string): HistoryEvent | undefined {
    this.#number += 1;
    if (text.trim() === '') return undefined;
    if (this.broken !== undefined) {
      throw new SendtwiceError('file/bad-history', `${this.#path}:${this.broken.line}: ${this.broken.why}`, {
        hint: 'Each line must be one event as sendtwice wrote it; do not edit histories.',
      });
    }
    const event = parseEvent(text);
    if (typeof event === 'string') {
      this.broken = { line: this.#number, why: event };
      return undefined;
    }
    checkVersion(event, this.#path);
    return event;
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
