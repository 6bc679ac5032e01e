import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';
import { FrameSplitter } from '../../../src/mongo/wire/frame-splitter.js';
import { OPCODE, readHeader } from '../../../src/mongo/wire/header.js';
import { encodeOpMsg, parseOpMsg } from '../../../src/mongo/wire/op-msg.js';
import { encodeOpQuery, parseOpReply } from '../../../src/mongo/wire/op-query.js';

/** A client that speaks the wire protocol and nothing more. */
export class RawClient {
  readonly socket: Socket;
  readonly #splitter = new FrameSplitter();
  readonly #frames: Buffer[] = [];
  #wake: (() => void) | undefined;
  #requestId = 0;
  #end: Error | 'closed' | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#frames.push(...this.#splitter.push(chunk));
      this.#wake?.();
    });
    socket.on('error', (error) => {
      this.#end = error;
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#end ??= 'closed';
      this.#wake?.();
    });
  }

  static async connect(address: string): Promise<RawClient> {
    const [host = '', port] = address.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends a command and returns its request id. */
  send(command: Document, options: { flags?: number; documents?: readonly Document[] } = {}): number {
    this.#requestId += 1;
    const { flags = 0, documents } = options;
    this.socket.write(
      encodeOpMsg({
        requestId: this.#requestId,
        flags,
        body: serialize({ ...command, $db: 'test' }),
        sequences:
          documents === undefined
            ? []
            : [{ identifier: 'documents', documents: documents.map((document) => serialize(document)) }],
      }),
    );
    return this.#requestId;
  }

  /** The next message. Fails when the connection ends first. */
  async receiveFrame(): Promise<Buffer> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#end !== undefined) throw this.#end === 'closed' ? new Error('closed') : this.#end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async receive(): Promise<Document> {
    const frame = await this.receiveFrame();
    const { opCode } = readHeader(frame);
    if (opCode === OPCODE.reply) return deserialize(parseOpReply(frame).documents[0] ?? Buffer.alloc(0));
    return deserialize(parseOpMsg(frame).body);
  }

  async run(command: Document): Promise<Document> {
    this.send(command);
    return this.receive();
  }

  /** The hello of every driver's first contact, in the old form. */
  async legacyHello(): Promise<Document> {
    this.#requestId += 1;
    const query = serialize({ ismaster: 1, helloOk: true });
    this.socket.write(encodeOpQuery({ requestId: this.#requestId, namespace: 'admin.$cmd', query }));
    return this.receive();
  }

  close(): void {
    this.socket.destroy();
  }
}
