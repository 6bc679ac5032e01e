import { serialize } from 'bson';
import { mongoCodeName } from '../../faults/mongo-codes.js';
import type { FaultError } from '../../faults/schema.js';
import { serverLabels } from '../wire/error-labels.js';
import { HEADER_BYTES, OPCODE, readHeader } from '../wire/header.js';
import { encodeOpMsg, MSG_FLAG } from '../wire/op-msg.js';
import { encodeOpReply } from '../wire/op-query.js';
import { readRawDocument } from '../wire/raw.js';
import { bodyOffset, type RequestFacts } from './request.js';

/** The answer of a server on which this command fails. */
export function errorReply(error: FaultError, request: RequestFacts, responseTo: number): Buffer {
  const labels = labelsOf(error, request);
  const failure = failureOf(error, `${request.name} failed on purpose (injected by sendtwice)`);
  return encodeOpMsg({
    responseTo,
    body: serialize({ ...(labels.length > 0 && { errorLabels: labels }), ok: 0, ...failure }),
  });
}

/** The answer to a `hello` that fails, in the form in which it was asked. */
export function helloErrorReply(error: FaultError, request: Buffer): Buffer {
  const { opCode, requestId: responseTo } = readHeader(request);
  const document = serialize({
    ok: 0,
    ...failureOf(error, 'hello failed on purpose (injected by sendtwice)'),
  });
  return opCode === OPCODE.query
    ? encodeOpReply({ requestId: 0, responseTo, document })
    : encodeOpMsg({ responseTo, body: document });
}

/**
 * The reply of the server with a writeConcernError in it. A reply that has failed stays as it is.
 *
 * @throws WireError when the reply is malformed
 */
export function withWriteConcernError(reply: Buffer, error: FaultError, request: RequestFacts): Buffer {
  const body = readRawDocument(reply, bodyOffset(reply));
  const labels = labelsOf(error, request);
  const addition = serialize({
    writeConcernError: failureOf(error, 'waiting for replication failed on purpose (injected by sendtwice)'),
    ...(labels.length > 0 && { errorLabels: labels }),
  });
  const longer = Buffer.concat([body.subarray(0, -1), addition.subarray(4)]);
  longer.writeInt32LE(longer.length, 0);
  const { requestId, responseTo } = readHeader(reply);
  const flags = reply.readUInt32LE(HEADER_BYTES) & ~MSG_FLAG.checksumPresent;
  return encodeOpMsg({ requestId, responseTo, flags, body: longer });
}

function failureOf({ code, message, name }: FaultError, otherwise: string): object {
  const codeName = name ?? mongoCodeName(code);
  return { errmsg: message ?? otherwise, code, ...(codeName !== undefined && { codeName }) };
}

function labelsOf(error: FaultError, { name, inTransaction, txnNumber }: RequestFacts): readonly string[] {
  return (
    error.labels ?? serverLabels(error.code, { name, inTransaction, hasTxnNumber: txnNumber !== undefined })
  );
}
