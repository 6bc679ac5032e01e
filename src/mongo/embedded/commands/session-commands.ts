import { ServerError } from '../errors.js';
import type { CommandTable, Reply, Request } from './contract.js';
import { arrayOption, checkFields, required } from './options.js';

function endSessions(request: Request): Reply {
  checkFields(request, []);
  for (const lsid of required(arrayOption(request.body, request.name), request, request.name)) {
    request.server.sessions.end(lsid);
  }
  return new Map();
}

function numbered(request: Request): { session: NonNullable<Request['session']>; txnNumber: bigint } {
  const txnNumber = request.body.get('txnNumber');
  if (
    request.session === undefined ||
    typeof txnNumber !== 'bigint' ||
    request.body.get('autocommit') !== false
  ) {
    throw new ServerError(125, `${request.name} must be run within a transaction`);
  }
  return { session: request.session, txnNumber };
}

function commitTransaction(request: Request): Reply {
  checkFields(request, ['recoveryToken']);
  const { session, txnNumber } = numbered(request);
  request.server.sessions.commit(session, txnNumber);
  return new Map();
}

function abortTransaction(request: Request): Reply {
  checkFields(request, ['recoveryToken']);
  const { session, txnNumber } = numbered(request);
  request.server.sessions.abortNumber(session, txnNumber);
  return new Map();
}

function refreshSessions(request: Request): Reply {
  checkFields(request, []);
  for (const lsid of required(arrayOption(request.body, request.name), request, request.name)) {
    request.server.sessions.get(lsid);
  }
  return new Map();
}

function killAllSessions(request: Request): Reply {
  checkFields(request, []);
  request.server.sessions.endAll();
  return new Map();
}

export const sessionCommands: CommandTable = {
  endSessions,
  killSessions: endSessions,
  refreshSessions,
  killAllSessions,
  commitTransaction,
  abortTransaction,
};
