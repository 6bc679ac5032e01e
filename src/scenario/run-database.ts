import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { MongoClient } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { printable } from '../base/untrusted.js';
import { MEMORY_SERVER, startMemoryServer } from '../mongo/memory-server.js';
import type { Stops } from './stops.js';

/** In the embedded server, which holds nothing else. */
const EMBEDDED_NAME = 'bot';
/** The longest name of a database, in bytes. */
const LONGEST_NAME = 63;
const WITHIN_MS = 5000;

/** The server that `--mongo` means; nothing for the embedded one. @throws SendtwiceError `mongo/unreachable` */
export async function openUpstream(mongoUri: string | undefined, stops: Stops): Promise<string | undefined> {
  if (mongoUri !== MEMORY_SERVER) return mongoUri;
  const server = await startMemoryServer();
  stops.add(() => server.stop());
  return server.uri;
}

/**
 * The database that the bot works in: the one that the bot file or the URI names. Without a name it is one of
 * the run's own, called as its folder, and dropped at the end if it was not there at the beginning.
 *
 * @throws SendtwiceError `mongo/unreachable`
 */
export async function openDatabase(
  upstream: string | undefined,
  named: string | undefined,
  folder: string,
  stops: Stops,
): Promise<string> {
  if (named !== undefined) return named;
  if (upstream === undefined) return EMBEDDED_NAME;
  const inUri = new ConnectionString(upstream).pathname.slice(1);
  if (inUri !== '') return decodeURIComponent(inUri);
  const name = databaseOf(basename(folder));
  const isNew = await withClient(upstream, async (client) => {
    const collections = await client.db(name).listCollections({}, { nameOnly: true }).toArray();
    return collections.length === 0;
  });
  if (isNew) {
    stops.add(async () => {
      await withClient(upstream, (client) => client.db(name).dropDatabase());
    });
  }
  return name;
}

/** Of runs that began in the same second only the end of the name differs: it is never cut off. */
export function databaseOf(run: string): string {
  const name = `sendtwice-${run}`.replace(/[^\w-]/g, '-');
  if (name.length <= LONGEST_NAME) return name;
  const end = createHash('sha256').update(run).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - end.length - 1)}-${end}`;
}

async function withClient<T>(uri: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: WITHIN_MS, appName: 'sendtwice' });
  try {
    return await use(client);
  } catch (error) {
    throw new SendtwiceError('mongo/unreachable', `MongoDB: ${printable(messageOf(error))}`, {
      hint: 'Is it up, and may this user list and drop collections? A URI with a database in it is used as it is.',
      cause: error,
    });
  } finally {
    await client.close();
  }
}
