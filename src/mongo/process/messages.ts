import type { ErrorCode } from '../../base/errors.js';
import type { Fault } from '../../faults/schema.js';
import type { EventBody } from '../../history/events.js';
import type { Credentials } from '../embedded/scram.js';

/** What the harness and the process of the fault proxy say to each other. */

/** The embedded server as a replica set with one member, so that drivers retry writes, or alone. */
export type Topology = 'replicaSet' | 'standalone';

export interface StartRequest {
  readonly type: 'start';
  /** mongodb:// URI of the server. Absent: the embedded one. */
  readonly upstream?: string;
  readonly topology: Topology;
  readonly credentials?: Credentials;
  readonly faults: readonly Extract<Fault, { readonly on: 'mongo' }>[];
  readonly seed: string;
  /** Port of the proxy; 0 for a free one. */
  readonly port: number;
  /** Of the clock of the run: both processes count from here. */
  readonly clockOrigin: bigint;
  readonly startedAt: Date;
}

export type ToChild =
  | StartRequest
  | { readonly type: 'begin'; readonly atMs: number }
  | { readonly type: 'close' };

/** An event and when it happened, in milliseconds on the clock of the run. */
export type TimedEvent = readonly [atMs: number, event: EventBody];

export type ToParent =
  | { readonly type: 'started'; readonly uri: string }
  | {
      readonly type: 'failed';
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint?: string };
    }
  | { readonly type: 'events'; readonly events: readonly TimedEvent[] }
  /** The last message: everything that happened has been told. */
  | { readonly type: 'closed' };
