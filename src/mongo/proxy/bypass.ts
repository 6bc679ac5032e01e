import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.js';
import { isHousekeeping } from '../../faults/mongo-commands.js';
import type { FaultPlan } from '../../faults/plan.js';
import { HEADER_BYTES, OPCODE, WireError } from '../wire/header.js';
import { MSG_SECTIONS_OFFSET } from '../wire/op-msg.js';
import type { AwaitedReplies } from './awaited.js';
import { type CommandLog, NO_PLAN } from './command-log.js';
import type { FrameReader } from './frame-reader.js';
import type { Lane } from './lane.js';
import type { Members } from './members.js';
import { outcomeOf, readReply } from './reply.js';
import { type RequestFacts, readRequest } from './request.js';

export interface BypassOptions {
  readonly client: Socket;
  readonly requestReader: FrameReader;
  readonly replyReader: FrameReader;
  readonly awaited: AwaitedReplies;
  readonly requests: Lane;
  readonly replies: Lane;
  readonly log: CommandLog;
  readonly plan: Pick<FaultPlan, 'mayHit'>;
  readonly members: Members;
  readonly clock: Clock;
  /** Do the contents of commands belong into the history? They are not read here. */
  readonly withContents: boolean;
  /** An answer that has been passed on turns out to be malformed. */
  readonly onMalformed: (reason: string) => void;
}

/**
 * The short way through the proxy, for commands that no fault can hit, as nearly all are: what comes in one piece is
 * passed on as it lies in the buffer that it was read into, and nothing is kept of it.
 */
export class Bypass {
  readonly #options: BypassOptions;

  constructor(options: BypassOptions) {
    this.#options = options;
  }

  /** Passes on a chunk that is one request. False: it must go the long way, and nothing has been done. */
  request(chunk: Buffer): boolean {
    const { requestReader, requests, members, awaited, clock, log, withContents, plan } = this.#options;
    if (log.isClosed || withContents || members.isElecting || awaited.isFull) return false;
    if (!requestReader.isWhole(chunk) || !isPlainMessage(chunk)) return false;
    const startedAtMs = clock.now();
    const facts = readWellFormed(chunk);
    if (facts === undefined || isHousekeeping(facts.name) || plan.mayHit(facts.name, facts.collection))
      return false;
    if (!requests.pass(chunk)) return false;
    const requestId = chunk.readInt32LE(4);
    const command = log.start(requestId, facts, undefined, startedAtMs);
    command.sentAtMs = startedAtMs;
    awaited.set(requestId, command);
    return true;
  }

  /** Passes on a chunk that is the answer to a command without faults. False: as above. */
  reply(chunk: Buffer): boolean {
    const { client, replyReader, replies, awaited, clock, log, onMalformed } = this.#options;
    if (log.isClosed || client.writableLength > 0) return false;
    if (!replyReader.isWhole(chunk) || !isPlainMessage(chunk)) return false;
    const responseTo = chunk.readInt32LE(8);
    const command = awaited.get(responseTo);
    if (command === undefined || command === 'hello' || command.plan !== NO_PLAN) return false;
    const answeredAtMs = clock.now();
    if (!replies.pass(chunk)) return false;
    // The bot has its answer; what the history says of it is found out while it reads.
    const leftAtMs = clock.now();
    awaited.delete(responseTo);
    try {
      const reply = readReply(chunk);
      log.answered(command, reply, answeredAtMs);
      log.end(command, outcomeOf(reply), leftAtMs);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      log.end(command, { outcome: 'unknown' }, leftAtMs);
      onMalformed(error.message);
    }
    return true;
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

/** `undefined` for a malformed request: what becomes of it is decided on the long way. */
function readWellFormed(frame: Buffer): RequestFacts | undefined {
  try {
    return readRequest(frame);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}
