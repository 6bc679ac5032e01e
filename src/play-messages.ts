import type { ErrorCode, SendtwiceError } from './base/errors.js';
import type { Played, PlayOptions } from './play.js';
import type { Progress } from './scenario/run-options.js';

/** What the process of one run is told. */
export type ToRun =
  | {
      readonly type: 'play';
      readonly options: Omit<PlayOptions, 'signal' | 'onProgress' | 'onPlaying'>;
    }
  /** End in order, with what there is. */
  | { readonly type: 'stop' };

/** What it tells. */
export type FromRun =
  | { readonly type: 'progress'; readonly progress: Progress }
  | ({ readonly type: 'played'; readonly error?: WrittenError } & Omit<Played, 'error'>)
  /** Nothing could be run. */
  | { readonly type: 'refused'; readonly error: WrittenError };

/** A SendtwiceError between two processes. */
export interface WrittenError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  /** Of its cause. */
  readonly stack?: string;
}

export function writtenError({ code, message, hint, cause }: SendtwiceError): WrittenError {
  return {
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(cause instanceof Error && cause.stack !== undefined && { stack: cause.stack }),
  };
}
