import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { type Document, deserialize, serialize } from 'bson';
import { FrameSplitter } from '../../../src/mongo/wire/frame-splitter.js';
import { OPCODE, readHeader, WireError } from '../../../src/mongo/wire/header.js';
import { encodeOpMsg, MSG_FLAG, type OpMsg, parseOpMsg } from '../../../src/mongo/wire/op-msg.js';
import { encodeOpReply } from '../../../src/mongo/wire/op-query.js';

/** What the stub does with a command: a document to answer, bytes to write, or nothing. */
export type Answer = (command: Document, requestId: number, socket: Socket) => Document | Buffer | undefined;

export interface StubOptions {
  /** What it says about itself. */
  readonly hello?: Document | ((address: string) => Document);
  readonly answer?: Answer;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A server that answers as a test wants it, and remembers what reached it. */
export class StubServer {
  readonly received: Document[] = [];
  readonly sockets = new Set<Socket>();
  /** The names that clients asked for over TLS. */
  readonly serverNames: string[] = [];
  readonly #server: Server;
  #wake: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(options: StubOptions = {}): Promise<StubServer> {
    const { tls } = options;
    const server = tls === undefined ? createServer({ noDelay: true }) : createTlsServer(tls);
    const stub = new StubServer(server);
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      stub.#serve(socket, options),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return stub;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get uri(): string {
    return `mongodb://${this.address}/`;
  }

  /** The n-th command that reaches the server, from 1. */
  async nth(n: number): Promise<Document> {
    for (;;) {
      const command = this.received[n - 1];
      if (command !== undefined) return command;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket, { hello = {}, answer = () => ({ ok: 1 }) }: StubOptions): void {
    this.sockets.add(socket);
    if (socket instanceof TLSSocket && typeof socket.servername === 'string')
      this.serverNames.push(socket.servername);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const splitter = new FrameSplitter();
    const greeting = {
      helloOk: true,
      isWritablePrimary: true,
      maxWireVersion: 21,
      minWireVersion: 0,
      ...(typeof hello === 'function' ? hello(this.address) : hello),
    };
    let isRaw = false;
    socket.on('data', (chunk) => {
      let frames: Buffer[] = [];
      try {
        frames = isRaw ? [] : splitter.push(chunk);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        isRaw = true;
      }
      // What is no message comes back as it is.
      if (isRaw) socket.write(chunk);
      for (const frame of frames) {
        const { opCode, requestId } = readHeader(frame);
        if (opCode === OPCODE.query) {
          const document = serialize({ ...greeting, ok: 1 });
          socket.write(encodeOpReply({ requestId: 1, responseTo: requestId, document }));
          continue;
        }
        const parsed = parsedOrNone(frame);
        if (parsed === undefined) {
          socket.destroy();
          return;
        }
        const { flags, sequences, command } = parsed;
        for (const { identifier, documents } of sequences) {
          command[identifier] = documents.map((document) => deserialize(document));
        }
        const isHello = command.hello !== undefined || command.isMaster !== undefined;
        if (!isHello) {
          this.received.push(command);
          this.#wake?.();
        }
        const reply = isHello ? { ...greeting, ok: 1 } : answer(command, requestId, socket);
        if (reply === undefined || (flags & MSG_FLAG.moreToCome) !== 0) continue;
        socket.write(
          Buffer.isBuffer(reply) ? reply : encodeOpMsg({ responseTo: requestId, body: serialize(reply) }),
        );
      }
    });
  }
}

/** A message that can be read; a server hangs up on anything else. */
function parsedOrNone(frame: Buffer): (OpMsg & { readonly command: Document }) | undefined {
  try {
    const message = parseOpMsg(frame);
    return { ...message, command: deserialize(message.body) };
  } catch {
    return undefined;
  }
}
