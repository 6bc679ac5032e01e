import type { Clock } from '../../base/clock.js';
import { type CommandId, commandId } from '../../base/ids.js';
import type { Combined } from '../../faults/combine.js';
import type { CommandEnded, CommandStarted, Emit } from '../../history/events.js';
import type { CursorOwners } from './cursor-owners.js';
import type { ReplyFacts } from './reply.js';
import type { RequestFacts } from './request.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A command that is under way. */
export interface OpenCommand {
  readonly id: CommandId;
  readonly requestId: number;
  readonly facts: RequestFacts;
  readonly startedAtMs: number;
  /** What faults do to it. */
  plan: Combined<'mongo'>;
  /** The fault that the history names. */
  fault: string | undefined;
  /** What faults were to add, in all. */
  addedMs: number;
  /** When it was passed on; `undefined` while it is held back, and for ever when it is stopped. */
  sentAtMs: number | undefined;
  upstreamMs: number | undefined;
  /** What the server answered, whatever the bot hears of it. */
  reply: ReplyFacts | undefined;
  /** True when a fault has stopped it before it got to the server. */
  isStopped: boolean;
}

interface Outcome {
  readonly outcome: CommandEnded['outcome'];
  readonly code?: number | undefined;
}

export const NO_PLAN: Combined<'mongo'> = { beforeMs: 0, afterMs: 0, beforeMsPerByte: 0, afterMsPerByte: 0 };

/** Writes the commands of one connection to the history. Each one that starts also ends, once. */
export class CommandLog {
  readonly #connection: number;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #cursors: CursorOwners;
  /** A connection has one command at a time, as a rule: a list is faster than a set then. */
  readonly #open: OpenCommand[] = [];
  readonly #prefix: string;
  #isClosed = false;

  constructor(connection: number, clock: Clock, emit: Emit, cursors: CursorOwners) {
    this.#connection = connection;
    this.#prefix = `m${connection}.`;
    this.#clock = clock;
    this.#emit = emit;
    this.#cursors = cursors;
  }

  /** True when no more commands should start: what is passed on now is not understood. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
  }

  start(
    requestId: number,
    facts: RequestFacts,
    contents?: string,
    startedAtMs = this.#clock.now(),
  ): OpenCommand {
    const command: OpenCommand = {
      id: commandId(this.#prefix + (requestId >>> 0)),
      requestId,
      facts,
      startedAtMs,
      plan: NO_PLAN,
      fault: undefined,
      addedMs: 0,
      sentAtMs: undefined,
      upstreamMs: undefined,
      reply: undefined,
      isStopped: false,
    };
    this.#open.push(command);
    // This runs for each command: no object is made but the event.
    const event: Mutable<CommandStarted> = {
      type: 'command.started',
      command: command.id,
      connection: this.#connection,
      name: facts.name,
    };
    if (facts.database !== undefined) event.database = facts.database;
    if (facts.collection !== undefined) event.collection = facts.collection;
    if (facts.lsid !== undefined) event.lsid = facts.lsid;
    if (facts.txnNumber !== undefined) event.txnNumber = facts.txnNumber;
    if (facts.cursorId !== undefined) {
      const owner = this.#cursors.ownerOf(facts.cursorId);
      if (owner !== undefined) event.cursorOf = owner;
    }
    if (facts.traceparent !== undefined) event.traceparent = facts.traceparent;
    if (contents !== undefined) event.contents = contents;
    this.#emit(event, command.startedAtMs);
    return command;
  }

  /** The server has answered, or has sent a part of its answer, at this time. */
  answered(command: OpenCommand, reply: ReplyFacts, atMs: number): void {
    command.reply = reply;
    const { sentAtMs, facts } = command;
    if (sentAtMs !== undefined) command.upstreamMs = atMs - sentAtMs;
    if (facts.cursorId !== undefined && reply.cursorId === undefined) this.#cursors.closed(facts.cursorId);
    else if (facts.cursorId === undefined && reply.cursorId !== undefined)
      this.#cursors.opened(reply.cursorId, command.id);
  }

  /** Does nothing for a command that has ended. */
  end(command: OpenCommand, outcome: Outcome, now = this.#clock.now()): void {
    const at = this.#open.indexOf(command);
    if (at === -1) return;
    if (this.#open.length === 1) this.#open.pop();
    else this.#open.splice(at, 1);
    const ms = now - command.startedAtMs;
    const { reply, upstreamMs, fault } = command;
    const event: Mutable<CommandEnded> = {
      type: 'command.ended',
      command: command.id,
      name: command.facts.name,
      outcome: outcome.outcome,
      ms: microseconds(ms),
      // A connection that ends while a command is held back cuts the delay short.
      addedMs: command.addedMs === 0 ? 0 : microseconds(Math.min(command.addedMs, ms - (upstreamMs ?? 0))),
    };
    if (upstreamMs !== undefined) event.upstreamMs = microseconds(upstreamMs);
    if (reply !== undefined) event.appliedUpstream = reply.isApplied;
    else if (command.isStopped) event.appliedUpstream = false;
    if (outcome.code !== undefined) event.code = outcome.code;
    if (reply?.n !== undefined) event.n = reply.n;
    if (reply?.modified !== undefined) event.modified = reply.modified;
    if (reply?.returned !== undefined) event.returned = reply.returned;
    if (fault !== undefined) event.fault = fault;
    this.#emit(event, now);
  }

  /** The connection is gone: nobody knows what the bot has heard of the open commands. */
  endAll(): void {
    for (const command of [...this.#open]) this.end(command, { outcome: 'unknown' });
  }
}

/** Milliseconds with at most three decimals. */
function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
