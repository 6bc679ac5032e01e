import type { Clock } from '../../base/clock.js';
import { type CommandId, commandId } from '../../base/ids.js';
import type { Combined } from '../../faults/combine.js';
import type { CommandEnded, Emit } from '../../history/events.js';
import type { RequestFacts } from './request.js';

/** A command that is under way. */
export interface OpenCommand {
  readonly id: CommandId;
  readonly requestId: number;
  readonly facts: RequestFacts;
  readonly startedAtMs: number;
  /** What faults do to it. */
  plan: Combined<'mongo'>;
  /** The fault that the history names. */
  fault?: string;
}

type Outcome = Pick<CommandEnded, 'outcome' | 'code' | 'n' | 'modified' | 'returned'>;

const NO_PLAN: Combined<'mongo'> = { beforeMs: 0, afterMs: 0 };

/** Writes the commands of one connection to the history. Each one that starts also ends, once. */
export class CommandLog {
  readonly #connection: number;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #open = new Set<OpenCommand>();

  constructor(connection: number, clock: Clock, emit: Emit) {
    this.#connection = connection;
    this.#clock = clock;
    this.#emit = emit;
  }

  start(requestId: number, facts: RequestFacts): OpenCommand {
    const command: OpenCommand = {
      id: commandId(`m${this.#connection}.${requestId >>> 0}`),
      requestId,
      facts,
      startedAtMs: this.#clock.now(),
      plan: NO_PLAN,
    };
    this.#open.add(command);
    const { name, database, collection, lsid, txnNumber, traceparent } = facts;
    this.#emit(
      {
        type: 'command.started',
        command: command.id,
        connection: this.#connection,
        name,
        ...(database !== undefined && { database }),
        ...(collection !== undefined && { collection }),
        ...(lsid !== undefined && { lsid }),
        ...(txnNumber !== undefined && { txnNumber }),
        ...(traceparent !== undefined && { traceparent }),
      },
      command.startedAtMs,
    );
    return command;
  }

  /** Does nothing for a command that has ended. */
  end(command: OpenCommand, outcome: Outcome): void {
    if (!this.#open.delete(command)) return;
    const now = this.#clock.now();
    const ms = now - command.startedAtMs;
    const { beforeMs, afterMs } = command.plan;
    this.#emit(
      {
        type: 'command.ended',
        command: command.id,
        name: command.facts.name,
        ...outcome,
        ms: microseconds(ms),
        // A connection that ends while a command is held back cuts the delay short.
        addedMs: microseconds(Math.min(beforeMs + afterMs, ms)),
        ...(command.fault !== undefined && { fault: command.fault }),
      },
      now,
    );
  }

  /** The connection is gone: nobody knows what became of the open commands. */
  endAll(): void {
    for (const command of this.#open) this.end(command, { outcome: 'unknown' });
  }
}

/** Milliseconds with at most three decimals. */
function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
