import { isDeepStrictEqual } from 'node:util';
import { type Db, type Document, MongoClient } from 'mongodb';
import { type Clock, pause } from '../base/clock.js';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { printable } from '../base/untrusted.js';
import type { Emit, Probe } from '../history/events.js';
import type { DatabaseDeed, DeedFacts, ProbeDeed } from '../replay/deed.js';

export interface DatabaseSideOptions {
  /** The server itself, past the fault proxy. */
  readonly uri: string;
  readonly database: string;
  readonly clock: Clock;
  readonly emit: Emit;
}

const WITHIN_MS = 5_000;
/** How long until a database that does not have it yet is asked again. */
const ASK_AGAIN_MS = 50;
/** So many documents are counted at most, and one more. */
const MOST_COUNTED = 1_000;
const LONGEST_VALUE = 80;

/**
 * The harness's own connection to the bot's database: it meets no fault, and nothing of it is a command of
 * the bot. It connects when it is first needed.
 */
export class DatabaseSide {
  readonly #options: DatabaseSideOptions;
  #client: MongoClient | undefined;

  constructor(options: DatabaseSideOptions) {
    this.#options = options;
  }

  /** Changes the database. @throws SendtwiceError `mongo/unreachable`: what follows would mean nothing */
  async write(deed: DatabaseDeed, { user, session, step }: DeedFacts): Promise<void> {
    const { collection } = deed;
    const { emit } = this.#options;
    try {
      for (const { operation, n } of await written(this.#db(), deed)) {
        emit({ type: 'database.written', user, session, step, operation, collection, n });
      }
    } catch (error) {
      throw new SendtwiceError(
        'mongo/unreachable',
        `Step ${step} of the scenario could not change ${printable(collection, 80)}: ${printable(messageOf(error))}`,
        {
          cause: error,
          hint: 'Compare `collection` and the operation with what the bot has in its database.',
        },
      );
    }
  }

  /** Asks until the database has what is wanted, or `withinMs` has passed; the last answer counts. */
  async probe(deed: ProbeDeed, facts: DeedFacts): Promise<void> {
    const { clock, emit } = this.#options;
    const { user, session, step, chatId } = facts;
    const until = clock.now() + deed.withinMs;
    let answer: Answer;
    for (;;) {
      answer = await this.#ask(deed);
      if (answer.outcome === 'held' || clock.now() >= until || facts.signal.aborted) break;
      await pause(Math.min(ASK_AGAIN_MS, until - clock.now()), clock, facts.signal);
    }
    emit({
      type: 'probe',
      name: deed.name,
      what: deed.what,
      user,
      session,
      ...(deed.what === 'state' && { step }),
      chatId,
      collection: deed.collection,
      wanted: wantedInWords(deed),
      ...answer,
    });
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  async #ask(deed: ProbeDeed): Promise<Answer> {
    try {
      const collection = this.#db().collection(deed.collection);
      const documents = await collection
        .find(deed.filter as Document)
        .limit(mostWanted(deed) + 1)
        .maxTimeMS(WITHIN_MS)
        .toArray();
      return judged(deed, documents);
    } catch (error) {
      return { outcome: 'unknown', found: `no answer (${printable(messageOf(error), LONGEST_VALUE)})` };
    }
  }

  #db(): Db {
    const { uri, database } = this.#options;
    this.#client ??= new MongoClient(uri, {
      serverSelectionTimeoutMS: WITHIN_MS,
      appName: 'sendtwice',
      maxPoolSize: 4,
    });
    return this.#client.db(database);
  }
}

async function written(
  db: Db,
  { collection, insert, update, delete: removal }: DatabaseDeed,
): Promise<{ readonly operation: 'insert' | 'update' | 'delete'; readonly n: number }[]> {
  const documents = db.collection(collection);
  const done: { operation: 'insert' | 'update' | 'delete'; n: number }[] = [];
  if (removal !== undefined) {
    const { deletedCount } = await documents.deleteMany(removal.filter as Document);
    done.push({ operation: 'delete', n: deletedCount });
  }
  if (insert !== undefined && insert.length > 0) {
    // The driver writes an _id into what it inserts, and the scenario is shared by all users.
    const { insertedCount } = await documents.insertMany(insert.map((document) => ({ ...document })));
    done.push({ operation: 'insert', n: insertedCount });
  }
  if (update !== undefined) {
    const { filter, set, upsert } = update;
    const result = await documents.updateMany(filter as Document, { $set: set }, { upsert });
    done.push({ operation: 'update', n: result.matchedCount + result.upsertedCount });
  }
  return done;
}

type Answer = Pick<Probe, 'outcome' | 'found' | 'tooMany' | 'foundText'>;

function judged(deed: ProbeDeed, documents: readonly Document[]): Answer {
  const { min = 0, max = Number.POSITIVE_INFINITY } = deed.count ?? { min: 1 };
  if (documents.length < min || documents.length > max) {
    const isMore = documents.length > mostWanted(deed);
    return {
      outcome: 'broken',
      found: isMore ? `more than ${count(mostWanted(deed))}` : count(documents.length),
      ...(documents.length > max && { tooMany: true }),
    };
  }
  for (const [path, wanted] of Object.entries(deed.fields ?? {})) {
    const value = at(documents[0], path);
    if (isSame(value, wanted)) continue;
    return {
      outcome: 'broken',
      found: `${path} = ${inWords(value)}`,
      ...(typeof value === 'string' && { foundText: value.slice(0, MOST_COUNTED) }),
    };
  }
  return { outcome: 'held', found: count(documents.length) };
}

/** One document more than this is asked for, so that too many can be seen. */
const mostWanted = ({ count: wanted }: ProbeDeed): number =>
  Math.min(MOST_COUNTED, wanted?.max ?? Math.max(1, wanted?.min ?? 1));

function wantedInWords({ count: wanted, fields }: ProbeDeed): string {
  const parts = Object.entries(fields ?? {}).map(([path, value]) => `${path} = ${inWords(value)}`);
  if (wanted === undefined) return parts.length > 0 ? parts.join(', ') : 'a document';
  const { min, max } = wanted;
  const number =
    min === max && min !== undefined
      ? count(min)
      : [
          ...(min === undefined ? [] : [`at least ${min}`]),
          ...(max === undefined ? [] : [`at most ${max}`]),
        ].join(' and ');
  return [number === '' ? 'any number of documents' : number, ...parts].join(', ');
}

const count = (n: number): string => `${n} document${n === 1 ? '' : 's'}`;

const inWords = (value: unknown): string =>
  value === undefined ? 'nothing' : printable(JSON.stringify(value) ?? String(value), LONGEST_VALUE);

/** The value at a path with dots; numbers are places in arrays. */
function at(document: unknown, path: string): unknown {
  let value: unknown = document;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** As YAML can say it: Long, Double and Date compare by what they stand for. */
function isSame(value: unknown, wanted: unknown): boolean {
  if (wanted === null) return value === null || value === undefined;
  return isDeepStrictEqual(plain(value), plain(wanted));
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const { _bsontype: type } = value as { readonly _bsontype?: string };
  if (type === 'Long' || type === 'Double' || type === 'Int32' || type === 'Decimal128') return Number(value);
  if (type !== undefined) return String(value);
  if (value instanceof Date) return value.toISOString();
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
