import { describe, expect, test } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { explained, failuresOf, SPECS_ARE_MISSING, specCases, specFolder } from '../spec-runner.js';
import { KNOWN_FAILURES } from './crud-spec-failures.js';

const folder = specFolder('crud');

describe.skipIf(folder === undefined)(
  `CRUD cases of the drivers ${folder === undefined ? SPECS_ARE_MISSING : ''}`,
  () => {
    test.each([
      ['standalone', 'single', 376],
      ['replicaSet', 'replicaset', 384],
    ] as const)(
      '%s: exactly the known ones fail',
      { timeout: 60_000 },
      async (topology, pretended, count) => {
        const cases = specCases(folder ?? '', { version: '8.0.0', topology: pretended });
        expect(cases).toHaveLength(count);
        await using server = await EmbeddedMongo.start({ topology, testCommands: true });
        expect(explained(await failuresOf(cases, server.uri), KNOWN_FAILURES)).toEqual(KNOWN_FAILURES);
      },
    );
  },
);
