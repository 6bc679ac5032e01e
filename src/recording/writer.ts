import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { messageOf, SendtwiceError } from '../base/errors.js';
import {
  flawOf,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordedEvent,
  type RecordingHeader,
} from './format.js';

/** Header without what the writer itself knows. */
export type HeaderFacts = Omit<RecordingHeader, 'format' | 'version'> & { readonly [field: string]: unknown };

/** Writes a recording; a path that ends in `.gz` is compressed. Never overwrites a file. */
export class RecordingWriter {
  readonly path: string;
  /** What is written to: the file, or the compressor in front of it. */
  readonly #sink: Writable;
  readonly #done: Promise<void>;
  #failure: unknown;

  private constructor(path: string, sink: Writable, done: Promise<void>) {
    this.path = path;
    this.#sink = sink;
    this.#done = done.catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  /** Creates the file and writes the header. @throws SendtwiceError `file/unreadable` */
  static async create(path: string, header: HeaderFacts): Promise<RecordingWriter> {
    const file = createWriteStream(path, { flags: 'wx' });
    try {
      await once(file, 'open');
    } catch (error) {
      throw cannotWrite(path, error);
    }
    const sink = path.endsWith('.gz') ? compressorInto(file) : file;
    const writer = new RecordingWriter(path, sink, finished(file));
    await writer.#write({ format: RECORDING_FORMAT, version: RECORDING_VERSION, ...header });
    return writer;
  }

  /**
   * Appends one event. Wait for the promise before the next one: it resolves when there is room again, so
   * memory stays bounded when the disk is slower than the bot.
   * @throws SendtwiceError `file/bad-recording` for what the reader would refuse, `file/unreadable`
   */
  async append(event: RecordedEvent): Promise<void> {
    const flaw = flawOf(event);
    if (flaw !== undefined || !Number.isFinite(event.at)) {
      throw new SendtwiceError('file/bad-recording', `Cannot record this: ${flaw ?? '`at` is not finite'}`);
    }
    await this.#write(event);
  }

  /** Ends the file. Resolves when everything is handed to the operating system. */
  async close(): Promise<void> {
    this.#sink.end();
    await this.#done;
    if (this.#failure !== undefined) throw cannotWrite(this.path, this.#failure);
  }

  async #write(line: unknown): Promise<void> {
    if (this.#failure !== undefined) throw cannotWrite(this.path, this.#failure);
    if (this.#sink.write(`${JSON.stringify(line)}\n`)) return;
    // A failing file never drains.
    await Promise.race([once(this.#sink, 'drain').catch(() => this.#done), this.#done]);
    if (this.#failure !== undefined) throw cannotWrite(this.path, this.#failure);
  }
}

function compressorInto(file: Writable): Writable {
  const compressor = createGzip();
  compressor.pipe(file);
  // Either end tells the other of its failure, so that nobody waits for ever.
  compressor.on('error', (error) => file.destroy(error));
  file.on('error', (error) => compressor.destroy(error));
  return compressor;
}

function cannotWrite(path: string, error: unknown): SendtwiceError {
  return new SendtwiceError('file/unreadable', `Cannot write the recording ${path}: ${messageOf(error)}`, {
    hint: 'Give a path that does not exist yet, in a folder that you can write to.',
    cause: error,
  });
}
