import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient4 } from 'mongodb4';
import { MongoClient as MongoClient5 } from 'mongodb5';
import { MongoClient as MongoClient6 } from 'mongodb6';
import { describe, it } from 'vitest';
import { RealClock } from '../../../src/base/clock.js';
import type { ProxyFault } from '../../../src/faults/schema.js';
import { type MongoHandle, startMongo } from '../../../src/mongo/start.js';
import { Events } from '../proxy/rig.js';
import { LANGUAGES, type Line, linesOf } from './languages.js';
import { lostWithDriver, lostWithMongoose } from './node-lost.js';

/**
 * A command is carried out and its acknowledgement is lost. What the application hears of it, and how often it
 * is applied, is the table of docs/mongo.md: whoever changes one changes the other.
 */

type Topology = 'replicaSet' | 'standalone';

interface Driver {
  readonly name: string;
  readonly missing: string;
  run(uri: string): Promise<Line[]>;
}

/** The older drivers have types of their own; what is called here all of them have. */
const GENERATIONS: readonly (readonly [string, typeof MongoClient])[] = [
  ['mongodb 4', MongoClient4 as unknown as typeof MongoClient],
  ['mongodb 5', MongoClient5 as unknown as typeof MongoClient],
  ['mongodb 6', MongoClient6 as unknown as typeof MongoClient],
  ['mongodb 7', MongoClient],
];

const DRIVERS: readonly Driver[] = [
  ...GENERATIONS.map(([name, Client]) => ({
    name,
    missing: '',
    run: async (uri: string) => {
      const client = await new Client(uri, { appName: name }).connect();
      try {
        return await lostWithDriver(client, uri);
      } finally {
        await client.close();
      }
    },
  })),
  { name: 'mongoose 9', missing: '', run: lostWithMongoose },
  ...LANGUAGES.map((language) => ({
    name: language.name,
    missing: language.missing,
    run: (uri: string) => linesOf(language, uri, 'lost'),
  })),
];

/** One lost acknowledgement in each collection. */
const LOST: readonly (ProxyFault & { readonly name: string })[] = [
  lose('updateOne', 'update'),
  lose('findOneAndUpdate', 'findAndModify'),
  lose('bulkWrite', 'update'),
  lose('updateMany', 'update'),
  lose('twice', 'update', 2),
  lose('twiceInTime', 'update', 2),
  lose('insertOne', 'insert'),
  lose('find', 'find'),
  lose('getMore', 'getMore'),
  {
    on: 'mongo',
    name: 'commit',
    match: { commands: ['commitTransaction'] },
    effect: 'lose-acknowledgement',
    times: 1,
  },
];

function lose(collection: string, command: string, times = 1): ProxyFault & { readonly name: string } {
  return {
    on: 'mongo',
    name: collection.toLowerCase(),
    match: { collection, commands: [command] },
    effect: 'lose-acknowledgement',
    times,
  };
}

/** An embedded server behind a proxy whose faults are on. */
async function losing(
  topology: Topology,
  faults: readonly (ProxyFault & { readonly name: string })[],
): Promise<{ proxy: MongoHandle; events: Events }> {
  const events = new Events();
  const clock = new RealClock();
  const seed = 'lost-acknowledgement.test';
  const proxy = await startMongo({ topology, faults, seed, clock, emit: events.emit });
  proxy.begin();
  // Nobody answers to `begin`, but to what is asked after it.
  await proxy.faults.switch(faults[0]?.name ?? '', 'on');
  return { proxy, events };
}

interface Got {
  readonly outcome: string;
  /** Of the error: `RetryableWriteError`, if it has it. */
  readonly labels: readonly string[];
  readonly ms: number;
  /** How often a write was applied. */
  readonly applied?: number;
  /** The same, when the application does once more what failed. */
  readonly appliedAfterRetry?: number;
}

const SINGLE = ['updateOne', 'insertOne', 'findOneAndUpdate'];
const COLUMNS: Readonly<Record<Topology, readonly (readonly string[])[]>> = {
  replicaSet: [
    SINGLE,
    ['bulkWrite'],
    ['twice'],
    ['commitTransaction'],
    ['updateMany'],
    ['find'],
    ['getMore'],
  ],
  standalone: [SINGLE, ['bulkWrite'], ['updateMany'], ['find'], ['getMore']],
};

const DOCS = readFileSync(join(import.meta.dirname, '../../../docs/mongo.md'), 'utf8');

/** As the table has it. */
function cell({ outcome, labels, applied, appliedAfterRetry }: Got): string {
  const heard = outcome === 'ok' ? 'ok' : `\`${outcome}\`${labels.length > 0 ? ' †' : ''}`;
  const once = applied === undefined ? '' : `, ${applied}`;
  return heard + once + (appliedAfterRetry === undefined ? '' : `, then ${appliedAfterRetry}`);
}

/** The row that the table has for what a driver made of it. */
function row(name: string, topology: Topology, got: ReadonlyMap<string, Got>): string {
  const cells = COLUMNS[topology].map((checks) => {
    const all = new Set(checks.map((check) => cell(of(got, check))));
    return [...all].join(' / ');
  });
  return `| ${[name, ...cells].join(' | ')} |`;
}

function of(got: ReadonlyMap<string, Got>, check: string): Got {
  const found = got.get(check);
  if (found === undefined) throw new Error(`There is no check called ${check}`);
  return found;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const TOPOLOGIES = ['replicaSet', 'standalone'] as const;
const CASES = DRIVERS.flatMap((driver) => TOPOLOGIES.map((topology) => ({ ...driver, topology })));

// Most of the time a driver waits until it may look at its server again, so they wait together.
describe.concurrent('a lost acknowledgement', () => {
  for (const { name, topology, missing, run } of CASES) {
    it.skipIf(missing !== '')(
      `of a ${topology}: ${name}${missing}`,
      { timeout: 60_000 },
      async ({ onTestFinished, expect }) => {
        const { proxy, events } = await losing(topology, LOST);
        onTestFinished(() => proxy.close());
        const got = new Map((await run(proxy.uri)).map((line) => [line.check, line.got as Got]));
        await proxy.close();

        expect(DOCS).toContain(row(name, topology, got));
        const applied = [...got.values()].flatMap((told) => told.applied ?? []);
        expect(applied.length).toBeGreaterThan(4);
        expect(new Set(applied)).toEqual(new Set([1]));

        const [first, second] = events
          .of('command.started')
          .filter((command) => command.name === 'update' && command.collection === 'updateOne');
        const ends = [first, second].map((begun) =>
          events.of('command.ended').find(({ command }) => command === begun?.command),
        );
        expect(ends).toMatchObject([
          { outcome: 'unknown', appliedUpstream: true, fault: 'updateone' },
          { outcome: 'ok', appliedUpstream: true },
        ]);
        if (topology === 'replicaSet') {
          // The driver sends the same again, and waits half a second at most before it does.
          expect(first?.txnNumber).toBeDefined();
          expect(second).toMatchObject({ lsid: first?.lsid, txnNumber: first?.txnNumber });
          const waits = [...SINGLE, 'bulkWrite', 'find', 'commitTransaction'].map(
            (check) => of(got, check).ms,
          );
          expect(median(waits)).toBeGreaterThan(250);
          expect(median(waits)).toBeLessThan(2000);
        } else {
          // The application sends something new, which a server cannot tell from another write.
          expect([first?.txnNumber, second?.txnNumber]).toEqual([undefined, undefined]);
          expect(median([...SINGLE, 'bulkWrite'].map((check) => of(got, check).ms))).toBeLessThan(400);
        }
        // The drivers for Node end the cursor before they tell of the error, and wait for the server to do so.
        const late = of(got, 'getMore').ms;
        if (name.startsWith('mongo')) expect(late).toBeGreaterThan(250);
        else expect(late).toBeLessThan(400);
        // Given a deadline, this driver outlives a second loss.
        if (name === 'Go' && topology === 'replicaSet') {
          expect(of(got, 'twiceInTime')).toMatchObject({ outcome: 'ok', applied: 1 });
        }
      },
    );
  }

  it('keeps all of that client waiting, and no other client', async ({ onTestFinished, expect }) => {
    const { proxy, events } = await losing('replicaSet', [lose('updateOne', 'update')]);
    onTestFinished(() => proxy.close());
    const clients = [new MongoClient(proxy.uri), new MongoClient(proxy.uri)] as const;
    onTestFinished(async () => {
      for (const client of clients) await client.close();
    });
    const findMs = async (client: MongoClient): Promise<number> => {
      const began = performance.now();
      await client.db('lost').collection('other').findOne();
      return performance.now() - began;
    };
    for (const client of clients) await findMs(client);
    const [hit, bystander] = clients;
    const things = hit.db('lost').collection<{ _id: number }>('updateOne');
    const written = things.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { upsert: true });
    await events.nth('fault.hit');
    const [waited, untouched] = await Promise.all([findMs(hit), findMs(bystander)]);
    expect(await written).toMatchObject({ upsertedCount: 1 });
    expect(waited).toBeGreaterThan(150);
    expect(untouched).toBeLessThan(waited / 2);
  });
});
