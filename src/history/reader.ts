import { open } from 'node:fs/promises';
import { messageOf, SendtwiceError } from '../base/errors.js';
import type { HistoryEvent } from './events.js';
import { type HistoryView, ViewBuilder } from './view.js';

const HISTORY_FORMAT = 'sendtwice-history';
const HISTORY_VERSION = 1;

/** So much is read at a time, into memory that is used again for the next piece. */
const PIECE_BYTES = 256 * 1024;

const NEWLINE = 0x0a;

/**
 * Reads a history line by line, in the order of the file. A half line at the very end, as a crash leaves
 * it, is passed over; any other line that is no event stops with file and line number.
 */
export async function* readHistory(path: string): AsyncGenerator<HistoryEvent> {
  const lines = new Lines(path);
  for await (const { bytes, ends } of piecesOf(path)) {
    for (const [index, to] of ends.entries()) {
      const event = lines.read(bytes.toString('utf8', ends[index - 1] ?? 0, to));
      if (event !== undefined) yield event;
    }
  }
  lines.end();
}

/** Reads a history of any length and indexes it. @throws as {@link readHistory} */
export async function viewOfFile(path: string): Promise<HistoryView> {
  const lines = new Lines(path);
  const builder = new ViewBuilder();
  for await (const { bytes, ends } of piecesOf(path)) {
    for (let index = 0, from = 0; index < ends.length; index += 1) {
      const to = ends[index] ?? from;
      const end = bytes[to - 1] === NEWLINE ? to - 1 : to;
      if (lines.isBroken || !builder.addLine(bytes, from, end)) {
        const event = lines.read(bytes.toString('utf8', from, to));
        if (event !== undefined) builder.add(event);
      } else lines.pass();
      from = to;
    }
  }
  lines.end();
  return builder.build();
}

/** Whole lines that stand one after another in the same bytes, and where each of them ends, its newline included. */
interface Piece {
  readonly bytes: Buffer;
  readonly ends: readonly number[];
}

/** One piece of the file after another. Its bytes are good until the next one is asked for; the last line may lack its newline. */
async function* piecesOf(path: string): AsyncGenerator<Piece> {
  try {
    const file = await open(path);
    try {
      let bytes = Buffer.allocUnsafe(PIECE_BYTES);
      /** Bytes of a line that has begun. */
      let rest = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, rest, bytes.length - rest);
        const size = rest + bytesRead;
        const ends = endsOfLines(bytes, rest, size);
        if (bytesRead === 0 && rest > 0) ends.push(rest);
        yield { bytes, ends };
        if (bytesRead === 0) return;
        const whole = ends.at(-1) ?? 0;
        const room = size - whole < bytes.length ? bytes : Buffer.allocUnsafe(bytes.length * 2);
        bytes.copy(room, 0, whole, size);
        bytes = room;
        rest = size - whole;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SendtwiceError) throw error;
    throw new SendtwiceError('file/unreadable', `Cannot read the history ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function endsOfLines(bytes: Buffer, from: number, to: number): number[] {
  const ends: number[] = [];
  const part = bytes.subarray(0, to);
  for (let at = part.indexOf(NEWLINE, from); at !== -1; at = part.indexOf(NEWLINE, at + 1)) ends.push(at + 1);
  return ends;
}

/** Lines become events. Only the last one may be broken. */
class Lines {
  readonly #path: string;
  #number = 0;
  #hasEvents = false;
  #broken: { readonly line: number; readonly why: string } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** A line was read elsewhere, and was an event. */
  pass(): void {
    this.#number += 1;
    this.#hasEvents = true;
  }

  read(text: string): HistoryEvent | undefined {
    this.#number += 1;
    if (text.trim() === '') return undefined;
    if (this.#broken !== undefined) {
      throw new SendtwiceError(
        'file/bad-history',
        `${this.#path}:${this.#broken.line}: ${this.#broken.why}`,
        {
          hint: 'Each line must be one event as sendtwice wrote it; do not edit histories.',
        },
      );
    }
    const event = parseEvent(text);
    if (typeof event === 'string') {
      this.#broken = { line: this.#number, why: event };
      return undefined;
    }
    checkVersion(event, this.#path);
    this.#hasEvents = true;
    return event;
  }

  /** There are no more lines. */
  end(): void {
    if (this.#hasEvents) return;
    const { line, why } = this.#broken ?? { line: 1, why: 'the file is empty' };
    throw new SendtwiceError('file/bad-history', `${this.#path}:${line}: ${why}`, {
      hint: 'Name the folder of a run, or its history.jsonl.',
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
