import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EJSON } from 'bson';
import { MongoClient } from 'mongodb';
import { Entities } from './spec/entities.js';
import type { Operation, Requirement, SpecFile, SpecTest } from './spec/format.js';
import { match } from './spec/matching.js';
import { runOperation } from './spec/operations.js';

/**
 * Runs test cases of the unified format of the MongoDB drivers' specifications against a server. Events
 * that drivers publish are not looked at: they test the driver.
 */

/** What the server under test pretends to be. */
export interface Pretended {
  readonly version: string;
  readonly topology: 'single' | 'replicaset';
}

export interface SpecCase {
  /** `file: description` */
  readonly name: string;
  /** `internal` prepares the data and looks at the outcome; the case makes clients of its own. */
  run(uri: string, internal: MongoClient): Promise<void>;
}

/** Said in the name of a test that is skipped because the test cases are not there. */
export const SPECS_ARE_MISSING =
  '(skipped: neither SENDTWICE_MONGODB_SPECS nor ../shared/mongodb-spec-tests is there)';

/** The folder with the test cases; they are no part of the project. */
export function specFolder(suite: string): string | undefined {
  const root =
    process.env.SENDTWICE_MONGODB_SPECS ?? resolve(import.meta.dirname, '../../../shared/mongodb-spec-tests');
  const folder = join(root, suite);
  return existsSync(folder) ? folder : undefined;
}

/** All cases of a suite that apply to such a server. */
export function specCases(folder: string, pretended: Pretended): SpecCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const file = EJSON.parse(readFileSync(join(folder, name), 'utf8'), { relaxed: true }) as SpecFile;
      if (!applies(file.runOnRequirements, pretended)) return [];
      return file.tests
        .filter((test) => test.skipReason === undefined && applies(test.runOnRequirements, pretended))
        .map((test) => ({
          name: `${name.replace('.json', '')}: ${test.description}`,
          run: (uri: string, internal: MongoClient) => runCase(file, test, uri, internal),
        }));
    });
}

/** Runs cases one after the other. Returns what went wrong with those that failed, by their names. */
export async function failuresOf(
  cases: readonly SpecCase[],
  uri: string,
  preparing = uri,
): Promise<Record<string, string>> {
  const internal = new MongoClient(preparing);
  const failures: Record<string, string> = {};
  for (const { name, run } of cases) {
    try {
      await run(uri, internal);
    } catch (error) {
      failures[name] = error instanceof Error ? error.message : String(error);
    }
  }
  await internal.close();
  return failures;
}

/** The reasons of known failures in the place of their messages, so that the two lists can be compared. */
export function explained(
  failures: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(failures).map(([name, message]) => [name, known[name] ?? `new: ${message}`]),
  );
}

function applies(
  requirements: readonly Requirement[] | undefined,
  { version, topology }: Pretended,
): boolean {
  if (requirements === undefined) return true;
  return requirements.some(
    ({ minServerVersion, maxServerVersion, topologies, auth, serverParameters }) =>
      (minServerVersion === undefined || compareVersions(version, minServerVersion) >= 0) &&
      (maxServerVersion === undefined || compareVersions(version, maxServerVersion) <= 0) &&
      (topologies === undefined || topologies.includes(topology)) &&
      auth !== true &&
      serverParameters === undefined,
  );
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A test that hangs is a failed one. */
const CASE_LIMIT_MS = 8000;

async function runCase(file: SpecFile, test: SpecTest, uri: string, internal: MongoClient): Promise<void> {
  const entities = new Entities(uri);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done after ${CASE_LIMIT_MS} ms`)), CASE_LIMIT_MS);
  });
  try {
    await prepare(file, internal);
    try {
      await Promise.race([steps(file, test, entities, internal), late]);
    } finally {
      await cleanUp(test, internal);
    }
    await compareOutcome(test, entities, internal);
  } finally {
    clearTimeout(timer);
    await entities.close();
  }
}

async function prepare(file: SpecFile, internal: MongoClient): Promise<void> {
  for (const { databaseName, collectionName, documents } of file.initialData ?? []) {
    const database = internal.db(databaseName);
    await database.dropCollection(collectionName);
    if (documents.length > 0)
      await database.collection(collectionName).insertMany(documents.map((item) => ({ ...item })));
    else await database.createCollection(collectionName);
  }
}

async function steps(
  file: SpecFile,
  test: SpecTest,
  entities: Entities,
  internal: MongoClient,
): Promise<void> {
  for (const entity of file.createEntities ?? []) entities.create(entity);
  for (const operation of test.operations) await runOperation(operation, entities, internal);
}

/** Switches fail points off and ends transactions that the test has left open. */
async function cleanUp({ operations }: SpecTest, internal: MongoClient): Promise<void> {
  const admin = internal.db('admin');
  for (const { configureFailPoint } of operations.flatMap(failPointIn))
    await admin.command({ configureFailPoint, mode: 'off' });
  if (operations.some((operation) => operation.name === 'startTransaction'))
    await admin.command({ killAllSessions: [] });
}

function failPointIn({ arguments: given }: Operation): { readonly configureFailPoint: string }[] {
  const failPoint = given?.failPoint as { readonly configureFailPoint: string } | undefined;
  return failPoint === undefined ? [] : [failPoint];
}

async function compareOutcome(test: SpecTest, entities: Entities, internal: MongoClient): Promise<void> {
  for (const { databaseName, collectionName, documents } of test.outcome ?? []) {
    const collection = internal.db(databaseName).collection(collectionName);
    const found = await collection.find().sort({ _id: 1 }).toArray();
    match(documents, found, entities, 'outcome', false);
  }
}
