import { messageOf, SendtwiceError } from '../base/errors.js';
import { checkHeader, flawOf, type RecordedEvent, type RecordingHeader } from './format.js';
import { LineTooLongError, readLines } from './lines.js';

const HINT_LINE = 'Each line behind the header must be one JSON event; see the recording format in the docs.';
const HINT_HEADER = 'Record it again with this version, or add the header as the first line.';

/**
 * The events of a recording (`.jsonl` or `.jsonl.gz`) in the order of the file, without its header. Streams:
 * memory does not grow with the file.
 * @throws SendtwiceError `file/unreadable`, or `file/bad-recording` with file and line.
 */
export async function* readRecording(path: string): AsyncGenerator<RecordedEvent> {
  let number = 0;
  for await (const lines of readableLines(path, () => number)) {
    for (const line of lines) {
      number += 1;
      if (number === 1) headerIn(path, line);
      else if (!isBlank(line)) yield eventIn(path, number, line);
    }
  }
  if (number === 0) throw badLine(path, 1, 'the file is empty', HINT_HEADER);
}

/** The header of a recording. @throws SendtwiceError as {@link readRecording} does. */
export async function readRecordingHeader(path: string): Promise<RecordingHeader> {
  for await (const [line] of readableLines(path, () => 0)) {
    if (line !== undefined) return headerIn(path, line);
  }
  throw badLine(path, 1, 'the file is empty', HINT_HEADER);
}

/** Turns errors of the file system and of the compression into ours. */
async function* readableLines(path: string, linesRead: () => number): AsyncGenerator<readonly string[]> {
  try {
    yield* readLines(path);
  } catch (error) {
    if (error instanceof SendtwiceError) throw error;
    if (error instanceof LineTooLongError) throw badLine(path, linesRead() + 1, error.message, HINT_LINE);
    if (isCompressionError(error)) {
      throw badLine(path, linesRead() + 1, `the gzip data are damaged (${messageOf(error)})`, HINT_LINE);
    }
    throw new SendtwiceError('file/unreadable', `Cannot read the recording ${path}: ${messageOf(error)}`, {
      hint: 'Check the path; it is relative to the scenario file.',
      cause: error,
    });
  }
}

function isCompressionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function headerIn(path: string, line: string): RecordingHeader {
  // Editors on some systems put a byte order mark in front.
  const value = parse(line.replace(/^\ufeff/, ''));
  const checked = checkHeader('json' in value ? value.json : undefined);
  if (typeof checked === 'string') throw badLine(path, 1, checked, HINT_HEADER);
  return checked.header;
}

function eventIn(path: string, number: number, line: string): RecordedEvent {
  const value = parse(line);
  const flaw = 'json' in value ? flawOf(value.json) : `not JSON (${value.why})`;
  if (flaw !== undefined) throw badLine(path, number, flaw, HINT_LINE);
  return ('json' in value ? value.json : undefined) as RecordedEvent;
}

function parse(line: string): { readonly json: unknown } | { readonly why: string } {
  try {
    return { json: JSON.parse(line) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

const isBlank = (line: string): boolean => line.length < 3 && line.trim() === '';

function badLine(path: string, line: number, why: string, hint: string): SendtwiceError {
  return new SendtwiceError('file/bad-recording', `${path}:${line}: ${why}`, { hint });
}
