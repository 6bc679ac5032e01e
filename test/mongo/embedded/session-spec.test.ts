import { describe, expect, test } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { explained, failuresOf, SPECS_ARE_MISSING, specCases, specFolder } from '../spec-runner.js';
import { KNOWN_FAILURES } from './session-spec-failures.js';

const SUITES = [
  ['retryable-writes', 119],
  ['sessions', 33],
  ['transactions', 177],
  ['transactions-convenient-api', 29],
  ['retryable-reads', 348],
  ['run-command', 17],
  ['read-write-concern', 11],
] as const;

describe.each(SUITES)('%s cases of the drivers', (suite, count) => {
  const folder = specFolder(suite);
  const skipped = folder === undefined ? SPECS_ARE_MISSING : '';

  test.skipIf(folder === undefined)(
    `exactly the known ones fail ${skipped}`,
    { timeout: 60_000 },
    async () => {
      const cases = specCases(folder ?? '', { version: '8.0.0', topology: 'replicaset' });
      expect(cases).toHaveLength(count);
      await using server = await EmbeddedMongo.start({ testCommands: true });
      const known = KNOWN_FAILURES[suite] ?? {};
      expect(explained(await failuresOf(cases, server.uri), known)).toEqual(known);
      expect(cases).toHaveLength(count);
    },
  );
});
