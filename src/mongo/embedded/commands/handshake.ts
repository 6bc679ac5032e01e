import { Double, ObjectId, Timestamp } from 'bson';
import { MAX_DOCUMENT_BYTES } from '../../wire/header.js';
import { type Document, document, type Encodable, type Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { MECHANISMS } from '../scram.js';
import { SESSION_TIMEOUT_MS } from '../sessions.js';
import type { CommandHandler, CommandTable, Peer, Reply, Request } from './contract.js';
import { MAX_STATEMENTS } from './write.js';

/** The server that this one behaves like: the newest whose features a driver would use unasked are here. */
export const SERVER_VERSION = [8, 0, 0, 0] as const;

/** Wire version of MongoDB 8.0; 25 is what makes drivers use the `bulkWrite` command. */
const MAX_WIRE_VERSION = 25;

export const REPLICA_SET_NAME = 'sendtwice';

/** Makes this server the primary of one election, for as long as it lives. */
const ELECTION_ID = new ObjectId('7fffffff0000000000000001');

function hello(primaryField: 'isWritablePrimary' | 'ismaster'): CommandHandler {
  return ({ server, peer, body }) => {
    noteClient(peer, body);
    const reply: Reply = new Map([[primaryField, true]]);
    if (body.get('helloOk') === true) reply.set('helloOk', true);
    if (server.topology === 'replicaSet')
      for (const [name, value] of replicaSetFields(server.address)) reply.set(name, value);
    for (const [name, value] of limits(peer.connectionId)) reply.set(name, value);
    const user = body.get('saslSupportedMechs');
    if (typeof user === 'string' && server.authenticator?.knows(user) === true)
      reply.set('saslSupportedMechs', [...MECHANISMS]);
    return reply;
  };
}

function noteClient(peer: Peer, body: Document): void {
  const client = body.get('client');
  const application = client instanceof Map ? client.get('application') : undefined;
  const appName = application instanceof Map ? application.get('name') : undefined;
  if (typeof appName === 'string') peer.appName = appName;
}

function replicaSetFields(address: string): Map<string, Value> {
  const now = Math.floor(Date.now() / 1000);
  const opTime = document<Value>({ ts: new Timestamp({ t: now, i: 1 }), t: 1n });
  return document<Value>({
    hosts: [address],
    setName: REPLICA_SET_NAME,
    setVersion: 1,
    secondary: false,
    primary: address,
    me: address,
    electionId: ELECTION_ID,
    lastWrite: document<Value>({
      opTime,
      lastWriteDate: new Date(now * 1000),
      majorityOpTime: opTime,
      majorityWriteDate: new Date(now * 1000),
    }),
  });
}

/** No `topologyVersion`: with it, drivers would wait for pushed changes, which never come. */
function limits(connectionId: number): Map<string, Value> {
  return document<Value>({
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: MAX_STATEMENTS,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MS / 60_000,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
  });
}

const legacyHello = hello('ismaster');

function buildInfo(): Reply {
  return document<Encodable>({
    version: SERVER_VERSION.slice(0, 3).join('.'),
    gitVersion: 'embedded server of sendtwice',
    modules: [],
    versionArray: [...SERVER_VERSION],
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    storageEngines: ['memory'],
  });
}

function connectionStatus(_request: Request): Reply {
  const authInfo = document<Value>({ authenticatedUsers: [], authenticatedUserRoles: [] });
  return new Map([['authInfo', authInfo]]);
}

function serverStatus({ server }: Request): Reply {
  const uptimeMs = Date.now() - server.startedAt.getTime();
  return document<Encodable>({
    host: server.address,
    version: SERVER_VERSION.slice(0, 3).join('.'),
    process: 'mongod',
    pid: BigInt(process.pid),
    uptime: new Double(Math.floor(uptimeMs / 1000)),
    uptimeMillis: BigInt(uptimeMs),
    localTime: new Date(),
    connections: document<Value>({ current: server.openConnections() }),
    storageEngine: document<Value>({ name: 'memory', persistent: false }),
  });
}

/** The parameters that tools ask for; any other is answered as one that does not exist. */
const PARAMETERS = document<Value>({
  featureCompatibilityVersion: document<Value>({ version: SERVER_VERSION.slice(0, 2).join('.') }),
});

function getParameter({ body }: Request): Reply {
  const names = body.get('getParameter') === '*' ? [...PARAMETERS.keys()] : [...body.keys()];
  const found = names.flatMap((name): [string, Encodable][] => {
    const value = PARAMETERS.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  if (found.length === 0) throw new ServerError(72, 'no option found to get');
  return new Map(found);
}

function hostInfo({ server }: Request): Reply {
  return document<Encodable>({
    system: document<Value>({ currentTime: new Date(), hostname: server.address, numCores: 1 }),
    os: document<Value>({ type: process.platform }),
    extra: new Map(),
  });
}

/** Diagnosis: what a driver or a tool asks before it works. */
export const handshakeCommands: CommandTable = {
  hello: hello('isWritablePrimary'),
  ismaster: legacyHello,
  isMaster: legacyHello,
  ping: () => new Map(),
  buildInfo,
  buildinfo: buildInfo,
  connectionStatus,
  serverStatus,
  hostInfo,
  getParameter,
  whatsmyuri: ({ server }) => new Map([['you', server.address]]),
};
