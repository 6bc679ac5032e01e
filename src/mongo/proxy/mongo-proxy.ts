import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../base/clock.js';
import { messageOf, SendtwiceError } from '../../base/errors.js';
import type { FaultPlan } from '../../faults/plan.js';
import type { Emit } from '../../history/events.js';
import { Connection } from './connection.js';
import { probe } from './probe.js';
import { parseUpstream, type Upstream } from './upstream.js';

const HOST = '127.0.0.1';

/** More clients than any bot opens; the next ones are turned away. */
const MAX_CONNECTIONS = 5000;

export interface MongoProxyOptions {
  /** mongodb:// URI of one server. */
  readonly upstream: string;
  readonly plan: Pick<FaultPlan, 'decide'>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Port on 127.0.0.1; by default a free one. */
  readonly port?: number;
}

/** Stands between the bot and one MongoDB server, records the commands and does what the plan says. */
export class MongoProxy {
  /** For the bot: the upstream URI with the proxy in the place of the server. */
  readonly uri: string;
  /** `host:port` that the proxy listens on. */
  readonly address: string;
  readonly #options: MongoProxyOptions;
  readonly #upstream: Upstream;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #connectionCount = 0;
  #blindCount = 0;
  #refusedCount = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: MongoProxyOptions, upstream: Upstream, server: Server) {
    this.#options = options;
    this.#upstream = upstream;
    this.#server = server;
    this.address = `${HOST}:${(server.address() as AddressInfo).port}`;
    this.uri = upstream.proxiedUri(this.address);
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (client) => this.#accept(client));
  }

  /**
   * Asks the server who it is, then listens.
   *
   * @throws SendtwiceError `mongo/unreachable`, `listen/port-in-use`, and what {@link parseUpstream} throws
   */
  static async start(options: MongoProxyOptions): Promise<MongoProxy> {
    const upstream = parseUpstream(options.upstream);
    const { members } = await probe(upstream);
    if (members.length > 1 && !upstream.isDirect) {
      throw new SendtwiceError(
        'usage/bad-argument',
        `MongoDB at ${upstream.address} belongs to a replica set of ${members.length} members ` +
          `(${members.join(', ')}); the fault proxy can stand before one server only`,
        { hint: 'Add directConnection=true to the URI to use this member alone.' },
      );
    }
    const server = createServer({ noDelay: true });
    await listen(server, options.port ?? 0);
    return new MongoProxy(options, upstream, server);
  }

  /** Ends all connections. Commands that are open are reported as unknown. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
    if (this.#blindCount > 1) {
      this.#warn('mongo/not-understood', `${this.#blindCount} connections were not understood in all`);
    }
    if (this.#refusedCount > 1) {
      this.#warn('mongo/upstream-refused', `${this.#refusedCount} connections failed in all`);
    }
  }

  #accept(client: Socket): void {
    const upstream = this.#upstream.connect();
    this.#connectionCount += 1;
    const { plan, clock, emit } = this.#options;
    const connection = new Connection({
      number: this.#connectionCount,
      client,
      upstream,
      proxyAddress: this.address,
      plan,
      clock,
      emit,
      onBlind: (reason) => this.#onBlind(reason),
    });
    this.#connections.add(connection);
    client.on('close', () => {
      if (upstream.closed) this.#connections.delete(connection);
    });
    upstream.on('close', () => {
      if (client.closed) this.#connections.delete(connection);
    });
    upstream.on('error', (error) => this.#onUpstreamError(error));
  }

  /** Only the first of its kind is told at once: there may be thousands. */
  #onBlind(reason: string): void {
    this.#blindCount += 1;
    if (this.#blindCount > 1) return;
    const what =
      'A connection to MongoDB is not understood: its bytes are passed on, without faults or events';
    this.#warn('mongo/not-understood', `${what} (${reason})`);
  }

  #onUpstreamError(error: Error): void {
    this.#refusedCount += 1;
    if (this.#refusedCount > 1) return;
    this.#warn(
      'mongo/upstream-refused',
      `A connection to ${this.#upstream.address} failed: ${error.message}`,
    );
  }

  #warn(code: string, message: string): void {
    this.#options.emit({ type: 'warning', code, message });
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new SendtwiceError(
      'listen/port-in-use',
      `The fault proxy cannot listen on ${HOST}:${port}: ${messageOf(error)}`,
      { hint: 'Choose another port, or none to get a free one.', cause: error },
    );
  }
}
