import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.js';
import { messageOf, SendtwiceError } from '../../base/errors.js';
import { isLoopback } from '../../base/loopback.js';
import { combine } from '../../faults/combine.js';
import type { FaultPlan } from '../../faults/plan.js';
import type { Emit } from '../../history/events.js';
import { makeCertificate, writeCaFile } from './certificate.js';
import { Connection } from './connection.js';
import { CursorOwners } from './cursor-owners.js';
import { type Backend, Members } from './members.js';
import { canTakeOver, takeOver } from './own-buffer.js';
import { probe, type ServerFacts } from './probe.js';
import { addressOf, placeOf, type Resolver, readUpstream, type Upstream } from './upstream.js';

const HOST = '127.0.0.1';

/** More clients than any bot opens; the next ones are turned away. */
const MAX_CONNECTIONS = 5000;

export interface MongoProxyOptions {
  /** mongodb:// or mongodb+srv:// URI: one server, the members of a replica set, or several mongos. */
  readonly upstream: string;
  readonly plan: Pick<FaultPlan, 'decide' | 'concerns' | 'mayHit'>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Port on 127.0.0.1, of the first server; by default a free one, as for all others. */
  readonly port?: number;
  /** Speak TLS to the bot too, with a certificate made for this run. Default: false. */
  readonly tls?: boolean;
  /** Write the contents of commands to the history, redacted. Default: false. */
  readonly contents?: boolean;
  /** Refuse a replica set that has members on other machines, though the URI names none. Default: false. */
  readonly refuseRemote?: boolean;
  /**
   * Read from clients into buffers of our own, where this version of Node can and nobody speaks TLS. Default: true.
   * Tests switch it off: what the proxy does must be the same.
   */
  readonly ownBuffers?: boolean;
  /** For mongodb+srv://; by default that of the system. */
  readonly resolver?: Resolver;
}

/** TLS on the side of the bot. */
interface ClientTls {
  readonly ca: ReturnType<typeof writeCaFile>;
  readonly context: SecureContext;
}

/** Stands between the bot and its MongoDB servers, records the commands and does what the plan says. */
export class MongoProxy {
  /** For the bot: the upstream URI with the proxy in the place of the servers. */
  readonly uri: string;
  /** `host:port` of each listener, one for each server. */
  readonly addresses: readonly string[];
  readonly #options: MongoProxyOptions;
  readonly #upstream: Upstream;
  readonly #servers: readonly Server[];
  readonly #members: Members;
  readonly #tls: ClientTls | undefined;
  readonly #hasOwnBuffers: boolean;
  readonly #cursors = new CursorOwners();
  readonly #connections = new Set<Connection>();
  /** Connections without a server: those that a fault holds. */
  readonly #waiting = new Set<Socket>();
  #connectionCount = 0;
  #blindCount = 0;
  #refusedCount = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    options: MongoProxyOptions,
    upstream: Upstream,
    backends: readonly Backend[],
    servers: readonly Server[],
    hasOwnBuffers: boolean,
  ) {
    this.#hasOwnBuffers = hasOwnBuffers;
    this.#options = options;
    this.#upstream = upstream;
    this.#servers = servers;
    this.addresses = servers.map((server) => `${HOST}:${(server.address() as AddressInfo).port}`);
    this.#members = new Members(backends, options.clock, (listeners) => this.#endConnectionsOf(listeners));
    this.#members.listenAt(this.addresses);
    if (options.tls === true) {
      const { key, cert } = makeCertificate(new Date());
      this.#tls = { ca: writeCaFile(cert), context: createSecureContext({ key, cert }) };
    }
    this.uri = upstream.proxiedUri(this.addresses, this.#tls?.ca.path);
    for (const [listener, server] of servers.entries()) {
      server.maxConnections = MAX_CONNECTIONS;
      server.on('connection', (client) => this.#accept(client, listener));
    }
  }

  /** `host:port` of the first listener. */
  get address(): string {
    return this.addresses[0] ?? '';
  }

  /**
   * Asks the servers who they are, then listens: one listener for each.
   *
   * @throws SendtwiceError `mongo/unreachable`, `listen/port-in-use`, `target/not-loopback`, and what {@link readUpstream} throws
   */
  static async start(options: MongoProxyOptions): Promise<MongoProxy> {
    const upstream = await readUpstream(options.upstream, options.resolver);
    const backends = backendsOf(upstream, await probe(upstream));
    if (options.refuseRemote === true) checkBackends(backends);
    // A socket with TLS takes bytes without having sent them, so what it is given must not be overwritten.
    const isPlain = options.tls !== true && !upstream.isTls;
    const hasOwnBuffers = options.ownBuffers !== false && isPlain && (await canTakeOver());
    const servers: Server[] = [];
    try {
      for (const index of backends.keys()) {
        const server = createServer({ noDelay: true });
        await listen(server, index === 0 ? (options.port ?? 0) : 0);
        servers.push(server);
      }
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
    return new MongoProxy(options, upstream, backends, servers, hasOwnBuffers);
  }

  /** Ends all connections. Commands that are open are reported as unknown. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = Promise.all(this.#servers.map((server) => once(server, 'close')));
    this.#members.close();
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.destroy();
    for (const client of this.#waiting) client.destroy();
    await closed;
    this.#tls?.ca.remove();
    if (this.#blindCount > 1) {
      this.#warn('mongo/not-understood', `${this.#blindCount} connections were not understood in all`);
    }
    if (this.#refusedCount > 1) {
      this.#warn('mongo/upstream-refused', `${this.#refusedCount} connections failed in all`);
    }
  }

  /** A connection comes in: faults on connections decide what becomes of it. */
  #accept(raw: Socket, listener: number): void {
    this.#connectionCount += 1;
    const number = this.#connectionCount;
    const { plan, clock } = this.#options;
    if (!plan.concerns('mongo-connection')) {
      this.#join(raw, listener, number);
      return;
    }
    const open = this.#connections.size + this.#waiting.size + 1;
    const ids = { connection: number };
    const { beforeMs, effect } = combine(plan.decide('mongo-connection', { connection: number, open }, ids));
    this.#waiting.add(raw);
    raw.on('error', () => raw.destroy());
    raw.once('close', () => this.#waiting.delete(raw));
    const act = (): void => {
      if (effect?.effect === 'refuse') raw.resetAndDestroy();
      else if (effect?.effect === 'limit') raw.destroySoon();
      else if (effect?.effect === 'stall') raw.resume();
      else if (this.#waiting.delete(raw) && !raw.destroyed) this.#join(raw, listener, number);
    };
    if (beforeMs === 0) {
      act();
      return;
    }
    const timer = clock.set(beforeMs, act);
    raw.once('close', () => clock.clear(timer));
  }

  #join(accepted: Socket, listener: number, number: number): void {
    const tls = this.#tls;
    const taken = this.#hasOwnBuffers
      ? takeOver(accepted, (bytes) => connection.receiveFromClient(bytes))
      : undefined;
    const raw = taken ?? accepted;
    const client =
      tls === undefined ? raw : new TLSSocket(raw, { isServer: true, secureContext: tls.context });
    if (client !== raw) raw.on('error', () => client.destroy());
    // A socket with TLS takes bytes without having sent them, so what it is given must not be overwritten.
    const upstream = this.#upstream.connect(
      this.#members.placeOf(listener),
      client === raw ? (bytes) => connection.receiveFromServer(bytes) : undefined,
    );
    const { plan, clock, emit, contents = false } = this.#options;
    const connection: Connection = new Connection({
      number,
      listener,
      client,
      upstream,
      members: this.#members,
      cursors: this.#cursors,
      plan,
      clock,
      emit,
      withContents: contents,
      resetClient: () => {
        raw.resetAndDestroy();
        client.destroy();
      },
      onBlind: (reason) => this.#onBlind(reason),
    });
    if (taken === undefined) client.on('data', (chunk) => connection.receiveFromClient(chunk));
    if (client !== raw) upstream.on('data', (chunk) => connection.receiveFromServer(chunk));
    this.#connections.add(connection);
    client.on('close', () => {
      if (upstream.closed) this.#connections.delete(connection);
    });
    upstream.on('close', () => {
      if (client.closed) this.#connections.delete(connection);
    });
    upstream.on('error', (error) => this.#onUpstreamError(error, listener));
  }

  /** Another member has become primary: what was open to the two of them is open to the wrong ones. */
  #endConnectionsOf(listeners: readonly number[]): void {
    for (const connection of this.#connections) {
      if (listeners.includes(connection.listener)) connection.destroy();
    }
  }

  /** Only the first of its kind is told at once: there may be thousands. */
  #onBlind(reason: string): void {
    this.#blindCount += 1;
    if (this.#blindCount > 1) return;
    const what =
      'A connection to MongoDB is not understood: its bytes are passed on, without faults or events';
    this.#warn('mongo/not-understood', `${what} (${reason})`);
  }

  #onUpstreamError(error: Error, listener: number): void {
    this.#refusedCount += 1;
    if (this.#refusedCount > 1) return;
    const server = addressOf(this.#members.placeOf(listener));
    this.#warn('mongo/upstream-refused', `A connection to ${server} failed: ${error.message}`);
  }

  #warn(code: string, message: string): void {
    this.#options.emit({ type: 'warning', code, message });
  }
}

/** The servers to stand before: all members of a set, or those that the URI names. */
function backendsOf(upstream: Upstream, { place, me, hosts, others }: ServerFacts): Backend[] {
  const members = [...hosts, ...others];
  if (upstream.isDirect || members.length === 1) {
    // A set of one may call itself by a name that is not known here, as in a container.
    const name = me ?? members[0];
    return [{ place, isElectable: true, ...(name !== undefined && { name }) }];
  }
  if (members.length === 0) return upstream.seeds.map((seed) => ({ place: seed, isElectable: false }));
  return members.map((name) => ({ name, place: placeOf(name), isElectable: hosts.includes(name) }));
}

function checkBackends(backends: readonly Backend[]): void {
  const remote = backends.find(({ place }) => 'host' in place && !isLoopback(place.host));
  if (remote === undefined) return;
  const what = `The replica set has the member ${addressOf(remote.place)}, which is not on this machine`;
  throw new SendtwiceError('target/not-loopback', what, {
    hint: 'If you may load and disturb that machine, say so with --allow-remote, or use one member with directConnection=true.',
  });
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
