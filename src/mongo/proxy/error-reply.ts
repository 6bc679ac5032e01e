import { serialize } from 'bson';
import { mongoCodeName } from '../../faults/mongo-codes.js';
import type { FaultError } from '../../faults/schema.js';
import { encodeOpMsg } from '../wire/op-msg.js';
import type { RequestFacts } from './request.js';

/** Codes after which a server tells drivers that they may send a write again. */
const RETRYABLE_WRITE = new Set([
  6, 7, 89, 91, 134, 189, 262, 317, 358, 384, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** Codes that, besides the above, end a transaction which may be tried again as a whole. */
const TRANSIENT_TRANSACTION = new Set([24, 112, 246, 251, 267]);

const ENDS_TRANSACTION = new Set(['commitTransaction', 'abortTransaction']);

/** The answer of a server on which this command fails. */
export function errorReply(error: FaultError, request: RequestFacts, responseTo: number): Buffer {
  const { code, message = `${request.name} failed on purpose (injected by sendtwice)` } = error;
  const codeName = mongoCodeName(code);
  const labels = error.labels ?? serverLabels(code, request);
  return encodeOpMsg({
    responseTo,
    body: serialize({
      ...(labels.length > 0 && { errorLabels: labels }),
      ok: 0,
      errmsg: message,
      code,
      ...(codeName !== undefined && { codeName }),
    }),
  });
}

/** The labels that a server itself would give; drivers decide by them whether to try again. */
function serverLabels(code: number, request: RequestFacts): readonly string[] {
  if (request.txnNumber === undefined) return [];
  if (request.inTransaction && !ENDS_TRANSACTION.has(request.name)) {
    const isTransient = TRANSIENT_TRANSACTION.has(code) || RETRYABLE_WRITE.has(code);
    return isTransient ? ['TransientTransactionError'] : [];
  }
  return RETRYABLE_WRITE.has(code) ? ['RetryableWriteError'] : [];
}
