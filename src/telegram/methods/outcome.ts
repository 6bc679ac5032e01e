import type { CallId, MessageId } from '../../base/ids.js';
import type { Content } from '../../history/content.js';
import type { Files, Params, Seen } from '../contracts.js';
import type { World } from '../world.js';

/** One call while its method runs. */
export interface MethodContext {
  readonly call: CallId;
  /** As in the documentation: `sendMessage`. */
  readonly method: string;
  readonly params: Params;
  readonly files: Files;
  readonly world: World;
  /** Makes a signal that is aborted when nobody waits for the answer any more. */
  readonly hangUp: () => AbortSignal;
}

/** What a method did and answers. */
export interface Outcome {
  /** The result, or its JSON text when that is at hand already. */
  readonly result?: unknown;
  readonly resultJson?: string;
  readonly description?: string;
  readonly messageIds?: readonly MessageId[];
  readonly contents?: readonly Content[];
  readonly seen?: readonly Seen[];
}

/** A method with real behaviour. Throws ApiError. */
export type Handler = (context: MethodContext) => Outcome | Promise<Outcome>;
export type Handlers = Readonly<Record<string, Handler>>;

export const DONE: Outcome = { resultJson: 'true' };
