import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { Busboy } from '@fastify/busboy';
import type { UploadedFile } from '../contracts.js';
import { readJsonBody } from './json-body.js';
import { decodeBody, markReplaced, markUndecoded } from './utf8.js';

/** All parameters of a request together. */
export const PARAMS_LIMIT_BYTES = 1024 * 1024;
const FILES_LIMIT = 50;
/** An uploaded file is kept for downloads up to this size; beyond it only its hash and size are. */
export const KEPT_FILE_BYTES = 1024 * 1024;
const LONGEST_BOUNDARY = 70;
/** U+FFFD in UTF-8: where a body holds it, nobody can tell it from what stands for bad bytes. */
const REPLACEMENT_BYTES = Buffer.from('\ufffd');

/** A request that is answered with a bare status line, without JSON. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/** The file is larger than Telegram's front end lets through. */
export class UploadTooLarge extends Error {
  override readonly name = 'UploadTooLarge';
}

export interface Arguments {
  /** May be filled from the query string already: the first occurrence of a name wins. */
  readonly params: Map<string, string>;
  readonly files: Map<string, UploadedFile>;
}

/**
 * Reads the body into `into`. Bodies of other types than JSON, urlencoded and multipart are swallowed.
 * @throws ProtocolError, UploadTooLarge
 */
export async function readBody(
  request: IncomingMessage,
  into: Arguments,
  fileLimitBytes: number,
): Promise<void> {
  const encoding = request.headers['transfer-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'chunked') throw new ProtocolError(501);
  if (encoding === undefined && Number(request.headers['content-length'] ?? 0) === 0) return;
  const type = (request.headers['content-type'] ?? '').toLowerCase();
  if (type.includes('multipart/form-data')) {
    await readMultipart(request, plain(request), into, fileLimitBytes);
  } else if (type.includes('application/json')) {
    readJsonBody(decodeBody(await readAll(request)), into.params);
  } else if (type.includes('application/x-www-form-urlencoded')) {
    addForm(decodeBody(await readAll(request)), into.params);
  } else {
    await swallow(request);
  }
}

/** The next request on this connection begins where this one's body ends. */
function swallow(request: IncomingMessage): Promise<void> {
  request.resume();
  return new Promise((resolve, reject) => {
    request.on('end', resolve);
    request.on('close', () => reject(new ProtocolError(400)));
    request.on('error', () => reject(new ProtocolError(400)));
  });
}

/** Adds `a=1&b=2`; names that are there already stay as they are. */
export function addForm(text: string, params: Map<string, string>): void {
  for (const [name, value] of new URLSearchParams(text)) {
    if (!params.has(name)) params.set(name, markUndecoded(value, text));
  }
}

/** The body without its content encoding. */
function plain(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') return request;
  if (encoding !== 'gzip' && encoding !== 'deflate') throw new ProtocolError(415);
  const inflater = encoding === 'gzip' ? createGunzip() : createInflate();
  request.on('error', (error) => inflater.destroy(error));
  return request.pipe(inflater);
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > PARAMS_LIMIT_BYTES) throw new ProtocolError(413);
  const source = plain(request);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    source.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= PARAMS_LIMIT_BYTES) chunks.push(chunk);
      else {
        source.pause();
        reject(new ProtocolError(413));
      }
    });
    source.on('end', () => resolve(Buffer.concat(chunks, size)));
    // Bad compressed data, or the bot hung up; then nobody is there to read the status.
    source.on('error', () => reject(new ProtocolError(400)));
    source.on('close', () => {
      if (!source.readableEnded) reject(new ProtocolError(400));
    });
  });
}

function readMultipart(
  request: IncomingMessage,
  source: Readable,
  into: Arguments,
  fileLimitBytes: number,
): Promise<void> {
  const contentType = request.headers['content-type'] ?? '';
  const boundary = /boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType);
  const boundaryLength = (boundary?.[1] ?? boundary?.[2] ?? '').length;
  if (boundaryLength < 1 || boundaryLength > LONGEST_BOUNDARY) throw new ProtocolError(400);

  return new Promise((resolve, reject) => {
    const parser = new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: (_field, _type, fileName) => fileName !== undefined,
      limits: {
        fieldSize: PARAMS_LIMIT_BYTES,
        files: FILES_LIMIT,
        fileSize: fileLimitBytes,
        fields: 10_000,
        headerSize: 16 * 1024,
      },
    });
    let paramsSize = 0;
    let mayReplace = false;
    source.on('data', (chunk: Buffer) => {
      mayReplace ||= chunk.includes(REPLACEMENT_BYTES);
    });
    let empty = true;
    source.once('data', () => {
      empty = false;
    });
    const fail = (error: Error): void => {
      source.unpipe(parser);
      reject(error);
    };
    parser.on('field', (name, value, _nameTruncated, valueTruncated, _encoding, mimeType) => {
      paramsSize += name.length + Buffer.byteLength(value);
      if (valueTruncated || paramsSize > PARAMS_LIMIT_BYTES) fail(new ProtocolError(413));
      else if (mimeType === 'application/x-www-form-urlencoded') addForm(value, into.params);
      else if (!into.params.has(name)) into.params.set(name, mayReplace ? value : markReplaced(value));
    });
    parser.on('file', (field, stream, fileName, _encoding, mimeType) => {
      const hash = createHash('sha256');
      const kept: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        size += chunk.length;
        if (size <= KEPT_FILE_BYTES) kept.push(chunk);
        else kept.length = 0;
      });
      stream.on('limit', () => fail(new UploadTooLarge()));
      stream.on('error', fail);
      stream.on('end', () => {
        if (into.files.has(field)) return;
        into.files.set(field, {
          field,
          fileName,
          mimeType,
          size,
          hash: hash.digest('hex'),
          ...(size <= KEPT_FILE_BYTES ? { content: Buffer.concat(kept) } : {}),
        });
      });
    });
    parser.on('filesLimit', () => fail(new ProtocolError(413)));
    parser.on('fieldsLimit', () => fail(new ProtocolError(413)));
    // go-telegram/bot sends a form without any part for no parameters, and works with api.telegram.org.
    parser.on('error', () => {
      if (empty) resolve();
      else fail(new ProtocolError(400));
    });
    parser.on('finish', () => resolve());
    source.on('error', fail);
    source.on('close', () => {
      if (!source.readableEnded) fail(new ProtocolError(400));
    });
    source.pipe(parser);
  });
}
