import type { Socket } from 'node:net';
import { messageOf } from '../../base/errors.js';
import { FrameSplitter } from '../wire/frame-splitter.js';
import { HEADER_BYTES, OPCODE, readHeader } from '../wire/header.js';
import { encodeOpMsg, MSG_FLAG, type OpMsg, parseOpMsg } from '../wire/op-msg.js';
import { encodeOpReply, parseOpQuery } from '../wire/op-query.js';
import { decode } from './bson/decode.js';
import { encode } from './bson/encode.js';
import type { Document, Value } from './bson/value.js';
import type { Peer, Reply, Server } from './commands/contract.js';
import { dispatch, failure } from './dispatcher.js';
import { ConnectionDropped, ServerError } from './errors.js';

/** A client that sends this many requests ahead is not read any further until some are answered. */
const MAX_WAITING = 64;

let lastReplyId = 0;

/** Serves one client: its requests are answered one after the other, in their order. */
export class Connection {
  readonly #splitter = new FrameSplitter();
  readonly #waiting: Buffer[] = [];
  readonly #peer: Peer;
  #isBusy = false;

  constructor(
    readonly socket: Socket,
    readonly server: Server,
    connectionId: number,
  ) {
    this.#peer = { connectionId };
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    // A client that goes away is no error of ours; 'close' follows.
    socket.on('error', () => socket.destroy());
  }

  #receive(chunk: Buffer): void {
    try {
      this.#waiting.push(...this.#splitter.push(chunk));
    } catch {
      // Without a length that is true, there is no next message.
      this.socket.destroy();
      return;
    }
    if (this.#waiting.length > MAX_WAITING) this.socket.pause();
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
      const answer = await this.#answer(frame);
      if (this.socket.destroyed) break;
      if (answer !== undefined && !this.socket.write(answer)) await this.#drained();
      if (this.#waiting.length === 0) this.socket.resume();
    }
    this.#isBusy = false;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
      if (this.socket.destroyed) done();
    });
  }

  /** The answer to one message. What is not a message at all ends the connection. */
  async #answer(frame: Buffer): Promise<Buffer | undefined> {
    try {
      const { opCode, requestId } = readHeader(frame);
      if (opCode === OPCODE.msg) return await this.#answerMsg(parseOpMsg(frame));
      if (opCode === OPCODE.query) return await this.#answerQuery(frame);
      if (frame.length > HEADER_BYTES && opCode !== OPCODE.compressed) {
        return reply(
          requestId,
          failure(new ServerError(352, `Unsupported OP_QUERY command or legacy opcode: ${opCode}`)),
        );
      }
    } catch {
      // Not a message, or a fail point drops the connection: there is nobody to tell why.
    }
    this.socket.destroy();
    return undefined;
  }

  async #answerMsg(message: OpMsg): Promise<Buffer | undefined> {
    const answer = await this.#run(() => commandOf(message));
    return (message.flags & MSG_FLAG.moreToCome) !== 0 ? undefined : reply(message.requestId, answer);
  }

  async #answerQuery(frame: Buffer): Promise<Buffer> {
    const { requestId, namespace, query } = parseOpQuery(frame);
    const answer = await this.#run(() => legacyCommand(namespace, query));
    return encodeOpReply({ requestId: nextReplyId(), responseTo: requestId, document: encodeReply(answer) });
  }

  async #run(read: () => { readonly body: Document; readonly database: string }): Promise<Reply> {
    try {
      const { body, database } = read();
      return await dispatch(body, database, this.server, this.#peer);
    } catch (error) {
      if (error instanceof ConnectionDropped) throw error;
      return failure(error instanceof ServerError ? error : new ServerError(8, messageOf(error)));
    }
  }
}

function commandOf({ body, sequences }: OpMsg): { body: Document; database: string } {
  const command = decode(body);
  for (const { identifier, documents } of sequences) {
    if (command.has(identifier)) throw new ServerError(40414, `The field ${identifier} is given twice`);
    command.set(
      identifier,
      documents.map((bytes): Value => decode(bytes)),
    );
  }
  const database = command.get('$db');
  if (typeof database !== 'string') throw new ServerError(40571, 'OP_MSG requests require a $db argument');
  return { body: command, database };
}

/** Commands in the old form may be wrapped in `$query`. Only the handshake still comes this way. */
function legacyCommand(namespace: string, query: Buffer): { body: Document; database: string } {
  if (!namespace.endsWith('.$cmd'))
    throw new ServerError(352, `Unsupported OP_QUERY on ${namespace}: only commands of the handshake are`);
  const outer = decode(query);
  const inner = outer.get('$query') ?? outer.get('query');
  const body = inner instanceof Map ? inner : outer;
  const [name = ''] = body.keys();
  if (!['hello', 'ismaster', 'isMaster'].includes(name)) {
    throw new ServerError(
      352,
      `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`,
    );
  }
  return { body, database: namespace.slice(0, -'.$cmd'.length) };
}

function nextReplyId(): number {
  lastReplyId = (lastReplyId + 1) & 0x7fff_ffff;
  return lastReplyId;
}

function encodeReply(answer: Reply): Buffer {
  try {
    return encode(answer);
  } catch (error) {
    return encode(failure(new ServerError(8, `The reply could not be encoded: ${messageOf(error)}`)));
  }
}

function reply(responseTo: number, answer: Reply): Buffer {
  return encodeOpMsg({ requestId: nextReplyId(), responseTo, body: encodeReply(answer) });
}
