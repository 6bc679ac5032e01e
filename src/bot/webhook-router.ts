import { connect, createServer, type Server, type Socket } from 'node:net';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { RequestCutter, type RequestHead, UnclearRequest } from './request-cutter.js';

export interface WebhookRouterOptions {
  /** The port of 127.0.0.1 to which a request goes. Asked once for each request, before anything of it is sent. */
  readonly portFor: (head: RequestHead) => number;
  /** Nobody listens at that port: the request was answered with 502. */
  readonly onUnreachable: (head: RequestHead) => void;
}

/**
 * One address for several instances, as a load balancer gives it. Bytes pass unchanged in both directions, and how a
 * connection ends passes, too: what the history says of a delivery is as true as without it. It never tries another
 * instance: who gets a delivery must not depend on who is quick.
 */
export class WebhookRouter {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly #server: Server;
  readonly #connections: Set<RoutedConnection>;

  private constructor(server: Server, connections: Set<RoutedConnection>) {
    const address = server.address();
    this.origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    this.#server = server;
    this.#connections = connections;
  }

  /** @throws SendtwiceError `listen/port-in-use` */
  static listen(options: WebhookRouterOptions): Promise<WebhookRouter> {
    const connections = new Set<RoutedConnection>();
    const server = createServer((socket) => {
      const connection = new RoutedConnection(socket, options, () => connections.delete(connection));
      connections.add(connection);
    });
    return new Promise((resolve, reject) => {
      server.once('error', (error) =>
        reject(
          new SendtwiceError(
            'listen/port-in-use',
            `The router of the webhook cannot listen: ${messageOf(error)}`,
            { cause: error },
          ),
        ),
      );
      server.listen(0, '127.0.0.1', () => resolve(new WebhookRouter(server, connections)));
    });
  }

  /** Drops all connections. */
  close(): Promise<void> {
    for (const connection of [...this.#connections]) connection.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

const BAD_GATEWAY = answer('502 Bad Gateway', 'keep-alive');

/** One connection of Telegram, and the connections to instances that its requests have needed so far. */
class RoutedConnection {
  readonly #outer: Socket;
  readonly #options: WebhookRouterOptions;
  readonly #onEnd: () => void;
  readonly #inner = new Map<number, Socket>();
  /** Where the present request goes, or the last one went. Undefined: nowhere, what comes of it is dropped. */
  #current: Socket | undefined;

  constructor(outer: Socket, options: WebhookRouterOptions, onEnd: () => void) {
    this.#outer = outer;
    this.#options = options;
    this.#onEnd = onEnd;
    const cutter = new RequestCutter(
      (head) => this.#choose(head),
      (bytes) => this.#forward(bytes),
    );
    outer.setNoDelay(true);
    outer.on('data', (bytes) => {
      try {
        cutter.push(bytes);
      } catch (error) {
        if (!(error instanceof UnclearRequest)) throw error;
        outer.end(answer('400 Bad Request', 'close'));
      }
    });
    let wasReset = false;
    outer.on('error', () => {
      wasReset = true;
    });
    outer.once('close', () => this.#end(wasReset));
  }

  destroy(): void {
    this.#outer.destroy();
    this.#end(false);
  }

  #end(wasReset: boolean): void {
    for (const socket of this.#inner.values()) {
      if (wasReset) socket.resetAndDestroy();
      else socket.destroy();
    }
    this.#inner.clear();
    this.#onEnd();
  }

  #choose(head: RequestHead): void {
    const port = this.#options.portFor(head);
    const known = this.#inner.get(port);
    // One that the instance has half closed takes nothing any more.
    this.#current = known?.writable === true ? known : this.#connect(port, head);
  }

  #connect(port: number, head: RequestHead): Socket {
    const socket = connect({ host: '127.0.0.1', port });
    let isOpen = false;
    this.#inner.set(port, socket);
    socket.setNoDelay(true);
    socket.once('connect', () => {
      isOpen = true;
    });
    socket.on('data', (bytes) => {
      // What an instance says unasked, after another one has got its turn, is for nobody.
      if (socket !== this.#current) socket.destroy();
      else if (!this.#outer.write(bytes)) waitFor(this.#outer, socket);
    });
    socket.on('end', () => {
      if (socket === this.#current) this.#outer.end();
    });
    socket.on('error', () => {
      if (socket !== this.#current) return;
      if (isOpen) {
        this.#outer.resetAndDestroy();
        return;
      }
      this.#current = undefined;
      this.#options.onUnreachable(head);
      this.#outer.write(BAD_GATEWAY);
    });
    socket.once('close', () => {
      if (this.#inner.get(port) === socket) this.#inner.delete(port);
    });
    return socket;
  }

  #forward(bytes: Buffer): void {
    const target = this.#current;
    if (target?.writable === true && !target.write(bytes)) waitFor(target, this.#outer);
  }
}

/** Reads no more from `source` until what was written to `target` has left. */
function waitFor(target: Socket, source: Socket): void {
  source.pause();
  target.once('drain', () => source.resume());
}

function answer(status: string, connection: 'keep-alive' | 'close'): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: ${connection}\r\n\r\n`;
}
