import { ApiError } from './api-error.js';
import type { CallFault } from './contracts.js';

/** What several faults do to one call together. */
export interface CallDisturbance {
  /** The fault whose effect it is, or the first one that only delays. */
  readonly fault: string;
  readonly beforeMs: number;
  readonly afterMs: number;
  /** The first fault that does more than delay. */
  readonly effect?: CallFault;
}

/** Delays of one phase add up; of other effects the first wins. */
export function combineFaults(faults: readonly CallFault[]): CallDisturbance | undefined {
  const [first] = faults;
  if (first === undefined) return undefined;
  const delayMs = (phase: CallFault['phase']): number =>
    faults.reduce((sum, fault) => (fault.phase === phase ? sum + fault.delayMs : sum), 0);
  const effect = faults.find((fault) => fault.effect !== undefined);
  return {
    fault: (effect ?? first).fault,
    beforeMs: delayMs('before'),
    afterMs: delayMs('after'),
    ...(effect === undefined ? {} : { effect }),
  };
}

const TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The error that a fault wants, worded as the official server would. */
export function faultError(fault: CallFault): ApiError {
  const { code, message, retryAfter } = fault.error ?? { code: 500 };
  if (code === 429) {
    const seconds = retryAfter ?? 1;
    return new ApiError(429, message ?? `Too Many Requests: retry after ${seconds}`, {
      retry_after: seconds,
    });
  }
  return new ApiError(code, message ?? TEXTS[code] ?? 'Bad Request');
}
