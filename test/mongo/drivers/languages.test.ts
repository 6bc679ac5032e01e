import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RealClock } from '../../../src/base/clock.js';
import type { ProxyFault } from '../../../src/faults/schema.js';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { startMongo } from '../../../src/mongo/start.js';
import { Events } from '../proxy/rig.js';
import { LANGUAGES, linesOf } from './languages.js';

/**
 * Drivers of other languages at the work of a bot. Each does the same checks, and finds out the same, with the
 * embedded server itself and with the fault proxy before it.
 */

type Topology = 'replicaSet' | 'standalone';

const credentials = { user: 'bot', password: 'p@ss' };

const EVERYWHERE = {
  types: {
    changed: [],
    kinds: {
      double: 'double',
      string: 'string',
      object: 'object',
      array: 'array',
      binData: 'binData',
      uuid: 'binData',
      objectId: 'objectId',
      bool: 'bool',
      date: 'date',
      null: 'null',
      regex: 'regex',
      javascript: 'javascript',
      int: 'int',
      timestamp: 'timestamp',
      long: 'long',
      large: 'long',
      decimal: 'decimal',
      minKey: 'minKey',
      maxKey: 'maxKey',
    },
  },
  batches: { read: 250, inOrder: true },
  'bulk write': { inserted: 1, modified: 1, upserted: 1, deleted: 1, left: [1, 3, 4] },
  'bulk write with an error': { code: 11000, index: 1, stored: 3 },
  'duplicate key': { code: 11000, keyPattern: { email: 1 }, keyValue: { email: 'ann@example.org' } },
  findAndModify: {
    first: { _id: 2, at: 3 },
    new: { _id: 3, at: 1 },
    replaced: { _id: 1, at: 5 },
    deleted: { _id: 2, at: 3, by: 'me' },
    none: null,
  },
  aggregation: [
    { _id: 'Ann', cents: 600, orders: 2 },
    { _id: 'Bob', cents: 800, orders: 2 },
  ],
  indexes: {
    code: 11000,
    listed: {
      _id_: { key: [['_id', 1]] },
      email_1: { key: [['email', 1]], unique: true },
      at_1: { key: [['at', 1]], expireAfterSeconds: 3600 },
      open: {
        key: [
          ['chat', 1],
          ['open', -1],
        ],
        unique: true,
        partialFilterExpression: { open: true },
      },
    },
  },
  sessions: { found: { _id: 1, step: 'name' }, ended: [false, true] },
  login: { 'SCRAM-SHA-1': 1, 'SCRAM-SHA-256': 1, wrong: 18 },
};

const EXPECTED: Readonly<Record<Topology, Readonly<Record<string, unknown>>>> = {
  replicaSet: {
    ...EVERYWHERE,
    transactions: {
      inside: 70,
      outside: 100,
      committed: [70, 30],
      aborted: [70, 30],
      conflict: { code: 112, transient: true },
      left: [64, 36],
    },
    'retryable write': { outcome: 'ok', n: 1 },
  },
  standalone: {
    ...EVERYWHERE,
    transactions: { code: 20 },
    'retryable write': { outcome: 91, n: 0 },
  },
};

/** The first update is refused, with an error that drivers retry. */
const REFUSED: ProxyFault & { readonly name: string } = {
  on: 'mongo',
  name: 'refused',
  match: { commands: ['update'] },
  effect: 'error',
  error: { code: 91 },
  times: 1,
};

/** The same, by the server itself. */
async function refuseOnce(uri: string): Promise<void> {
  await using client = new MongoClient(uri);
  await client.db('admin').command({
    configureFailPoint: 'failCommand',
    mode: { times: 1 },
    data: { failCommands: ['update'], errorCode: 91 },
  });
}

const told = (lines: readonly { check: string; got: unknown }[]): Record<string, unknown> =>
  Object.fromEntries(lines.map(({ check, got }) => [check, got]));

describe.each(LANGUAGES)('$name', (language) => {
  const { missing } = language;

  describe.each(['replicaSet', 'standalone'] as const)('on a %s', (topology) => {
    it.skipIf(missing !== '')(`works on the embedded server${missing}`, { timeout: 60_000 }, async () => {
      const server = await EmbeddedMongo.start({ topology, credentials, testCommands: true });
      onTestFinished(() => server.close());
      await refuseOnce(server.uri);
      expect(told(await linesOf(language, server.uri, 'work'))).toEqual(EXPECTED[topology]);
    });

    it.skipIf(missing !== '')(`works through the fault proxy${missing}`, { timeout: 60_000 }, async () => {
      const events = new Events();
      const proxy = await startMongo({
        topology,
        credentials,
        faults: [REFUSED],
        seed: 'languages.test',
        clock: new RealClock(),
        emit: events.emit,
      });
      onTestFinished(() => proxy.close());
      proxy.begin();
      expect(told(await linesOf(language, proxy.uri, 'work'))).toEqual(EXPECTED[topology]);
      await proxy.close();

      // All of it went through the proxy: nobody has found out where the server behind it is.
      const count = (name: string): number =>
        events.of('command.started').filter((command) => command.name === name).length;
      expect(count('getMore')).toBe(6);
      expect(count('findAndModify')).toBe(5);
      expect(count('commitTransaction')).toBe(topology === 'replicaSet' ? 3 : 0);
      expect(events.of('fault.hit')).toHaveLength(1);
      expect(events.of('warning')).toEqual([]);
      // Only a replica set gets writes that can be told from one another.
      const numbered = events
        .of('command.started')
        .filter(({ name, txnNumber }) => name === 'insert' && txnNumber);
      if (topology === 'replicaSet') expect(numbered.length).toBeGreaterThan(10);
      else expect(numbered).toEqual([]);
    });
  });
});
