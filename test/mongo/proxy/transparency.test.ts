import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MongoFault } from '../../../src/faults/schema.js';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { failuresOf, SPECS_ARE_MISSING, type SpecCase, specCases, specFolder } from '../spec-runner.js';
import { relayInPieces } from './relay.js';
import { proxyBefore } from './rig.js';

const folder = specFolder('crud');
const PRETENDED = { version: '8.0.0', topology: 'replicaset' } as const;

interface Way {
  readonly name: string;
  readonly faults: readonly MongoFault[];
  readonly pieceBytes?: number;
}

const SLOW: MongoFault = { on: 'mongo', name: 'slow', delay: 2 };

const WAYS: readonly Way[] = [
  { name: 'the proxy', faults: [] },
  { name: 'the proxy with a delay of 2 ms', faults: [SLOW] },
  { name: 'pieces of 7 bytes and the proxy', faults: [], pieceBytes: 7 },
];

/** The CRUD cases that fail on a server of their own; `through` gives the URI that the drivers use. */
async function failed(
  cases: readonly SpecCase[],
  through: (upstream: string) => Promise<string>,
): Promise<Record<string, string>> {
  await using server = await EmbeddedMongo.start({ testCommands: true });
  return await failuresOf(cases, await through(server.uri), server.uri);
}

describe.skipIf(folder === undefined)(
  `The CRUD cases of the drivers ${folder === undefined ? SPECS_ARE_MISSING : ''}`,
  () => {
    const cases = folder === undefined ? [] : specCases(folder, PRETENDED);

    let direct: string[] = [];

    beforeAll(async () => {
      direct = Object.keys(await failed(cases, async (uri) => uri));
      expect(direct.length).toBeLessThan(cases.length / 10);
    }, 60_000);

    test.each(WAYS)('pass and fail through $name as without it', { timeout: 60_000 }, async (way) => {
      const { faults, pieceBytes } = way;
      const through = await failed(cases, async (upstream) => {
        const { proxy, events } = await proxyBefore(upstream, { faults });
        onTestFinished(() => expect(events.of('warning')).toEqual([]));
        if (pieceBytes === undefined) return proxy.uri;
        return proxy.uri.replace(proxy.address, await relayInPieces(pieceBytes, proxy.address));
      });
      expect(Object.keys(through)).toEqual(direct);
    });
  },
);
