import { isDeepStrictEqual } from 'node:util';
import { ClientSession, type Db, GridFSBucket, MongoClient } from 'mongodb';
import type { EntitySpec, Fields } from './format.js';

/** The clients, databases, collections, sessions and results of one test, by their names. */
export class Entities {
  readonly #uri: string;
  readonly #byName = new Map<string, unknown>();
  /** The session ids of the last two commands of each client. */
  readonly #lastLsids = new Map<string, unknown[]>();

  constructor(uri: string) {
    this.#uri = uri;
  }

  get(name: string): unknown {
    return this.#byName.get(name);
  }

  set(name: string, entity: unknown): void {
    this.#byName.set(name, entity);
  }

  session(name: unknown): ClientSession {
    const session = this.#byName.get(String(name));
    if (!(session instanceof ClientSession)) throw new Error(`There is no session ${String(name)}`);
    return session;
  }

  haveLastCommandsTheSameLsid(client: unknown): boolean {
    const [first, second] = this.#lastLsids.get(String(client)) ?? [];
    if (first === undefined || second === undefined) throw new Error('There were no two commands');
    return isDeepStrictEqual(first, second);
  }

  create(entity: EntitySpec): void {
    const [[kind, spec] = ['', {}]] = Object.entries(entity);
    this.#byName.set(String(spec.id), this.#made(kind, spec));
  }

  async close(): Promise<void> {
    for (const entity of this.#byName.values()) if (entity instanceof MongoClient) await entity.close(true);
  }

  #made(kind: string, spec: Fields): unknown {
    switch (kind) {
      case 'client':
        return this.#client(spec);
      case 'database': {
        const client = this.#byName.get(String(spec.client)) as MongoClient;
        return client.db(String(spec.databaseName), spec.databaseOptions as never);
      }
      case 'collection': {
        const database = this.#byName.get(String(spec.database)) as Db;
        return database.collection(String(spec.collectionName), spec.collectionOptions as never);
      }
      case 'bucket':
        return new GridFSBucket(this.#byName.get(String(spec.database)) as Db);
      case 'session': {
        const client = this.#byName.get(String(spec.client)) as MongoClient;
        return client.startSession(spec.sessionOptions as never);
      }
      default:
        throw new Error(`The runner does not know the entity ${kind}`);
    }
  }

  #client(spec: Fields): MongoClient {
    const options = Object.entries((spec.uriOptions ?? {}) as Fields).map(
      ([name, value]) => `&${name}=${String(value)}`,
    );
    const client = new MongoClient(this.#uri + options.join(''), {
      monitorCommands: true,
      serverSelectionTimeoutMS: 3000,
      // After a lost connection drivers wait this long before they look for the server again: 500 ms else.
      ...({ minHeartbeatFrequencyMS: 10 } as object),
    });
    const lsids: unknown[] = [];
    client.on('commandStarted', ({ command }) => {
      lsids.push((command as { lsid?: unknown }).lsid);
      if (lsids.length > 2) lsids.shift();
    });
    this.#lastLsids.set(String(spec.id), lsids);
    return client;
  }
}
