import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient4 } from 'mongodb4';
import { MongoClient as MongoClient5 } from 'mongodb5';
import { MongoClient as MongoClient6 } from 'mongodb6';
import { RealClock } from '../../../src/base/clock.js';
import type { MongoFault, ProxyFault } from '../../../src/faults/schema.js';
import { type MongoHandle, startMongo } from '../../../src/mongo/start.js';
import { Events } from '../proxy/rig.js';
import { LANGUAGES, type Line, linesOf } from './languages.js';
import { lostWithDriver, lostWithMongoose } from './node-lost.js';

/** Every driver, the answers that it loses, and how the tables of docs/mongo.md say what it makes of them. */

export type Topology = 'replicaSet' | 'standalone';

export interface Driver {
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

export const DRIVERS: readonly Driver[] = [
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

/** What happens to an answer after its command was carried out. */
type Lost = Pick<MongoFault, 'effect' | 'phase'>;
type Named = ProxyFault & { readonly name: string };

/** One lost answer in each collection. */
export function lostIn(
  collections: Readonly<Record<string, readonly [string, number?]>>,
  lost: Lost,
): Named[] {
  return [
    ...Object.entries(collections).map(([collection, [command, times = 1]]) => ({
      on: 'mongo' as const,
      name: collection.toLowerCase(),
      match: { collection, commands: [command] },
      ...lost,
      times,
    })),
    { on: 'mongo', name: 'commit', match: { commands: ['commitTransaction'] }, ...lost, times: 1 },
  ];
}

/** The command that is hit in the collection of each check. */
export const HIT = {
  updateOne: ['update'],
  findOneAndUpdate: ['findAndModify'],
  bulkWrite: ['update'],
  updateMany: ['update'],
  twice: ['update', 2],
  insertOne: ['insert'],
  find: ['find'],
  getMore: ['getMore'],
} as const;

/** An embedded server behind a proxy whose faults are on. */
export async function losing(
  topology: Topology,
  faults: readonly Named[],
): Promise<{ proxy: MongoHandle; events: Events }> {
  const events = new Events();
  const clock = new RealClock();
  const seed = 'trials';
  const proxy = await startMongo({ topology, faults, seed, clock, emit: events.emit });
  proxy.begin();
  // Nobody answers to `begin`, but to what is asked after it.
  await proxy.faults.switch(faults[0]?.name ?? '', 'on');
  return { proxy, events };
}

export interface Got {
  readonly outcome: string;
  /** Of the error: `RetryableWriteError`, if it has it. */
  readonly labels: readonly string[];
  readonly ms: number;
  /** How often a write was applied. */
  readonly applied?: number;
  /** The same, when the application does once more what failed. */
  readonly appliedAfterRetry?: number;
}

/** The rows that the tables of the documentation have for a driver. */
export function documented(name: string): string[] {
  return DOCS.filter((line) => line.startsWith(`| ${name} |`));
}

const DOCS = readFileSync(join(import.meta.dirname, '../../../docs/mongo.md'), 'utf8').split('\n');

/** As the table has it. */
function cell({ outcome, labels, applied, appliedAfterRetry }: Got): string {
  const heard = outcome === 'ok' ? 'ok' : `\`${outcome}\`${labels.length > 0 ? ' †' : ''}`;
  const once = applied === undefined ? '' : `, ${applied}`;
  return heard + once + (appliedAfterRetry === undefined ? '' : `, then ${appliedAfterRetry}`);
}

/** The row that the table has for what a driver made of it. */
export function row(
  name: string,
  columns: readonly (readonly string[])[],
  got: ReadonlyMap<string, Got>,
): string {
  const cells = columns.map((checks) => {
    const all = new Set(checks.map((check) => cell(of(got, check))));
    return [...all].join(' / ');
  });
  return `| ${[name, ...cells].join(' | ')} |`;
}

export function of(got: ReadonlyMap<string, Got>, check: string): Got {
  const found = got.get(check);
  if (found === undefined) throw new Error(`There is no check called ${check}`);
  return found;
}
