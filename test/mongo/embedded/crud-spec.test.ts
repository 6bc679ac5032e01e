import { MongoClient } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { specCases, specFolder } from '../spec-runner.js';
import { KNOWN_FAILURES } from './crud-spec-failures.js';

const folder = specFolder('crud');
const title =
  folder === undefined
    ? 'CRUD cases of the drivers (skipped: neither SENDTWICE_MONGODB_SPECS nor ../shared/mongodb-spec-tests is there)'
    : 'CRUD cases of the drivers';

describe.skipIf(folder === undefined)(title, () => {
  test.each([
    ['standalone', 'single', 376],
    ['replicaSet', 'replicaset', 384],
  ] as const)('%s: exactly the known ones fail', { timeout: 60_000 }, async (topology, pretended, count) => {
    const cases = specCases(folder ?? '', { version: '8.0.0', topology: pretended });
    expect(cases).toHaveLength(count);
    await using server = await EmbeddedMongo.start({ topology });
    const internal = new MongoClient(server.uri);
    const failed: Record<string, string> = {};
    for (const { name, run } of cases) {
      try {
        await run(server.uri, internal);
      } catch (error) {
        const known = KNOWN_FAILURES[name];
        failed[name] = known ?? `new: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    await internal.close();
    expect(failed).toEqual(
      Object.fromEntries(
        Object.entries(KNOWN_FAILURES).filter(([name]) => cases.some((item) => item.name === name)),
      ),
    );
  });
});
