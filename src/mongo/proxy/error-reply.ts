import { serialize } from 'bson';
import { mongoCodeName } from '../../faults/mongo-codes.js';
import type { FaultError } from '../../faults/schema.js';
import { serverLabels } from '../wire/error-labels.js';
import { encodeOpMsg } from '../wire/op-msg.js';
import type { RequestFacts } from './request.js';

/** The answer of a server on which this command fails. */
export function errorReply(error: FaultError, request: RequestFacts, responseTo: number): Buffer {
  const { code, message = `${request.name} failed on purpose (injected by sendtwice)` } = error;
  const codeName = mongoCodeName(code);
  const { name, inTransaction, txnNumber } = request;
  const labels =
    error.labels ?? serverLabels(code, { name, inTransaction, hasTxnNumber: txnNumber !== undefined });
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
