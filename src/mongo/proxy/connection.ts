import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import { combine } from '../../faults/combine.js';
import { isHousekeeping } from '../../faults/mongo-commands.js';
import type { FaultPlan } from '../../faults/plan.js';
import type { Emit } from '../../history/events.js';
import { OPCODE, readHeader, WireError } from '../wire/header.js';
import { CommandLog, type OpenCommand } from './command-log.js';
import { errorReply } from './error-reply.js';
import { FrameReader } from './frame-reader.js';
import { rewriteHello } from './hello.js';
import { Lane } from './lane.js';
import { readReply } from './reply.js';
import { hasFlag, readRequest } from './request.js';

/** A client with more unanswered requests than this is no driver we know; it is no longer looked into. */
const MAX_AWAITED = 1000;

export interface ConnectionOptions {
  /** Number of the connection within the run, from 1. */
  readonly number: number;
  readonly client: Socket;
  /** The connection to the server; it may still be connecting. */
  readonly upstream: Socket;
  /** `host:port` that clients know. */
  readonly proxyAddress: string;
  readonly plan: Pick<FaultPlan, 'decide'>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Called once when the streams cannot be understood and are passed on blindly from now on. */
  readonly onBlind: (reason: string) => void;
}

/** A request whose reply is awaited: a command, or a `hello`. */
type Awaited = OpenCommand | 'hello';

/**
 * One connection of a client through the proxy. Requests and replies each go through a {@link Lane}; a
 * message that no fault touches is passed on as the very bytes that came.
 *
 * When the client goes away, requests that are still held back are delivered all the same, as a network
 * would; so a write that its sender has given up can arrive late.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #requests: Lane;
  readonly #replies: Lane;
  readonly #requestReader = new FrameReader();
  readonly #replyReader = new FrameReader();
  readonly #awaited = new Map<number, Awaited>();
  readonly #log: CommandLog;
  #isBlind = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { client, upstream, clock } = options;
    this.#client = client;
    this.#upstream = upstream;
    this.#requests = new Lane(client, upstream, clock);
    this.#replies = new Lane(upstream, client, clock);
    this.#log = new CommandLog(options.number, clock, options.emit);
    client.on('data', (chunk) => this.#onRequestBytes(chunk));
    upstream.on('data', (chunk) => this.#onReplyBytes(chunk));
    client.on('close', () => this.#onClientClosed());
    upstream.on('close', () => this.#onUpstreamClosed());
    // What an error means for the connection is told by the `close` that follows it.
    client.on('error', () => client.destroy());
    upstream.on('error', () => upstream.destroy());
  }

  /** Ends both sides at once. Open commands are reported as unknown. */
  destroy(): void {
    this.#requests.clear();
    this.#replies.clear();
    this.#log.endAll();
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #onRequestBytes(chunk: Buffer): void {
    if (this.#isBlind) this.#requests.push(chunk);
    else this.#read(this.#requestReader, chunk, this.#onRequest);
  }

  #onReplyBytes(chunk: Buffer): void {
    if (this.#isBlind) this.#replies.push(chunk);
    else this.#read(this.#replyReader, chunk, this.#onReply);
  }

  readonly #onRequest = (frame: Buffer): void => {
    const { opCode, requestId } = readHeader(frame);
    if (opCode === OPCODE.query) {
      // Drivers use OP_QUERY for their first hello and for nothing else.
      this.#await(requestId, 'hello');
      this.#requests.push(frame);
    } else if (opCode === OPCODE.msg) {
      this.#onMessage(frame, requestId);
    } else {
      throw new WireError(`A request has the opcode ${opCode}`);
    }
  };

  #onMessage(frame: Buffer, requestId: number): void {
    const facts = readRequest(frame);
    if (isHousekeeping(facts.name)) {
      if (/^(hello|ismaster)$/i.test(facts.name)) this.#await(requestId, 'hello');
      this.#requests.push(frame);
      return;
    }
    const command = this.#log.start(requestId, facts);
    if (!facts.wantsReply) {
      // There is no answer that could be late or lost, so such writes are left alone.
      this.#requests.push(frame, 0, () => this.#log.end(command, { outcome: 'unknown' }));
      return;
    }
    this.#await(requestId, command);
    const hits = this.#options.plan.decide('mongo', facts, { command: command.id });
    const plan = combine(hits);
    const { beforeMs, effect } = plan;
    const fault = effect?.fault ?? hits[0]?.fault;
    command.plan = plan;
    if (fault !== undefined) command.fault = fault;
    if (effect === undefined || effect.phase === 'after') this.#requests.push(frame, beforeMs);
    else this.#requests.push(undefined, beforeMs, () => this.#stop(command));
  }

  /** The effect of a fault comes instead of the command. */
  #stop(command: OpenCommand): void {
    this.#awaited.delete(command.requestId);
    if (command.plan.effect?.effect === 'reset') this.#reset();
    else this.#answerWithError(command);
  }

  #answerWithError(command: OpenCommand): void {
    const { effect, afterMs } = command.plan;
    const error = effect?.error ?? { code: 8, message: 'Injected by sendtwice' };
    const frame = errorReply(error, command.facts, command.requestId);
    this.#replies.push(frame, afterMs, () => this.#log.end(command, { outcome: 'error', code: error.code }));
  }

  readonly #onReply = (frame: Buffer): void => {
    const { responseTo, requestId, opCode } = readHeader(frame);
    const awaited = this.#awaited.get(responseTo);
    this.#awaited.delete(responseTo);
    // An exhaust reply announces the next one, which will answer this one.
    const isLast = opCode !== OPCODE.msg || !hasFlag(frame, 'moreToCome');
    if (!isLast && awaited !== undefined) this.#await(requestId, awaited);
    if (awaited === undefined) this.#replies.push(frame);
    else if (awaited === 'hello') this.#replies.push(rewriteHello(frame, this.#options.proxyAddress));
    else this.#onAnswer(awaited, frame, isLast);
  };

  #onAnswer(command: OpenCommand, frame: Buffer, isLast: boolean): void {
    const { effect, afterMs } = command.plan;
    if (effect?.phase === 'after') {
      if (effect.effect === 'reset') this.#replies.push(undefined, afterMs, () => this.#reset());
      else if (isLast) this.#answerWithError(command);
      return;
    }
    const { ok, ...counts } = readReply(frame);
    const outcome = { outcome: ok ? 'ok' : 'error', ...counts } as const;
    this.#replies.push(frame, afterMs, isLast ? () => this.#log.end(command, outcome) : undefined);
  }

  #await(requestId: number, awaited: Awaited): void {
    if (this.#awaited.size >= MAX_AWAITED) throw new WireError(`${MAX_AWAITED} requests are unanswered`);
    this.#awaited.set(requestId, awaited);
  }

  #read(reader: FrameReader, chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    try {
      reader.push(chunk, onFrame);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#goBlind(messageOf(error));
    }
  }

  /** From here on bytes are passed on as they come. Commands that are open can end as unknown only. */
  #goBlind(reason: string): void {
    this.#isBlind = true;
    this.#awaited.clear();
    this.#requests.push(this.#requestReader.takeRest());
    this.#replies.push(this.#replyReader.takeRest());
    this.#options.onBlind(reason);
  }

  /** The client sees a reset connection, the server one that was closed. */
  #reset(): void {
    this.#requests.clear();
    this.#replies.clear();
    this.#client.resetAndDestroy();
    this.#upstream.destroy();
  }

  #onClientClosed(): void {
    this.#log.endAll();
    this.#awaited.clear();
    this.#replies.clear();
    this.#requests.push(undefined, 0, () => this.#upstream.end());
    this.#upstream.resume();
  }

  #onUpstreamClosed(): void {
    this.#requests.clear();
    this.#replies.push(undefined, 0, () => this.#client.destroySoon());
  }
}
