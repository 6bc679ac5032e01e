import type { ErrorCode } from '../../base/errors.js';
import type { ProxyFault } from '../../faults/schema.js';
import type { Credentials } from '../embedded/scram.js';

/** What the harness and the process of the fault proxy say to each other. */

/** The embedded server as a replica set with one member, so that drivers retry writes, or alone. */
export type Topology = 'replicaSet' | 'standalone';

export interface StartRequest {
  readonly type: 'start';
  /** mongodb:// or mongodb+srv:// URI. Absent: the embedded server. */
  readonly upstream?: string;
  readonly topology: Topology;
  readonly credentials?: Credentials;
  readonly faults: readonly ProxyFault[];
  /** TLS on the side of the bot. */
  readonly tls: boolean;
  /** Refuse members of a replica set on other machines. */
  readonly refuseRemote: boolean;
  /** Contents of commands in the history, redacted. */
  readonly contents: boolean;
  readonly seed: string;
  /** Port of the proxy; 0 for a free one. */
  readonly port: number;
  /** Of the clock of the run: both processes count from here. */
  readonly clockOrigin: bigint;
  readonly startedAt: Date;
}

/** What can be changed of the faults while a run goes on. */
export type FaultChange =
  | { readonly add: ProxyFault }
  | { readonly remove: string }
  | { readonly switch: string; readonly to: 'on' | 'off' };

export type ToChild =
  | StartRequest
  | { readonly type: 'begin'; readonly atMs: number }
  | { readonly type: 'faults'; readonly request: number; readonly change: FaultChange }
  | { readonly type: 'close' };

export type ToParent =
  /** `directUri`: of the server behind the proxy. */
  | { readonly type: 'started'; readonly uri: string; readonly directUri: string }
  | {
      readonly type: 'failed';
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint?: string };
    }
  /** The change is made, and holds for every command that is read from now on; or why it cannot be made. */
  | { readonly type: 'faults-changed'; readonly request: number; readonly problem?: string }
  /** As an `EventEncoder` writes them. */
  | { readonly type: 'events'; readonly bytes: Uint8Array }
  /** The last message: everything that happened has been told. */
  | { readonly type: 'closed' };
