import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { SendtwiceError } from '../../base/errors.js';
import type { Server, Topology } from './commands/contract.js';
import { REPLICA_SET_NAME } from './commands/handshake.js';
import { Connection } from './connection.js';
import { CursorRegistry } from './cursors.js';
import { FailPoints } from './fail-points.js';
import { Authenticator, type Credentials } from './scram.js';
import { SessionRegistry } from './sessions.js';
import { Store } from './storage/store.js';

/** Idle cursors, sessions and transactions are looked for this often. */
const IDLE_CHECK_MS = 10_000;

/** The official server's `ttlMonitorSleepSecs`: what a TTL index says is over goes within a minute. */
const TTL_CHECK_MS = 60_000;

export interface EmbeddedMongoOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on. Default: 127.0.0.1. Nothing asks for a password. */
  readonly host?: string;
  /**
   * What the server says it is. Default: `replicaSet`, with one node, as hosted clusters are: drivers then
   * send writes that they can retry, and transactions work. `standalone` has neither.
   */
  readonly topology?: Topology;
  /** How much all documents together may take, as BSON. Default: 1 GiB. */
  readonly maxDataBytes?: number;
  /** How often documents are removed that a TTL index says are over. Default: 60,000 ms. */
  readonly ttlCheckMs?: number;
  /**
   * A user that may log in with SCRAM, for bots that insist on it; the URI then has both. Nobody has to log
   * in all the same. Default: no user, and whoever tries to log in is told so.
   */
  readonly credentials?: Credentials;
  /** Takes `configureFailPoint`, as `mongod --setParameter enableTestCommands=1` does. Default: false. */
  readonly testCommands?: boolean;
}

/**
 * A MongoDB server in memory, for bots under test. It speaks the wire protocol of MongoDB 8.0 and
 * refuses, with an error, whatever it cannot do as the official server does it. All data is gone when it
 * is closed.
 */
export class EmbeddedMongo {
  readonly #listener: NetServer;
  readonly #sockets: Set<Socket>;
  readonly #timers: readonly NodeJS.Timeout[];

  /** What clients connect to. */
  readonly uri: string;
  readonly port: number;

  private constructor(parts: {
    readonly listener: NetServer;
    readonly sockets: Set<Socket>;
    readonly timers: readonly NodeJS.Timeout[];
    readonly uri: string;
    readonly port: number;
  }) {
    this.#listener = parts.listener;
    this.#sockets = parts.sockets;
    this.#timers = parts.timers;
    this.uri = parts.uri;
    this.port = parts.port;
  }

  /** @throws SendtwiceError `listen/port-in-use` when the server cannot listen. */
  static async start(options: EmbeddedMongoOptions = {}): Promise<EmbeddedMongo> {
    const {
      port: wantedPort = 0,
      host = '127.0.0.1',
      topology = 'replicaSet',
      ttlCheckMs = TTL_CHECK_MS,
      credentials,
    } = options;
    const store = new Store(options.maxDataBytes);
    const sockets = new Set<Socket>();
    const listener = createServer({ noDelay: true });
    const port = await listen(listener, wantedPort, host);
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const server: Server = {
      store,
      sessions: new SessionRegistry(store),
      cursors: new CursorRegistry(),
      topology,
      address,
      startedAt: new Date(),
      openConnections: () => sockets.size,
      failPoints: options.testCommands === true ? new FailPoints() : undefined,
      authenticator: credentials === undefined ? undefined : new Authenticator(credentials),
    };
    let connections = 0;
    listener.on('connection', (socket) => {
      connections += 1;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      new Connection(socket, server, connections);
    });
    const timers = [
      setInterval(() => {
        server.cursors.closeIdle(Date.now());
        server.sessions.closeIdle(Date.now());
      }, IDLE_CHECK_MS).unref(),
      setInterval(() => store.removeExpired(Date.now()), ttlCheckMs).unref(),
    ];
    const query = topology === 'replicaSet' ? `replicaSet=${REPLICA_SET_NAME}` : 'directConnection=true';
    const login =
      credentials === undefined
        ? ''
        : `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`;
    return new EmbeddedMongo({
      listener,
      sockets,
      timers,
      port,
      uri: `mongodb://${login}${address}/?${query}`,
    });
  }

  /** Ends all connections and forgets all data. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function listen(listener: NetServer, port: number, host: string): Promise<number> {
  try {
    listener.listen(port, host);
    await once(listener, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error';
    throw new SendtwiceError(
      'listen/port-in-use',
      `The embedded MongoDB server cannot listen on ${host}:${port} (${code}).`,
      {
        hint: 'Stop what uses the port, or let the server take a free one with port 0.',
        cause,
      },
    );
  }
  return (listener.address() as AddressInfo).port;
}
