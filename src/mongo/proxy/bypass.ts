import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.js';
import { isHousekeeping } from '../../faults/mongo-commands.js';
import type { FaultPlan } from '../../faults/plan.js';
import { HEADER_BYTES, OPCODE, WireError } from '../wire/header.js';
import { MSG_SECTIONS_OFFSET } from '../wire/op-msg.js';
import type { Backlog, Unread } from './backlog.js';
import type { CommandLog, OpenCommand } from './command-log.js';
import { ElementCursor } from './element-cursor.js';
import type { FrameReader } from './frame-reader.js';
import type { Lane } from './lane.js';
import type { Members } from './members.js';
import { outcomeOf, type ReplyFacts, readReply } from './reply.js';
import { readRequest } from './request.js';

/** A larger answer is not kept until its turn comes: reading it at once is cheaper than a copy. */
const MAX_KEPT_BYTES = 8192;

/** A client with more unanswered requests than this is no driver we know; it is no longer looked into. */
export const MAX_AWAITED = 1000;

/** A request whose reply is awaited: a command, or a `hello`. */
export type Awaited = OpenCommand | PassedCommand | 'hello';

export interface BypassOptions {
  readonly client: Socket;
  readonly requestReader: FrameReader;
  readonly replyReader: FrameReader;
  /** By the id of the request. */
  readonly awaited: Map<number, Awaited>;
  readonly requests: Lane;
  readonly replies: Lane;
  readonly log: CommandLog;
  readonly backlog: Backlog;
  readonly plan: Pick<FaultPlan, 'mayHit'>;
  readonly members: Members;
  readonly clock: Clock;
  /** Do the contents of commands belong into the history? They are not read here. */
  readonly withContents: boolean;
  /** Something that has been passed on turns out to be malformed. */
  readonly onMalformed: (reason: string) => void;
}

/**
 * The short way through the proxy, for commands that no fault can hit: of the request no more than the name and
 * the collection is read before it goes on, of the answer the header. The rest is left to the backlog.
 */
export class Bypass {
  readonly #options: BypassOptions;

  constructor(options: BypassOptions) {
    this.#options = options;
  }

  /** Passes on a chunk that is one request. False: it must go the long way, and nothing has been done. */
  request(chunk: Buffer): boolean {
    const { requestReader, requests, members, awaited, clock, backlog, log, withContents } = this.#options;
    if (log.isClosed || withContents || members.isElecting || awaited.size >= MAX_AWAITED) return false;
    if (!requestReader.isWhole(chunk) || !isPlainMessage(chunk) || !this.#isUntouched(chunk)) return false;
    const startedAtMs = clock.now();
    if (!requests.pass(chunk)) return false;
    const passed = new PassedCommand(this.#options, chunk, startedAtMs);
    awaited.set(passed.requestId, passed);
    backlog.add(passed, chunk.length, startedAtMs);
    return true;
  }

  /** Passes on a chunk that is the answer to a command that came this way; it is not kept. False: as above. */
  reply(chunk: Buffer): boolean {
    const { client, replyReader, replies, awaited, clock, backlog, log } = this.#options;
    if (log.isClosed || client.writableLength > 0) return false;
    if (!replyReader.isWhole(chunk) || !isPlainMessage(chunk)) return false;
    const responseTo = chunk.readInt32LE(8);
    const passed = awaited.get(responseTo);
    if (!(passed instanceof PassedCommand)) return false;
    const answeredAtMs = clock.now();
    if (!replies.pass(chunk)) return false;
    const leftAtMs = clock.now();
    awaited.delete(responseTo);
    const keptBytes = passed.answer(chunk, answeredAtMs, leftAtMs);
    backlog.add(passed, keptBytes, leftAtMs);
    return true;
  }

  #isUntouched(frame: Buffer): boolean {
    if (frame[MSG_SECTIONS_OFFSET] !== 0) return false;
    try {
      const body = new ElementCursor(frame, MSG_SECTIONS_OFFSET + 1);
      if (!body.next()) return false;
      const name = body.key;
      return !isHousekeeping(name) && !this.#options.plan.mayHit(name, body.string());
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return false;
    }
  }
}

/** Is this an OP_MSG without flags? One message of a series, or one that wants no answer, has some. */
function isPlainMessage(frame: Buffer): boolean {
  return (
    frame.length > MSG_SECTIONS_OFFSET &&
    frame.readInt32LE(HEADER_BYTES) === 0 &&
    frame.readInt32LE(HEADER_BYTES - 4) === OPCODE.msg
  );
}

/** A command that was passed on unread, and later its answer. Each is read when the turn of the backlog comes. */
export class PassedCommand implements Unread {
  readonly requestId: number;
  readonly #startedAtMs: number;
  readonly #options: Pick<BypassOptions, 'log' | 'onMalformed'>;
  #request: Buffer | undefined;
  #reply: Buffer | ReplyFacts | undefined;
  #answeredAtMs = 0;
  #leftAtMs = 0;
  #command: OpenCommand | undefined;

  constructor(options: Pick<BypassOptions, 'log' | 'onMalformed'>, request: Buffer, startedAtMs: number) {
    this.#options = options;
    this.requestId = request.readInt32LE(4);
    this.#request = request;
    this.#startedAtMs = startedAtMs;
  }

  /** What the log has of it, once the request has been read; never for one that is malformed. */
  get command(): OpenCommand | undefined {
    return this.#command;
  }

  /** Its answer has been passed on. Returns how many bytes are kept of it. */
  answer(frame: Buffer, answeredAtMs: number, leftAtMs: number): number {
    this.#answeredAtMs = answeredAtMs;
    this.#leftAtMs = leftAtMs;
    if (frame.length > MAX_KEPT_BYTES) {
      this.#reply = readWellFormed(frame);
      if (this.#reply !== undefined) return 0;
    }
    this.#reply = Buffer.from(frame);
    return frame.length;
  }

  read(): void {
    try {
      if (this.#request !== undefined) this.#readRequest(this.#request);
      else if (this.#reply !== undefined && this.#command !== undefined)
        this.#readReply(this.#reply, this.#command);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#options.onMalformed(error.message);
    }
  }

  #readRequest(request: Buffer): void {
    this.#request = undefined;
    const { log } = this.#options;
    if (log.isClosed) return;
    const command = log.start(this.requestId, readRequest(request), undefined, this.#startedAtMs);
    command.sentAtMs = this.#startedAtMs;
    this.#command = command;
  }

  #readReply(answer: Buffer | ReplyFacts, command: OpenCommand): void {
    this.#reply = undefined;
    const { log } = this.#options;
    try {
      const reply = Buffer.isBuffer(answer) ? readReply(answer) : answer;
      log.answered(command, reply, this.#answeredAtMs);
      log.end(command, outcomeOf(reply), this.#leftAtMs);
    } catch (error) {
      log.end(command, { outcome: 'unknown' }, this.#leftAtMs);
      throw error;
    }
  }
}

/** `undefined` for a malformed reply: it is kept, and found out in its turn. */
function readWellFormed(frame: Buffer): ReplyFacts | undefined {
  try {
    return readReply(frame);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}
