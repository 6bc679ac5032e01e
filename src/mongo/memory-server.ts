import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { printable } from '../base/untrusted.js';

/** In the place of a MongoDB URI: a real mongod, which mongodb-memory-server-core starts for this run. */
export const MEMORY_SERVER = 'memory-server';

const PACKAGE = 'mongodb-memory-server-core';

/** What we use of that package, a CommonJS module, from version 9 on. */
interface MemoryServerPackage {
  readonly MongoMemoryReplSet: {
    create(options: { replSet: { count: number; ip: string } }): Promise<{
      getUri(): string;
      stop(): Promise<unknown>;
    }>;
  };
}

export interface MemoryServer {
  readonly uri: string;
  stop(): Promise<void>;
}

/**
 * Starts a replica set with one member, which is gone with its data when it is stopped. The package finds mongod as
 * its own settings say (`MONGOMS_SYSTEM_BINARY`); it may download one.
 *
 * @param folder where the package is looked for if sendtwice itself has none beside it
 * @throws SendtwiceError `usage/bad-argument` when the package is not installed; `mongo/unreachable` when its
 *   server does not start
 */
export async function startMemoryServer(folder = process.cwd()): Promise<MemoryServer> {
  const { MongoMemoryReplSet } = await load(folder);
  try {
    const server = await MongoMemoryReplSet.create({ replSet: { count: 1, ip: '127.0.0.1' } });
    return {
      uri: server.getUri(),
      stop: async () => {
        await server.stop();
      },
    };
  } catch (error) {
    throw new SendtwiceError(
      'mongo/unreachable',
      `mongodb-memory-server-core could not start its MongoDB: ${printable(messageOf(error))}`,
      { hint: 'Does it find a mongod? MONGOMS_SYSTEM_BINARY names one that is installed.', cause: error },
    );
  }
}

async function load(folder: string): Promise<MemoryServerPackage> {
  // Beside sendtwice, else beside the bot.
  const path = resolved(import.meta.url) ?? resolved(pathToFileURL(join(folder, 'package.json')).href);
  if (path === undefined) {
    throw new SendtwiceError('usage/bad-argument', `--mongo memory-server needs the package ${PACKAGE}`, {
      hint: `npm install --save-dev ${PACKAGE}, or leave --mongo out: the embedded MongoDB needs no package.`,
    });
  }
  const { default: loaded } = (await import(pathToFileURL(path).href)) as { default: MemoryServerPackage };
  return loaded;
}

/** Where the package lies, as a module at `place` would find it. */
function resolved(place: string): string | undefined {
  try {
    return createRequire(place).resolve(PACKAGE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
