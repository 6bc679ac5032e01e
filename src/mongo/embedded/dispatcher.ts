import { setTimeout } from 'node:timers/promises';
import { Double } from 'bson';
import { messageOf } from '../../base/errors.js';
import { toNumber } from './bson/number.js';
import { type Document, type Encodable, isNumeric, type Value } from './bson/value.js';
import { aggregateCommands } from './commands/aggregate.js';
import { authenticationCommands } from './commands/authentication.js';
import { bulkWriteCommands } from './commands/bulk-write.js';
import { catalogCommands } from './commands/catalog.js';
import type { CommandHandler, Peer, Reply, Request, Server } from './commands/contract.js';
import { failPointCommands } from './commands/fail-point-commands.js';
import { handshakeCommands } from './commands/handshake.js';
import { indexCommands } from './commands/indexes.js';
import { checkDatabaseName, documentOption, stringOption } from './commands/options.js';
import { readCommands } from './commands/read.js';
import { sessionCommands } from './commands/session-commands.js';
import { writeCommands } from './commands/write.js';
import { ConnectionDropped, errorName, notImplemented, ServerError } from './errors.js';
import { injectedError, injectedWriteConcernError } from './fail-points.js';
import type { Session } from './sessions.js';

const COMMANDS: ReadonlyMap<string, CommandHandler> = new Map(
  [
    aggregateCommands,
    authenticationCommands,
    bulkWriteCommands,
    catalogCommands,
    failPointCommands,
    handshakeCommands,
    indexCommands,
    readCommands,
    sessionCommands,
    writeCommands,
  ].flatMap((table) => Object.entries(table)),
);

/** Other names of commands. */
const ALIASES: ReadonlyMap<string, string> = new Map([['findandmodify', 'findAndModify']]);

const RETRYABLE_WRITES = new Set(['insert', 'update', 'delete', 'findAndModify', 'bulkWrite']);
const ENDING_TRANSACTIONS = new Set(['commitTransaction', 'abortTransaction']);
const IN_TRANSACTIONS = new Set([
  ...RETRYABLE_WRITES,
  'find',
  'getMore',
  'killCursors',
  'aggregate',
  'distinct',
  'create',
  'createIndexes',
  'ping',
  'hello',
]);

/**
 * Does one command and answers whatever happens: an error of the server's own making becomes code 8.
 *
 * @throws ConnectionDropped when a fail point wants no answer
 */
export async function dispatch(body: Document, database: string, server: Server, peer: Peer): Promise<Reply> {
  try {
    const reply = await performOrFail(body, database, server, peer);
    addWriteConcernError(reply, body);
    return reply.set('ok', new Double(1));
  } catch (error) {
    if (error instanceof ConnectionDropped) throw error;
    return failure(
      error instanceof ServerError ? error : new ServerError(8, `Unexpected error: ${messageOf(error)}`),
    );
  }
}

export function failure(error: ServerError): Reply {
  const reply: Reply = new Map<string, Encodable>([
    ['ok', new Double(0)],
    ['errmsg', error.message],
    ['code', error.code],
    ['codeName', errorName(error.code)],
    ...error.details,
  ]);
  if (error.labels.length > 0) reply.set('errorLabels', [...error.labels]);
  return reply;
}

/** Does one command as the fail points want it. */
async function performOrFail(body: Document, database: string, server: Server, peer: Peer): Promise<Reply> {
  const [name = ''] = body.keys();
  const fault = server.failPoints?.onCommand(name, peer.appName);
  if (fault === undefined) return perform(body, database, server, peer);
  if (fault.blockMs > 0) await setTimeout(fault.blockMs);
  if (fault.closeConnection) throw new ConnectionDropped();
  const error = injectedError(fault, body);
  if (error !== undefined) throw error;
  const reply = await perform(body, database, server, peer);
  for (const [field, value] of injectedWriteConcernError(fault, body)) reply.set(field, value);
  return reply;
}

function perform(body: Document, database: string, server: Server, peer: Peer): Promise<Reply> {
  const [given = ''] = body.keys();
  const name = ALIASES.get(given) ?? given;
  const handler = COMMANDS.get(name);
  if (handler === undefined) throw new ServerError(59, `no such command: '${given}'`);
  checkDatabaseName(database);
  checkReadConcern(body);
  checkWriteConcern(body);
  const renamed = name === given ? body : new Map<string, Value>([[name, body.get(given) ?? null], ...body]);
  if (renamed !== body) renamed.delete(given);
  const base = { name, body: renamed, database, peer, server };
  const session = server.sessions.get(body.get('lsid'));
  const txnNumber = body.get('txnNumber');
  if (txnNumber === undefined) {
    if (body.has('autocommit') || body.has('startTransaction'))
      throw new ServerError(72, 'autocommit needs a txnNumber');
    return promised(handler, { ...base, session, transaction: undefined, doneStatements: undefined });
  }
  if (typeof txnNumber !== 'bigint')
    throw new ServerError(14, "BSON field 'txnNumber' is the wrong type, expected type 'long'");
  if (session === undefined)
    throw new ServerError(72, 'Transaction number requires a session ID to also be specified');
  if (server.topology === 'standalone') {
    throw new ServerError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  }
  return session.inTurn(() => numbered(handler, { ...base, session }, txnNumber));
}

async function promised(handler: CommandHandler, request: Request): Promise<Reply> {
  return handler(request);
}

type Numbered = Omit<Request, 'transaction' | 'doneStatements' | 'session'> & { readonly session: Session };

/** A command with a `txnNumber`: a retryable write, or a part of a transaction. */
async function numbered(handler: CommandHandler, request: Numbered, txnNumber: bigint): Promise<Reply> {
  const { server, session, body, name } = request;
  if (body.get('autocommit') !== false) {
    if (!RETRYABLE_WRITES.has(name))
      throw new ServerError(
        50768,
        `txnNumber may only be provided for multi-document transactions and retryable write commands. '${name}' is none of them`,
      );
    const doneStatements = server.sessions.retryableWrite(session, txnNumber);
    return handler({ ...request, transaction: undefined, doneStatements });
  }
  if (ENDING_TRANSACTIONS.has(name))
    return handler({ ...request, transaction: undefined, doneStatements: undefined });
  const starts = body.get('startTransaction') === true;
  const transaction = server.sessions.transaction(session, txnNumber, starts);
  try {
    if (body.has('writeConcern'))
      throw new ServerError(72, 'writeConcern is not allowed within a multi-statement transaction');
    if (!IN_TRANSACTIONS.has(name))
      throw new ServerError(263, `Cannot run '${name}' in a multi-document transaction.`);
    return await handler({ ...request, transaction, doneStatements: undefined });
  } catch (error) {
    // Any error ends a transaction.
    server.sessions.abort(session);
    throw error;
  }
}

const READ_CONCERNS = new Set(['local', 'majority', 'available', 'linearizable', 'snapshot']);

function checkReadConcern(body: Document): void {
  const readConcern = documentOption(body, 'readConcern');
  if (readConcern === undefined) return;
  const level = stringOption(readConcern, 'level');
  if (level !== undefined && !READ_CONCERNS.has(level)) {
    throw new ServerError(9, "Enumeration value for field 'readConcern.level' is not a valid value.");
  }
  const isInTransaction = body.get('autocommit') === false;
  if (readConcern.has('atClusterTime') || (level === 'snapshot' && !isInTransaction)) {
    throw notImplemented('A snapshot read outside of a transaction');
  }
}

/** The number of nodes that must have a write; `undefined` for a name such as "majority". */
function wantedNodes(body: Document): Value | undefined {
  return documentOption(body, 'writeConcern')?.get('w');
}

function checkWriteConcern(body: Document): void {
  const w = wantedNodes(body);
  if (w === undefined || typeof w === 'string') return;
  if (!isNumeric(w)) throw new ServerError(9, 'w has to be a number, string, or object');
  const nodes = toNumber(w);
  if (nodes < 0 || nodes > 50)
    throw new ServerError(9, 'w has to be a non-negative number and not greater than 50');
}

/** This server is one node: what asks for more was done, but not as wished. */
function addWriteConcernError(reply: Reply, body: Document): void {
  const w = wantedNodes(body);
  let error: ServerError | undefined;
  if (typeof w === 'string' && w !== 'majority')
    error = new ServerError(79, `No write concern mode named '${w}' found in replica set configuration`);
  else if (w !== undefined && isNumeric(w) && toNumber(w) > 1)
    error = new ServerError(100, 'Not enough data-bearing nodes');
  if (error === undefined) return;
  reply.set(
    'writeConcernError',
    new Map<string, Value>([
      ['code', error.code],
      ['codeName', errorName(error.code)],
      ['errmsg', error.message],
    ]),
  );
}
