import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf, SendtwiceError } from '../../base/errors.js';
import { ApiError } from '../api-error.js';
import type { CallAnswer, CallRequest } from '../calls.js';
import { errorEnvelope } from './envelope.js';
import { FastLane, type SimpleAnswer, type SimpleRequest } from './fast-lane.js';
import { type Arguments, addForm, ProtocolError, readBody, UploadTooLarge } from './request-body.js';

const HEADERS_LIMIT_BYTES = 256 * 1024;
/** "Inbound connections idle out after 500 s." */
const IDLE_MS = 500_000;
/** Telegram's front end takes files up to 50 MB. */
const LARGEST_UPLOAD_BYTES = 50 * 1024 * 1024;

const NO_FILES: CallRequest['files'] = new Map();

/** What the front needs of the rest of the server. */
export interface Backend {
  /** @throws ApiError for a bad or unknown token. */
  authorise(token: string, test: boolean): BackendBot;
}

export interface BackendBot {
  call(request: CallRequest): Promise<CallAnswer>;
  /** The content of a file that getFile has named. */
  file(path: string): Buffer | undefined;
}

export interface FrontOptions {
  readonly backend: Backend;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** The HTTP side of the Bot API server. */
export class Front {
  readonly port: number;
  readonly #server: Server;
  readonly #fastLane: FastLane;

  private constructor(server: Server, fastLane: FastLane) {
    this.#server = server;
    this.#fastLane = fastLane;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @throws SendtwiceError `listen/port-in-use` */
  static async listen(options: FrontOptions): Promise<Front> {
    const server = createServer({ maxHeaderSize: HEADERS_LIMIT_BYTES, keepAliveTimeout: IDLE_MS });
    server.requestTimeout = IDLE_MS;
    server.headersTimeout = IDLE_MS;
    server.timeout = 0;
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      void answer(request, response, options);
    };
    server.on('request', serve);
    // The official server takes no notice of `Expect`.
    server.on('checkContinue', serve);
    server.on('checkExpectation', serve);
    server.on('connect', (_request, socket) => endBare(socket, 501));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => endBare(socket, statusOf(error)));
    const fastLane = new FastLane(server, {
      idleMs: IDLE_MS,
      serve: (request, hangUp) => answerSimple(request, hangUp, options.backend),
    });
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        const where = `${options.host}:${options.port}`;
        const message =
          error.code === 'EADDRINUSE'
            ? `The Bot API server cannot listen on ${where}: the port is in use`
            : `The Bot API server cannot listen on ${where}: ${messageOf(error)}`;
        reject(
          new SendtwiceError('listen/port-in-use', message, {
            hint: 'Choose another port, or leave it out to get a free one.',
            cause: error,
          }),
        );
      };
      server.once('error', fail);
      server.listen(options.port, options.host, () => {
        server.off('error', fail);
        resolve();
      });
    });
    return new Front(server, fastLane);
  }

  /** Stops listening and destroys all connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      this.#fastLane.close();
    });
  }
}

/** The same for a request that came in one piece. Never rejects. */
async function answerSimple(
  request: SimpleRequest,
  hangUp: () => AbortSignal,
  backend: Backend,
): Promise<SimpleAnswer> {
  try {
    const target = parseTarget(request.target);
    if (target === undefined || target.kind === 'file') throw new ApiError(404, 'Not Found');
    const bot = backend.authorise(target.token, target.test);
    const params = new Map<string, string>();
    if (target.query !== '') addForm(target.query, params);
    request.readBody(params);
    const { traceparent } = request;
    return await bot.call({
      method: target.method === '' ? (params.get('method') ?? '') : target.method,
      params,
      files: NO_FILES,
      hangUp,
      ...(traceparent === undefined ? {} : { traceparent }),
    });
  } catch (error) {
    if (!(error instanceof ApiError)) return { status: 500, body: '', reset: true };
    const retryAfterSeconds = error.parameters?.retry_after;
    return {
      status: error.errorCode,
      body: errorEnvelope(error),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
  }
}

/** Never rejects: whatever happens, the bot gets an answer or a closed connection. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: FrontOptions,
): Promise<void> {
  const { socket } = request;
  try {
    if (request.method !== 'GET' && request.method !== 'POST') throw new ProtocolError(501);
    const target = parseTarget(request.url ?? '');
    if (target === undefined) throw new ApiError(404, 'Not Found');
    const bot = options.backend.authorise(target.token, target.test);
    if (target.kind === 'file') sendFile(response, bot.file(target.path));
    else await call(request, response, target, bot);
  } catch (error) {
    if (error instanceof ApiError) sendError(response, error);
    else if (error instanceof ProtocolError) endBare(socket, error.status);
    else if (error instanceof UploadTooLarge)
      sendError(response, new ApiError(413, 'Request Entity Too Large'));
    // What is left: the bot hung up while it was sending. Nobody is there to be answered.
    else socket.destroy();
  }
}

async function call(
  request: IncomingMessage,
  response: ServerResponse,
  target: MethodTarget,
  bot: BackendBot,
): Promise<void> {
  const args: Arguments = { params: new Map(), files: new Map() };
  if (target.query !== '') addForm(target.query, args.params);
  await readBody(request, args, LARGEST_UPLOAD_BYTES);

  const { traceparent } = request.headers;
  const given = await bot.call({
    method: target.method === '' ? (args.params.get('method') ?? '') : target.method,
    params: args.params,
    files: args.files,
    hangUp: () => hangUpSignal(response),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
  });
  if (given.reset || response.destroyed) {
    request.socket.destroy();
    given.ended(false);
    return;
  }
  response.once('close', () => given.ended(response.writableFinished));
  send(response, given.status, given.body, given.retryAfterSeconds);
}

/** Made only for methods that wait: a signal for each call would cost more than most calls do. */
function hangUpSignal(response: ServerResponse): AbortSignal {
  const hangUp = new AbortController();
  if (response.destroyed) hangUp.abort();
  else response.once('close', () => hangUp.abort());
  return hangUp.signal;
}

interface MethodTarget {
  readonly kind: 'method';
  readonly token: string;
  readonly test: boolean;
  readonly method: string;
  readonly query: string;
}

interface FileTarget {
  readonly kind: 'file';
  readonly token: string;
  readonly test: boolean;
  readonly path: string;
}

/**
 * `/bot<token>/<method>`, `/bot<token>/test/<method>` and the two forms of `/file/bot<token>/<path>`.
 * `undefined` for anything else.
 */
export function parseTarget(url: string): MethodTarget | FileTarget | undefined {
  if (!url.startsWith('/'))
    throw new ApiError(404, 'Not Found: absolute URI is specified in the Request-Line');
  const question = url.indexOf('?');
  let path = question < 0 ? url : url.slice(0, question);
  if (path.includes('%')) {
    try {
      path = decodeURIComponent(path);
    } catch {
      return undefined;
    }
  }
  const isFile = path.startsWith('/file/bot');
  if (!isFile && !path.startsWith('/bot')) return undefined;
  const from = isFile ? '/file/bot'.length : '/bot'.length;
  const slash = path.indexOf('/', from);
  if (slash < 0) return undefined;
  const token = path.slice(from, slash);
  let rest = path.slice(slash + 1);
  // As officially: everything that starts with `test` is taken for the test environment.
  const test = rest.startsWith('test');
  if (test) {
    if (rest.charAt('test'.length) !== '/') return undefined;
    rest = rest.slice('test/'.length);
  }
  if (isFile) return { kind: 'file', token, test, path: rest };
  return { kind: 'method', token, test, method: rest, query: question < 0 ? '' : url.slice(question + 1) };
}

function sendError(response: ServerResponse, error: ApiError): void {
  send(response, error.errorCode, errorEnvelope(error), error.parameters?.retry_after);
}

/** `body` is pure ASCII: its length is its size. */
function send(response: ServerResponse, status: number, body: string, retryAfterSeconds?: number): void {
  response.sendDate = false;
  // An unread rest of the request would be taken for the next one.
  const keep = response.shouldKeepAlive && response.req.complete;
  const head = ['Connection', keep ? 'keep-alive' : 'close', 'Content-Type', 'application/json'];
  if (retryAfterSeconds !== undefined) head.push('Retry-After', String(retryAfterSeconds));
  head.push('Content-Length', String(body.length));
  response.writeHead(status, head);
  response.end(body, 'latin1');
}

function sendFile(response: ServerResponse, content: Buffer | undefined): void {
  if (content === undefined) throw new ApiError(404, 'Not Found');
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': content.length,
  });
  response.end(content);
}

/** A bare status line; the connection ends. */
function endBare(socket: Socket | Duplex, status: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

function statusOf(error: NodeJS.ErrnoException): number {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_INVALID_METHOD':
      return 501;
    case 'HPE_INVALID_VERSION':
      return 505;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}
