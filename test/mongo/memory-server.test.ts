import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMemoryServer } from '../../src/mongo/memory-server.js';

/** The package itself needs a mongod, which it downloads; a stand-in beside a bot shows what we ask of it. */
const STAND_IN = `
exports.MongoMemoryReplSet = {
  async create(options) {
    if (process.env.STAND_IN_FAILS) throw new Error('Could not find a mongod binary');
    globalThis.standIn = { options, stopped: false };
    return {
      getUri: () => 'mongodb://127.0.0.1:27777/?replicaSet=testset',
      stop: async () => { globalThis.standIn.stopped = true; return true; },
    };
  },
};
`;

describe('--mongo memory-server', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-memory-server-'));
  });
  afterEach(() => {
    delete process.env.STAND_IN_FAILS;
    rmSync(folder, { recursive: true });
  });

  function install(): void {
    const place = join(folder, 'node_modules/mongodb-memory-server-core');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), '{"name":"mongodb-memory-server-core","main":"index.js"}');
    writeFileSync(join(place, 'index.js'), STAND_IN);
  }

  it('starts a replica set with one member, and stops it', async () => {
    install();
    const server = await startMemoryServer(folder);
    expect(server.uri).toBe('mongodb://127.0.0.1:27777/?replicaSet=testset');
    await server.stop();
    expect(Reflect.get(globalThis, 'standIn')).toEqual({
      options: { replSet: { count: 1, ip: '127.0.0.1' } },
      stopped: true,
    });
  });

  it('says what is missing when the package is not installed', async () => {
    await expect(startMemoryServer(folder)).rejects.toMatchObject({
      code: 'usage/bad-argument',
      message: '--mongo memory-server needs the package mongodb-memory-server-core',
    });
  });

  it('says why the package could not start its server', async () => {
    install();
    process.env.STAND_IN_FAILS = '1';
    await expect(startMemoryServer(folder)).rejects.toMatchObject({
      code: 'mongo/unreachable',
      message: 'mongodb-memory-server-core could not start its MongoDB: Could not find a mongod binary',
    });
  });
});
