import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';

/** A longer line (in UTF-16 units) is no event; it is refused before it fills the memory. */
export const LONGEST_LINE = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/**
 * The lines of a file, a batch for each piece that was read. `.gz` is unpacked on the way. Memory holds one
 * piece and one unfinished line, whatever the size of the file.
 */
export async function* readLines(path: string): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of openText(path)) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      if (lines.length > 0) yield lines;
      throw new LineTooLongError(`longer than ${LONGEST_LINE} characters`);
    }
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}

function openText(path: string): Readable {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!path.endsWith('.gz')) return file;
  // The error of either end reaches the reader of the other one.
  return pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
}
