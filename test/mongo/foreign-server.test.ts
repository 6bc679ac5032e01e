import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explained, failuresOf, SPECS_ARE_MISSING, specCases, specFolder } from './spec-runner.js';

/**
 * Who runs the test cases may be wrong too. Here it runs them against a server that others wrote, FerretDB
 * 1.24 with SQLite behind it: what that server does not refuse passes, but for what is known of it.
 */

const BINARY = join(import.meta.dirname, 'foreign/build/ferretdb');
const folder = specFolder('crud');
const missing = !existsSync(BINARY)
  ? '(skipped: test/mongo/foreign/build.sh, which needs Go, has not been run)'
  : folder === undefined
    ? SPECS_ARE_MISSING
    : '';

/** It says that it lacks something, or takes less than the official server does. */
const REFUSED =
  /not implemented|not supported|no such command|is the wrong type|invalid key|Invalid command format/;
const WRONG_INDEX = 'it numbers the upserts of a command anew';
const DRIVER_ID = 'the driver replaces an _id of null by an ObjectId of its own';
const KNOWN: Readonly<Record<string, string>> = {
  'bulkWrite: BulkWrite with replaceOne operations': WRONG_INDEX,
  'bulkWrite: BulkWrite with updateMany operations': WRONG_INDEX,
  'bulkWrite: BulkWrite with updateOne operations': WRONG_INDEX,
  'create-null-ids: inserting _id with type null via bulkWrite': DRIVER_ID,
  'create-null-ids: inserting _id with type null via insertMany': DRIVER_ID,
  'create-null-ids: inserting _id with type null via insertOne': DRIVER_ID,
  'findOneAndUpdate-errorResponse: findOneAndUpdate DuplicateKey error is accessible':
    'its duplicate key errors have no keyPattern',
};

describe.skipIf(missing !== '')(`the runner of the test cases, on a foreign server ${missing}`, () => {
  const data = mkdtempSync(join(tmpdir(), 'sendtwice-foreign-'));
  let server: ChildProcess;
  let uri: string;

  beforeAll(async () => {
    const port = await freePort();
    uri = `mongodb://127.0.0.1:${port}/?directConnection=true`;
    const flags = ['--handler=sqlite', `--sqlite-url=file:${data}/`, `--listen-addr=127.0.0.1:${port}`];
    server = spawn(BINARY, [...flags, `--state-dir=${data}`, '--debug-addr=-', '--telemetry=disable'], {
      stdio: 'ignore',
    });
    await using client = new MongoClient(uri, { serverSelectionTimeoutMS: 15_000 });
    await client.db('admin').command({ ping: 1 });
  });
  afterAll(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    rmSync(data, { recursive: true, force: true });
  });

  test('what it does not refuse passes', { timeout: 120_000 }, async () => {
    const cases = specCases(folder ?? '', { version: '7.0.0', topology: 'single' });
    const failures = Object.entries(await failuresOf(cases, uri));
    const answered = Object.fromEntries(failures.filter(([, message]) => !REFUSED.test(message)));
    expect(explained(answered, KNOWN)).toEqual(KNOWN);
    expect(cases.length - failures.length).toBe(170);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
