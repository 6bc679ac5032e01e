import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { isLoopback } from '../base/loopback.js';

const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 50;
const REQUEST_WITHIN_MS = 10_000;

/** One thing that can be asked of the control server. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/faults/:name`: a part with a colon stands for any text, and is in `parts` under that name. */
  readonly path: string;
  /** What it does, in a few words, for somebody who asks for something else. */
  readonly about: string;
  /** @throws Refused for what cannot be done; anything else is answered with 500 */
  answer(asked: Asked): Promise<Answer> | Answer;
}

export interface Asked {
  readonly parts: Readonly<Record<string, string>>;
  /** What the JSON of the body says; absent without a body. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** The answer is an error: its status, what is wrong, and what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly status: number,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/**
 * A server on 127.0.0.1 with which a person or a script steers what is going on: JSON in, JSON out. Web pages
 * are kept away: what has an Origin, or was sent to another name than this machine's, is refused.
 */
export class ControlServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  }

  /**
   * @param port 0: any free one
   * @throws SendtwiceError `listen/port-in-use`
   */
  static async listen(port: number, routes: readonly Route[]): Promise<ControlServer> {
    const server = createServer((request, response) => void serve(request, response, routes));
    server.requestTimeout = REQUEST_WITHIN_MS;
    server.headersTimeout = REQUEST_WITHIN_MS;
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(port, error)));
      server.listen(port, HOST, resolve);
    });
    return new ControlServer(server);
  }

  /** Stops listening and ends all connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function cannotListen(port: number, error: NodeJS.ErrnoException): SendtwiceError {
  const why = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
  return new SendtwiceError(
    'listen/port-in-use',
    `The control server cannot listen on ${HOST}:${port}: ${why}`,
    { hint: 'Choose another port, or 0 to get a free one.', cause: error },
  );
}

/** Never rejects. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  routes: readonly Route[],
): Promise<void> {
  let answer: Answer;
  try {
    checkSender(request);
    const { route, parts } = routeOf(request, routes);
    const body = await bodyOf(request);
    answer = await route.answer({ parts, ...(body !== undefined && { body }) });
  } catch (error) {
    answer = answerTo(error, routes);
  }
  const text = `${JSON.stringify(answer.body, null, 2)}\n`;
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // What is left of a body that nobody wants to read must not be taken for the next request.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(text);
}

function answerTo(error: unknown, routes: readonly Route[]): Answer {
  if (!(error instanceof Refused)) {
    const hint = error instanceof SendtwiceError ? error.hint : undefined;
    return { status: 500, body: { error: messageOf(error), ...(hint !== undefined && { hint }) } };
  }
  const { status, message, hint } = error;
  return {
    status,
    body: {
      error: message,
      ...(hint !== undefined && { hint }),
      ...((status === 404 || status === 405) && { routes: inWords(routes) }),
    },
  };
}

/** Each route in one line. */
export function inWords(routes: readonly Route[]): string[] {
  const width = Math.max(...routes.map(({ method, path }) => method.length + path.length + 1));
  return routes.map(({ method, path, about }) => `${`${method} ${path}`.padEnd(width)}  ${about}`);
}

/** Browsers send an Origin along with what a page of another site wants changed, and the name of a host that was rebound. */
function checkSender({ headers }: IncomingMessage): void {
  if (headers.origin !== undefined) {
    throw new Refused(403, `Requests from web pages are refused (Origin: ${headers.origin.slice(0, 100)})`);
  }
  const { host = '' } = headers;
  const url = `http://${host}/`;
  if (!URL.canParse(url) || !isLoopback(new URL(url).hostname)) {
    throw new Refused(
      403,
      `The host ${host === '' ? 'is missing' : `is ${host.slice(0, 100)}, which is not this machine`}`,
      `Ask ${HOST} itself.`,
    );
  }
}

function routeOf(
  { method = '', url = '/' }: IncomingMessage,
  routes: readonly Route[],
): { readonly route: Route; readonly parts: Record<string, string> } {
  const path = url.replace(/[?#].*$/s, '');
  const there = routes.flatMap((route) => {
    const parts = partsOf(path, route.path);
    return parts === undefined ? [] : [{ route, parts }];
  });
  const [found] = there.filter(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (there.length === 0) throw new Refused(404, `There is nothing at ${path.slice(0, 200)}`);
  throw new Refused(405, `${path} cannot be asked with ${method}`);
}

/** What stands in the path for the parts of the pattern with a colon, if it fits. */
function partsOf(path: string, pattern: string): Record<string, string> | undefined {
  const given = path.split('/');
  const wanted = pattern.split('/');
  if (given.length !== wanted.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (part.startsWith(':') && text !== '') parts[part.slice(1)] = text;
    else if (part !== text) return undefined;
  }
  return parts;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const tooLong = new Refused(413, `The body is longer than ${MAX_BODY_BYTES / 1024} KB`);
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLong;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw tooLong;
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(400, `The body is no JSON: ${messageOf(error)}`);
  }
}
