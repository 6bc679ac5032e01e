import { describe, it } from 'vitest';
import { DRIVERS, documented, type Got, HIT, losing, lostIn, of, row } from './trials.js';

/**
 * A command is carried out and its answer never comes, while the connection stays: a limit of the driver ends
 * the waiting. What the application hears then is the second table of docs/mongo.md.
 */

/** Long enough for everything that is not held up, on a busy machine too. */
const LIMIT_MS = 1000;
const STALL = { effect: 'stall', phase: 'after' } as const;
const TOPOLOGIES = ['replicaSet', 'standalone'] as const;

const { updateOne, updateMany, twice, find, getMore } = HIT;

/** A limit of one wait on a socket. The driver for Go has none any more. */
const SOCKET_TIMEOUT = {
  setting: 'socketTimeoutMS',
  drivers: DRIVERS.filter(({ name }) => name !== 'Go'),
  hit: { updateOne, updateMany, twice, find, getMore },
  columns: {
    replicaSet: [['updateOne'], ['twice'], ['commitTransaction'], ['updateMany'], ['find'], ['getMore']],
    standalone: [['updateOne'], ['updateMany'], ['find'], ['getMore']],
  },
} as const;

/** A limit of all that an operation does. The drivers for Node take no notice of it in a URI. */
const TIMEOUT = {
  setting: 'timeoutMS',
  drivers: DRIVERS.filter(({ name }) => !name.startsWith('mongo')),
  hit: { updateOne, updateMany, find },
  columns: {
    replicaSet: [['updateOne'], ['commitTransaction'], ['updateMany'], ['find']],
    standalone: [['updateOne'], ['updateMany'], ['find']],
  },
} as const;

const CASES = [SOCKET_TIMEOUT, TIMEOUT].flatMap(({ drivers, ...way }) =>
  drivers.flatMap((driver) => TOPOLOGIES.map((topology) => ({ ...driver, ...way, topology }))),
);

// They wait most of the time, so they wait together.
describe.concurrent('an answer that never comes', () => {
  for (const { name, missing, run, setting, hit, columns, topology } of CASES) {
    it.skipIf(missing !== '')(
      `from a ${topology}, with ${setting}: ${name}${missing}`,
      { timeout: 60_000 },
      async ({ onTestFinished, expect }) => {
        const { proxy, events } = await losing(topology, lostIn(hit, STALL));
        onTestFinished(() => proxy.close());
        const uri = `${proxy.uri}${proxy.uri.includes('?') ? '&' : '?'}${setting}=${LIMIT_MS}`;
        const got = new Map((await run(uri)).map((line) => [line.check, line.got as Got]));
        await proxy.close();

        const limited = `${name}, \`${setting}\``;
        expect(documented(limited)).toContain(row(limited, columns[topology], got));
        const writes = [
          'updateOne',
          'updateMany',
          ...(topology === 'replicaSet' ? ['commitTransaction'] : []),
        ];
        expect(writes.map((check) => of(got, check).applied)).toEqual(writes.map(() => 1));
        for (const check of ['updateOne', 'updateMany', 'find']) {
          expect(of(got, check).ms).toBeGreaterThanOrEqual(LIMIT_MS - 50);
          expect(of(got, check).ms).toBeLessThan(LIMIT_MS + 2000);
        }
        const first = events
          .of('command.started')
          .find((command) => command.name === 'update' && command.collection === 'updateOne');
        expect(events.of('command.ended').find(({ command }) => command === first?.command)).toMatchObject({
          outcome: 'unknown',
          appliedUpstream: true,
          fault: 'updateone',
        });
      },
    );
  }
});
