import type { Document, Encodable } from '../bson/value.js';
import type { CursorRegistry } from '../cursors.js';
import type { FailPoints } from '../fail-points.js';
import type { Authenticator, Conversation } from '../scram.js';
import type { Session, SessionRegistry } from '../sessions.js';
import type { Store } from '../storage/store.js';
import type { Transaction } from '../storage/transaction.js';

export type Topology = 'replicaSet' | 'standalone';

/** What all commands of one server share. */
export interface Server {
  readonly store: Store;
  readonly sessions: SessionRegistry;
  readonly cursors: CursorRegistry;
  readonly topology: Topology;
  /** `host:port`, as clients reach it. */
  readonly address: string;
  readonly startedAt: Date;
  readonly openConnections: () => number;
  /** Absent: `configureFailPoint` is no command of this server. */
  readonly failPoints: FailPoints | undefined;
  /** Absent: this server knows no users. */
  readonly authenticator: Authenticator | undefined;
}

/** What the server knows about the client of one connection. */
export interface Peer {
  readonly connectionId: number;
  /** From the handshake. */
  appName?: string;
  /** A login that is under way. */
  conversation?: Conversation | undefined;
}

/** One command on its way. */
export interface Request {
  readonly name: string;
  readonly body: Document;
  readonly database: string;
  readonly peer: Peer;
  readonly server: Server;
  readonly session: Session | undefined;
  /** The multi-document transaction that the command is part of. */
  readonly transaction: Transaction | undefined;
  /**
   * Results of the statements of a retryable write by their place. What is in here has been done: it is
   * answered again, not done again.
   */
  readonly doneStatements: Map<number, unknown> | undefined;
}

export type Reply = Map<string, Encodable>;

/** Does one command. The dispatcher adds `ok: 1`. */
export type CommandHandler = (request: Request) => Reply | Promise<Reply>;

export type CommandTable = Readonly<Record<string, CommandHandler>>;
