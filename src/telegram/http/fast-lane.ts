import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { readJsonBody } from './json-body.js';
import { addForm } from './request-body.js';
import { decodeBody } from './utf8.js';

/**
 * Most calls of a bot are one small request in one piece. Making node:http's request and response objects for
 * each costs more than the call itself, so such requests are read here. Everything else (uploads, long or
 * split bodies, compressed or chunked ones, pipelines, odd heads) goes to node:http, and its connection
 * stays there.
 */

/** Longer requests seldom come in one piece. */
const LONGEST_BYTES = 64 * 1024;

/** A request that came whole. */
export interface SimpleRequest {
  readonly target: string;
  /** What the body says; the query string is read by others. */
  readonly readBody: (into: Map<string, string>) => void;
  readonly traceparent?: string;
}

export interface SimpleAnswer {
  readonly status: number;
  /** Pure ASCII: its length is its size. */
  readonly body: string;
  readonly retryAfterSeconds?: number;
  /** The connection is to be destroyed in place of an answer. */
  readonly reset?: boolean;
  /** Told once whether the answer left. */
  readonly ended?: (answered: boolean) => void;
}

/** Never rejects. `hangUp` makes a signal that is aborted when the bot hangs up. */
export type ServeSimple = (request: SimpleRequest, hangUp: () => AbortSignal) => Promise<SimpleAnswer>;

export interface FastLaneOptions {
  /** Connections end when nothing comes for this long. */
  readonly idleMs: number;
  readonly serve: ServeSimple;
}

/** Stands before `server` on all its connections. */
export class FastLane {
  readonly #sockets = new Set<Socket>();

  constructor(server: Server, options: FastLaneOptions) {
    const handOvers = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      const leave = (): void => {
        this.#sockets.delete(socket);
      };
      socket.once('close', leave);
      drive(socket, options, (chunk) => {
        leave();
        socket.off('close', leave);
        for (const handOver of handOvers) handOver.call(server, socket);
        socket.emit('data', chunk);
      });
    });
  }

  /** Destroys the connections that node:http does not know. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Serves one request after the other until the bot hangs up or sends one that is not simple. */
function drive(socket: Socket, options: FastLaneOptions, giveAway: (chunk: Buffer) => void): void {
  let busy = false;
  let waiting: Buffer | undefined;
  let hangUp: AbortController | undefined;

  const onData = (chunk: Buffer): void => {
    if (busy) {
      waiting = waiting === undefined ? chunk : Buffer.concat([waiting, chunk]);
      if (waiting.length > LONGEST_BYTES) socket.pause();
      return;
    }
    const request = readSimpleRequest(chunk);
    if (request === undefined) {
      leave();
      giveAway(chunk);
      return;
    }
    busy = true;
    void options.serve(request, signal).then(finish);
  };

  const signal = (): AbortSignal => {
    hangUp ??= new AbortController();
    if (socket.destroyed) hangUp.abort();
    return hangUp.signal;
  };

  const finish = (answer: SimpleAnswer): void => {
    hangUp = undefined;
    if (answer.reset === true || socket.destroyed || socket.writableEnded) {
      socket.destroy();
      answer.ended?.(false);
      return;
    }
    socket.write(wholeAnswer(answer), 'latin1', (error) => answer.ended?.(error == null));
    busy = false;
    if (waiting === undefined) return;
    const next = waiting;
    waiting = undefined;
    if (socket.isPaused()) socket.resume();
    onData(next);
  };

  const onEnd = (): void => {
    socket.end();
  };
  const onClose = (): void => hangUp?.abort();
  const onError = (): void => {
    socket.destroy();
  };
  const onTimeout = onError;
  const leave = (): void => {
    socket.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
    socket.off('timeout', onTimeout).setTimeout(0);
  };
  socket.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError);
  socket.on('timeout', onTimeout).setTimeout(options.idleMs);
}

function wholeAnswer({ status, body, retryAfterSeconds }: SimpleAnswer): string {
  const wait = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n${wait}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const REQUEST_LINE = /(?:GET|POST) (\/bot[\x21-\x7e]*) HTTP\/1\.1\r\n/y;
const HEADER = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?|)[ \t]*\r\n/y;
/** Whatever these say is node:http's to understand. */
const NOT_SIMPLE: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'content-encoding',
  'expect',
  'upgrade',
  'trailer',
  'te',
]);

/** `undefined` when this is not exactly one whole request of the common kind. */
function readSimpleRequest(chunk: Buffer): SimpleRequest | undefined {
  if (chunk.length > LONGEST_BYTES) return undefined;
  const headEnd = chunk.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = chunk.toString('latin1', 0, headEnd + 2);
  REQUEST_LINE.lastIndex = 0;
  const target = REQUEST_LINE.exec(head)?.[1];
  if (target === undefined) return undefined;

  let length: string | undefined;
  let type = '';
  let traceparent: string | undefined;
  let hasHost = false;
  for (HEADER.lastIndex = REQUEST_LINE.lastIndex; HEADER.lastIndex < head.length; ) {
    const header = HEADER.exec(head);
    if (header === null) return undefined;
    const [, name = '', value = ''] = header;
    switch (name.toLowerCase()) {
      case 'content-length':
        if (length !== undefined || !/^\d{1,6}$/.test(value)) return undefined;
        length = value;
        break;
      case 'content-type':
        if (type !== '') return undefined;
        type = value.toLowerCase();
        break;
      case 'connection':
        if (value.toLowerCase() !== 'keep-alive') return undefined;
        break;
      case 'host':
        if (hasHost) return undefined;
        hasHost = true;
        break;
      case 'traceparent':
        if (traceparent !== undefined) return undefined;
        traceparent = value;
        break;
      default:
        if (NOT_SIMPLE.has(name.toLowerCase())) return undefined;
    }
  }
  const bodyStart = headEnd + 4;
  if (!hasHost || chunk.length !== bodyStart + Number(length ?? 0)) return undefined;
  const readBody = bodyReader(chunk, bodyStart, type);
  if (readBody === undefined) return undefined;
  return { target, readBody, ...(traceparent === undefined ? {} : { traceparent }) };
}

function bodyReader(chunk: Buffer, start: number, type: string): SimpleRequest['readBody'] | undefined {
  if (chunk.length === start) return () => undefined;
  if (type.includes('multipart/form-data')) return undefined;
  if (type.includes('application/json')) {
    return (into) => readJsonBody(decodeBody(chunk.subarray(start)), into);
  }
  if (type.includes('application/x-www-form-urlencoded')) {
    return (into) => addForm(decodeBody(chunk.subarray(start)), into);
  }
  return undefined;
}
