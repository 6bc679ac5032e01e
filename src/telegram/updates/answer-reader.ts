import { unzipSync } from 'node:zlib';
import { parseRetryAfter } from './schedule.js';
import type { Answer } from './transport.js';

/** Limits of the official server's reader (HttpReader.h:108-112). */
const MAX_HEAD_BYTES = 256 * 1024;
const MAX_BODY_BYTES = 150 * 1024 * 1024;
const MAX_ARGUMENT_BYTES = 1024 * 1024;

/** Only bodies of these types are looked at (HttpReader.cpp:118-158). */
const ARGUMENT_TYPE = /application\/json|application\/x-www-form-urlencoded|multipart\/form-data/;

const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY: Buffer = Buffer.alloc(0);

interface Head {
  readonly answer: Answer;
  readonly holdsArguments: boolean;
  readonly encoded: boolean;
}

type Part =
  | { readonly is: 'head' }
  | { readonly is: 'body'; leftBytes: number }
  | { readonly is: 'chunk-size' }
  | { readonly is: 'chunk'; leftBytes: number }
  | { readonly is: 'chunk-end' }
  | { readonly is: 'trailer' };

/** The answer cannot be understood; the message is worded as in last_error_message. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

/**
 * Reads HTTP answers from one connection, as forgiving and as strict as the official server (HttpReader.cpp;
 * facts/telegram.md §1.4, §1.5). A body without a length and without chunks is not read; whatever comes
 * behind an answer is taken for the beginning of the next one.
 */
export class AnswerReader {
  #input: Buffer = EMPTY;
  #part: Part = { is: 'head' };
  #head: Head | undefined;
  #body: Buffer[] = [];
  #bodyBytes = 0;

  /** Number of bytes that came and were not read yet. */
  get unread(): number {
    return this.#input.length;
  }

  push(bytes: Buffer): void {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
  }

  /**
   * The next complete answer, or `undefined` until more bytes come.
   * @throws BadAnswer
   */
  next(): Answer | undefined {
    while (this.#step());
    const head = this.#head;
    if (head === undefined || this.#part.is !== 'head') return undefined;
    const body = head.encoded ? decompressed(Buffer.concat(this.#body)) : Buffer.concat(this.#body);
    this.#head = undefined;
    this.#body = [];
    this.#bodyBytes = 0;
    return { ...head.answer, body };
  }

  /** Reads one part. False: it needs more bytes, or the answer is complete. */
  #step(): boolean {
    switch (this.#part.is) {
      case 'head':
        return this.#head === undefined && this.#readHead();
      case 'body':
      case 'chunk':
        return this.#readBytes(this.#part);
      default:
        return this.#readLine(this.#part.is);
    }
  }

  #readHead(): boolean {
    const end = this.#input.indexOf(HEAD_END);
    if (end > MAX_HEAD_BYTES || (end < 0 && this.#input.length > MAX_HEAD_BYTES)) {
      throw new BadAnswer('Request Header Fields Too Large: total headers size exceeded');
    }
    if (end < 0) return false;
    const text = this.#input.toString('latin1', 0, end);
    this.#input = this.#input.subarray(end + HEAD_END.length);
    const { part, ...head } = parseHead(text);
    this.#head = head;
    this.#part = part;
    return part.is !== 'head';
  }

  #readBytes(part: Part & { leftBytes: number }): boolean {
    const taken = this.#input.subarray(0, part.leftBytes);
    this.#input = this.#input.subarray(taken.length);
    part.leftBytes -= taken.length;
    this.#bodyBytes += taken.length;
    if (this.#bodyBytes > MAX_BODY_BYTES) {
      throw new BadAnswer(`Request Entity Too Large: content length is ${this.#bodyBytes}`);
    }
    if (this.#head?.holdsArguments && taken.length > 0) {
      if (this.#bodyBytes > MAX_ARGUMENT_BYTES) throw tooManyParameters();
      this.#body.push(taken);
    }
    if (part.leftBytes > 0) return false;
    this.#part = part.is === 'body' ? { is: 'head' } : { is: 'chunk-end' };
    return true;
  }

  /** A line between chunks: a size, the empty line behind a chunk, or a trailer. */
  #readLine(kind: 'chunk-size' | 'chunk-end' | 'trailer'): boolean {
    const end = this.#input.indexOf('\r\n');
    if (end < 0) {
      if (this.#input.length > MAX_HEAD_BYTES) throw new BadAnswer('Bad Request: too long chunk header');
      return false;
    }
    const line = this.#input.toString('latin1', 0, end);
    this.#input = this.#input.subarray(end + 2);
    if (kind === 'trailer') {
      if (line === '') this.#part = { is: 'head' };
    } else if (kind === 'chunk-end') {
      if (line !== '') throw new BadAnswer('Bad Request: invalid chunk');
      this.#part = { is: 'chunk-size' };
    } else {
      const leftBytes = /^[0-9a-f]{1,8}/i.test(line) ? Number.parseInt(line, 16) : Number.NaN;
      if (Number.isNaN(leftBytes)) throw new BadAnswer('Bad Request: invalid chunk size');
      this.#part = leftBytes === 0 ? { is: 'trailer' } : { is: 'chunk', leftBytes };
    }
    return true;
  }
}

function parseHead(text: string): Head & { readonly part: Part } {
  const [first = '', ...lines] = text.split('\r\n');
  const [version = '', code = '', ...reason] = first.split(' ');
  if (version === 'GET' || version === 'POST') {
    throw new BadAnswer(`Wrong response from the webhook: ${first}`);
  }
  if (!version.startsWith('HTTP')) throw new BadAnswer('Not Implemented');
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') throw new BadAnswer('HTTP Version Not Supported');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) throw new BadAnswer('Bad Request');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const connection = headers.get('connection')?.toLowerCase();
  const contentType = headers.get('content-type') ?? '';
  const part = firstPart(headers);
  return {
    answer: {
      status: Number(/^\d{1,9}/.exec(code)?.[0] ?? 0),
      reason: reason.join(' '),
      keepAlive: connection === 'keep-alive' || (connection !== 'close' && version === 'HTTP/1.1'),
      retryAfterS: parseRetryAfter(headers.get('retry-after')),
      contentType,
      body: EMPTY,
    },
    part,
    holdsArguments: ARGUMENT_TYPE.test(contentType.toLowerCase()),
    encoded: part.is !== 'head' && isEncoded(headers.get('content-encoding')),
  };
}

function firstPart(headers: ReadonlyMap<string, string>): Part {
  const encoding = headers.get('transfer-encoding')?.toLowerCase() ?? '';
  if (encoding === 'chunked') return { is: 'chunk-size' };
  if (encoding !== '') throw new BadAnswer('Unimplemented: unsupported transfer-encoding');
  const leftBytes = Number(/^\d{1,15}/.exec(headers.get('content-length') ?? '')?.[0] ?? 0);
  if (leftBytes > MAX_BODY_BYTES) {
    throw new BadAnswer(`Request Entity Too Large: content length is ${leftBytes}`);
  }
  return leftBytes === 0 ? { is: 'head' } : { is: 'body', leftBytes };
}

function isEncoded(encoding: string | undefined): boolean {
  if (encoding === undefined || encoding === '') return false;
  if (/^(?:gzip|deflate)$/i.test(encoding)) return true;
  throw new BadAnswer('Unsupported Media Type: unsupported content-encoding');
}

function decompressed(body: Buffer): Buffer {
  if (body.length === 0) return body;
  try {
    return unzipSync(body, { maxOutputLength: MAX_ARGUMENT_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooManyParameters();
    throw new BadAnswer('Bad Request: zlib error');
  }
}

function tooManyParameters(): BadAnswer {
  return new BadAnswer('Request Entity Too Large: too many parameters');
}
