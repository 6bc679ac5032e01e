import { expect, test } from 'vitest';
import type { MongoFault } from '../../../src/faults/schema.js';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { KNOWN_FAILURES as CRUD_FAILURES } from '../embedded/crud-spec-failures.js';
import { KNOWN_FAILURES as SESSION_FAILURES } from '../embedded/session-spec-failures.js';
import { explained, failuresOf, SPECS_ARE_MISSING, specCases, specFolder } from '../spec-runner.js';
import { relayInPieces } from './relay.js';
import { proxyBefore } from './rig.js';

interface Way {
  readonly name: string;
  readonly faults: readonly MongoFault[];
  readonly pieceBytes?: number;
}

const WAYS: readonly Way[] = [
  { name: 'through the proxy', faults: [] },
  {
    name: 'through the proxy with a delay of 2 ms on everything',
    faults: [{ on: 'mongo', name: 'slow', delay: 2 }],
  },
  { name: 'in pieces of 7 bytes through the proxy', faults: [], pieceBytes: 7 },
];

const SUITES = ['crud', 'retryable-writes', 'sessions', 'transactions'] as const;

/** Cases that fail without a proxy, too: ../embedded/crud-spec.test.ts and session-spec.test.ts run them so. */
const FAILURES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...SESSION_FAILURES,
  crud: CRUD_FAILURES,
};

const IS_MISSING = SUITES.some((suite) => specFolder(suite) === undefined);

/** What fails of a suite on a server of its own. */
async function failed(suite: string, { faults, pieceBytes }: Way): Promise<Record<string, string>> {
  await using server = await EmbeddedMongo.start({ testCommands: true });
  const { proxy, events } = await proxyBefore(server.uri, { faults });
  const uri =
    pieceBytes === undefined
      ? proxy.uri
      : proxy.uri.replace(proxy.address, await relayInPieces(pieceBytes, proxy.address));
  const cases = specCases(specFolder(suite) ?? '', { version: '8.0.0', topology: 'replicaset' });
  expect(cases.length).toBeGreaterThan(30);
  const failures = await failuresOf(cases, uri, server.uri);
  expect(events.of('warning')).toEqual([]);
  expect(events.of('command.started').length).toBeGreaterThan(cases.length);
  expect(events.of('fault.hit').length > 0).toBe(faults.length > 0);
  return explained(failures, FAILURES[suite] ?? {});
}

test.skipIf(IS_MISSING).each(WAYS)(
  `The cases of the drivers pass and fail $name as without it ${IS_MISSING ? SPECS_ARE_MISSING : ''}`,
  { timeout: 120_000 },
  async (way) => {
    // The suites wait most of their time, so they wait together.
    const got = await Promise.all(SUITES.map(async (suite) => [suite, await failed(suite, way)] as const));
    expect(Object.fromEntries(got)).toEqual(
      Object.fromEntries(SUITES.map((suite) => [suite, FAILURES[suite] ?? {}])),
    );
  },
);
