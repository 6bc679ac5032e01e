import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import { combine } from '../../faults/combine.js';
import { isHousekeeping } from '../../faults/mongo-commands.js';
import type { FaultPlan } from '../../faults/plan.js';
import type { FaultError } from '../../faults/schema.js';
import type { Emit } from '../../history/events.js';
import { OVERLOADED_CODE } from '../wire/error-labels.js';
import { OPCODE, readHeader, WireError } from '../wire/header.js';
import { type Awaited, AwaitedReplies, MAX_AWAITED } from './awaited.js';
import { Bypass } from './bypass.js';
import { CommandLog, NO_PLAN, type OpenCommand } from './command-log.js';
import { CommandTarget } from './command-target.js';
import { contentsOf } from './contents.js';
import type { CursorOwners } from './cursor-owners.js';
import { errorReply, helloErrorReply, withWriteConcernError } from './error-reply.js';
import { FrameReader } from './frame-reader.js';
import { readAppName, rewriteHello } from './hello.js';
import { Lane } from './lane.js';
import type { Members } from './members.js';
import { outcomeOf, type ReplyFacts, readReply } from './reply.js';
import { hasFlag, needsPrimary, readRequest } from './request.js';

/** What a server says that is no primary any more, and one that a command caught on its way down. */
const NOT_PRIMARY: FaultError = { code: 10107, message: 'not primary' };
const NOT_PRIMARY_FOR_READS: FaultError = { code: 13435, message: 'not primary and secondaryOk=false' };
const STEPPED_DOWN: FaultError = { code: 11602, message: 'operation was interrupted' };
const MAX_TIME_EXPIRED: FaultError = { code: 50, message: 'operation exceeded time limit' };
const OVERLOADED: FaultError = {
  code: OVERLOADED_CODE,
  message: 'too many requests (injected by sendtwice)',
};
const INJECTED: FaultError = { code: 8, message: 'Injected by sendtwice' };

export interface ConnectionOptions {
  /** Number of the connection within the run, from 1. */
  readonly number: number;
  /** Number of the listener that it came to. */
  readonly listener: number;
  /** What comes from it is for {@link Connection.receiveFromClient}. */
  readonly client: Socket;
  /** The connection to the server; it may still be connecting. What comes from it is for {@link Connection.receiveFromServer}. */
  readonly upstream: Socket;
  readonly members: Members;
  readonly cursors: CursorOwners;
  readonly plan: Pick<FaultPlan, 'decide' | 'concerns' | 'mayHit'>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Are the contents of commands written to the history, redacted? */
  readonly withContents: boolean;
  /** Ends the client's side as a broken connection ends. */
  readonly resetClient: () => void;
  /** Called once when the streams cannot be understood and are passed on blindly from now on. */
  readonly onBlind: (reason: string) => void;
}

/**
 * One connection of a client through the proxy. Requests and replies each go through a {@link Lane}; a
 * message that no fault touches is passed on as the very bytes that came.
 *
 * When the client goes away, requests that are still held back are delivered all the same, as a network
 * would; so a write that its sender has given up can arrive late.
 */
export class Connection {
  readonly listener: number;
  readonly #options: ConnectionOptions;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #requests: Lane;
  readonly #replies: Lane;
  readonly #requestReader = new FrameReader();
  readonly #replyReader = new FrameReader();
  readonly #awaited = new AwaitedReplies();
  readonly #log: CommandLog;
  readonly #bypass: Bypass;
  #app: string | undefined;
  #hasSaidHello = false;
  #isBlind = false;
  #blindReason: string | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { client, upstream, clock, listener, number, emit, cursors, plan, members, withContents } = options;
    this.listener = listener;
    this.#client = client;
    this.#upstream = upstream;
    this.#requests = new Lane(client, upstream, clock);
    this.#replies = new Lane(upstream, client, clock);
    this.#log = new CommandLog(number, clock, emit, cursors);
    this.#bypass = new Bypass({
      client,
      requestReader: this.#requestReader,
      replyReader: this.#replyReader,
      awaited: this.#awaited,
      requests: this.#requests,
      replies: this.#replies,
      log: this.#log,
      plan,
      members,
      clock,
      withContents,
      onMalformed: (reason) => this.#goBlind(reason),
    });
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

  /**
   * Bytes have come from the client. They may be overwritten when this returns, unless it returns true: then the
   * server has not taken them yet.
   */
  receiveFromClient(bytes: Buffer): boolean {
    if (this.#bypass.request(bytes)) return this.#upstream.writableLength > 0;
    const chunk = Buffer.from(bytes);
    if (this.#isBlind) this.#requests.push(chunk);
    else this.#read(this.#requestReader, chunk, this.#onRequest);
    return false;
  }

  /** Bytes have come from the server, and it is the same with them. */
  receiveFromServer(bytes: Buffer): boolean {
    if (this.#bypass.reply(bytes)) return this.#client.writableLength > 0;
    const chunk = Buffer.from(bytes);
    if (this.#isBlind) this.#replies.push(chunk);
    else this.#read(this.#replyReader, chunk, this.#onReply);
    return false;
  }

  readonly #onRequest = (frame: Buffer): void => {
    const { opCode, requestId } = readHeader(frame);
    if (opCode === OPCODE.query) {
      // Drivers use OP_QUERY for their first hello and for nothing else.
      this.#onHello(frame, requestId);
    } else if (opCode === OPCODE.msg) {
      this.#onMessage(frame, requestId);
    } else {
      throw new WireError(`A request has the opcode ${opCode}`);
    }
  };

  #onMessage(frame: Buffer, requestId: number): void {
    const facts = readRequest(frame);
    if (isHousekeeping(facts.name)) {
      if (/^(hello|ismaster)$/i.test(facts.name)) this.#onHello(frame, requestId);
      else this.#requests.push(frame);
      return;
    }
    const { plan, withContents, members } = this.#options;
    const command = this.#log.start(requestId, facts, withContents ? contentsOf(frame) : undefined);
    if (!facts.wantsReply) {
      // There is no answer that could be late or lost, so such writes are left alone.
      this.#requests.push(frame, 0, () => this.#log.end(command, { outcome: 'unknown' }));
      return;
    }
    this.#await(requestId, command);
    const isTouched = plan.mayHit(facts.name, facts.collection) && this.#plan(command, frame);
    if (isTouched || members.isElecting) this.#onTouched(command, frame);
    else this.#forward(command, frame, 0);
  }

  /** Asks which faults hit the command. False: none does. */
  #plan(command: OpenCommand, frame: Buffer): boolean {
    const { plan, number } = this.#options;
    const target = new CommandTarget(command.facts, frame, number, this.#app);
    const hits = plan.decide('mongo', target, { command: command.id });
    if (hits.length === 0) return false;
    command.plan = combine(hits);
    command.fault = command.plan.effect?.fault ?? hits[0]?.fault;
    return true;
  }

  #onTouched(command: OpenCommand, frame: Buffer): void {
    const { effect, beforeMs, beforeMsPerByte } = command.plan;
    const delayMs = beforeMs + beforeMsPerByte * frame.length;
    command.addedMs = delayMs;
    const { maxTimeMs = 0, name } = command.facts;
    if (maxTimeMs > 0 && delayMs > maxTimeMs) {
      // A server that is so slow gives up when the time is over.
      command.addedMs = maxTimeMs;
      this.#stop(command, maxTimeMs, () => this.#answerWithError(command, MAX_TIME_EXPIRED));
    } else if (effect !== undefined && effect.phase === 'before') {
      this.#stop(command, delayMs, () => this.#takeEffect(command));
    } else {
      const { electionFault } = this.#options.members;
      const refusal = electionFault === undefined ? undefined : needsPrimary(frame, name);
      if (refusal === undefined) this.#forward(command, frame, delayMs);
      else {
        command.fault ??= electionFault;
        const error = refusal === 'write' ? NOT_PRIMARY : NOT_PRIMARY_FOR_READS;
        this.#stop(command, delayMs, () => this.#answerWithError(command, error));
      }
    }
  }

  #forward(command: OpenCommand, frame: Buffer, delayMs: number): void {
    if (delayMs === 0 && this.#requests.pass(frame)) {
      command.sentAtMs = command.startedAtMs;
      return;
    }
    this.#requests.push(frame, delayMs, () => {
      command.sentAtMs = this.#options.clock.now();
    });
  }

  /** Something else comes in the place of the command, in its turn. */
  #stop(command: OpenCommand, delayMs: number, instead: () => void): void {
    this.#requests.push(undefined, delayMs, () => {
      command.isStopped = true;
      this.#awaited.delete(command.requestId);
      instead();
    });
  }

  /** The effect of a fault, in the place of the command (before) or of its answer (after). */
  #takeEffect(command: OpenCommand, reply?: Buffer): void {
    const { effect } = command.plan;
    switch (effect?.effect) {
      case 'reset':
      case 'lose-acknowledgement':
        this.#endBoth(() => this.#options.resetClient());
        break;
      case 'close':
        this.#endBoth(() => this.#client.destroySoon());
        break;
      case 'stall':
        command.addedMs = Number.POSITIVE_INFINITY;
        (reply === undefined ? this.#requests : this.#replies).stall();
        break;
      case 'truncate':
        if (reply !== undefined) this.#client.write(reply.subarray(0, Math.floor(reply.length / 2)));
        this.#endBoth(() => this.#client.destroySoon());
        break;
      case 'step-down': {
        const { listener, members } = this.#options;
        members.stepDown(listener, effect.settings.lasts ?? 0, effect.fault);
        this.#answerWithError(command, reply === undefined ? NOT_PRIMARY : STEPPED_DOWN);
        break;
      }
      case 'overload':
        this.#answerWithError(command, OVERLOADED);
        break;
      default:
        this.#answerWithError(command, effect?.error ?? INJECTED);
    }
  }

  #answerWithError(command: OpenCommand, error: FaultError): void {
    const frame = errorReply(error, command.facts, command.requestId);
    const { afterMs, afterMsPerByte } = command.plan;
    const delayMs = command.isStopped ? afterMs + afterMsPerByte * frame.length : 0;
    command.addedMs += delayMs;
    this.#replies.push(frame, delayMs, () => this.#endWith(command, error));
  }

  #endWith(command: OpenCommand, { code }: FaultError): void {
    this.#log.end(command, { outcome: 'error', code });
  }

  readonly #onReply = (frame: Buffer): void => {
    const { responseTo, requestId, opCode } = readHeader(frame);
    const awaited = this.#awaited.get(responseTo);
    if (awaited === undefined) {
      this.#replies.push(frame);
      return;
    }
    this.#awaited.delete(responseTo);
    // An exhaust reply announces the next one, which will answer this one.
    const isLast = opCode !== OPCODE.msg || !hasFlag(frame, 'moreToCome');
    if (!isLast) this.#await(requestId, awaited);
    if (awaited === 'hello') this.#replies.push(rewriteHello(frame, this.#options.members));
    else this.#onAnswer(awaited, frame, isLast);
  };

  #onAnswer(command: OpenCommand, frame: Buffer, isLast: boolean): void {
    const { clock } = this.#options;
    const answeredAtMs = clock.now();
    if (isLast && command.plan === NO_PLAN && this.#replies.pass(frame)) {
      // The bot has its answer; what the history says of it is found out while it reads.
      const leftAtMs = clock.now();
      const reply = this.#readPassed(frame);
      if (reply !== undefined) this.#log.answered(command, reply, answeredAtMs);
      this.#log.end(command, reply === undefined ? { outcome: 'unknown' } : outcomeOf(reply), leftAtMs);
      return;
    }
    const reply = readReply(frame);
    this.#log.answered(command, reply, answeredAtMs);
    const { effect, afterMs, afterMsPerByte } = command.plan;
    const delayMs = afterMs + afterMsPerByte * frame.length;
    command.addedMs += delayMs;
    if (effect?.phase === 'after') this.#onAnswerTouched(command, frame, reply, delayMs, isLast);
    else
      this.#replies.push(frame, delayMs, isLast ? () => this.#log.end(command, outcomeOf(reply)) : undefined);
  }

  /** Reads a reply that has been passed on already. When it is malformed, what comes after it goes on blindly. */
  #readPassed(frame: Buffer): ReplyFacts | undefined {
    try {
      return readReply(frame);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#blindReason = error.message;
      return undefined;
    }
  }

  #onAnswerTouched(
    command: OpenCommand,
    frame: Buffer,
    reply: ReplyFacts,
    delayMs: number,
    isLast: boolean,
  ): void {
    const effect = command.plan.effect;
    if (effect?.effect === 'drip') {
      const { bytes = frame.length, every: everyMs = 0 } = effect.settings.drip ?? {};
      command.addedMs += Math.max(Math.ceil(frame.length / bytes) - 1, 0) * everyMs;
      const then = isLast ? () => this.#log.end(command, outcomeOf(reply)) : undefined;
      this.#replies.push(frame, delayMs, then, { bytes, everyMs });
    } else if (effect?.error?.write_concern === true) {
      const failed = reply.isApplied ? withWriteConcernError(frame, effect.error, command.facts) : frame;
      const outcome = reply.isApplied
        ? ({ outcome: 'error', code: effect.error.code } as const)
        : outcomeOf(reply);
      this.#replies.push(failed, delayMs, isLast ? () => this.#log.end(command, outcome) : undefined);
    } else if (isLast || effect?.effect !== 'error') {
      this.#replies.push(undefined, delayMs, () => this.#takeEffect(command, frame));
    }
  }

  /** Drivers watch the server with it, so it has faults of its own; the history has no line for each. */
  #onHello(frame: Buffer, requestId: number): void {
    if (!this.#hasSaidHello) this.#app = readAppName(frame);
    this.#hasSaidHello = true;
    const { plan, number } = this.#options;
    if (!plan.concerns('mongo-heartbeat')) {
      this.#await(requestId, 'hello');
      this.#requests.push(frame);
      return;
    }
    const target = { connection: number, ...(this.#app !== undefined && { app: this.#app }) };
    const { beforeMs, effect } = combine(plan.decide('mongo-heartbeat', target, { connection: number }));
    if (effect === undefined) {
      this.#await(requestId, 'hello');
      this.#requests.push(frame, beforeMs);
      return;
    }
    this.#requests.push(undefined, beforeMs, () => {
      if (effect.effect === 'stall') this.#requests.stall();
      else if (effect.effect === 'reset') this.#endBoth(() => this.#options.resetClient());
      else if (effect.effect === 'close') this.#endBoth(() => this.#client.destroySoon());
      else this.#replies.push(helloErrorReply(effect.error ?? INJECTED, frame));
    });
  }

  #await(requestId: number, awaited: Awaited): void {
    if (this.#awaited.isFull) throw new WireError(`${MAX_AWAITED} requests are unanswered`);
    this.#awaited.set(requestId, awaited);
  }

  #read(reader: FrameReader, chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    try {
      reader.push(chunk, onFrame);
      if (this.#blindReason !== undefined) this.#goBlind(this.#blindReason);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#goBlind(messageOf(error));
    }
  }

  /** From here on bytes are passed on as they come. Commands that are open can end as unknown only. */
  #goBlind(reason: string): void {
    if (this.#isBlind) return;
    this.#isBlind = true;
    this.#log.close();
    this.#awaited.clear();
    this.#requests.push(this.#requestReader.takeRest());
    this.#replies.push(this.#replyReader.takeRest());
    this.#options.onBlind(reason);
  }

  /** The server sees a connection that was closed, the client one that ends in its own way. */
  #endBoth(endClient: () => void): void {
    this.#requests.clear();
    this.#replies.clear();
    endClient();
    this.#upstream.destroy();
  }

  #onClientClosed(): void {
    this.#log.endAll();
    this.#awaited.clear();
    this.#replies.clear();
    if (this.#requests.isStalled) this.#requests.clear();
    this.#requests.push(undefined, 0, () => this.#upstream.end());
    this.#upstream.resume();
  }

  #onUpstreamClosed(): void {
    this.#requests.clear();
    this.#replies.push(undefined, 0, () => this.#client.destroySoon());
  }
}
