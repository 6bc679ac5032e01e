import { Long, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { chatId, userId } from '../../src/base/ids.js';
import { freePort } from '../../src/bot/free-port.js';
import { DatabaseSide } from '../../src/deeds/database.js';
import type { EventBody } from '../../src/history/events.js';
import { EmbeddedMongo } from '../../src/mongo/embedded/embedded-mongo.js';
import type { DeedFacts, ProbeDeed } from '../../src/replay/deed.js';

let server: EmbeddedMongo;
let client: MongoClient;
let side: DatabaseSide;
const events: EventBody[] = [];
const clock = new RealClock();
const emit = (event: EventBody): void => void events.push(event);

beforeAll(async () => {
  server = await EmbeddedMongo.start({ topology: 'replicaSet' });
  client = new MongoClient(server.uri);
  side = new DatabaseSide({ uri: server.uri, database: 'bot', clock, emit });
});

beforeEach(async () => {
  events.length = 0;
  await client.db('bot').dropDatabase();
});

afterAll(async () => {
  await side.close();
  await client.close();
  await server.close();
});

const orders = () => client.db('bot').collection('orders');

const facts = (): DeedFacts => ({
  user: 'u1',
  session: 's1',
  step: 4,
  chatId: chatId(5),
  userId: userId(5),
  signal: new AbortController().signal,
});

const probe = (over: Partial<ProbeDeed>): ProbeDeed => ({
  do: 'probe',
  name: 'one order',
  what: 'state',
  collection: 'orders',
  filter: { user: 5 },
  withinMs: 0,
  ...over,
});

async function answerTo(over: Partial<ProbeDeed>): Promise<EventBody | undefined> {
  await side.probe(probe(over), facts());
  return events.at(-1);
}

describe('a probe of the database', () => {
  it('counts documents, and says when there are too many', async () => {
    const one = { count: { min: 1, max: 1 } };
    expect(await answerTo(one)).toMatchObject({
      type: 'probe',
      step: 4,
      outcome: 'broken',
      wanted: '1 document',
      found: '0 documents',
    });
    await orders().insertOne({ user: 5 });
    expect(await answerTo(one)).toMatchObject({ outcome: 'held', found: '1 document' });
    await orders().insertMany([{ user: 5 }, { user: 5 }, { user: 6 }]);
    expect(await answerTo(one)).toMatchObject({
      outcome: 'broken',
      found: 'more than 1 document',
      tooMany: true,
    });
    expect(await answerTo({ count: { max: 5 } })).toMatchObject({ outcome: 'held', wanted: 'at most 5' });
    expect(await answerTo({ count: { min: 4 } })).toMatchObject({ outcome: 'broken', found: '3 documents' });
    expect(events.at(-1)).not.toHaveProperty('tooMany');
  });

  it('compares fields by what they stand for', async () => {
    await orders().insertOne({
      user: Long.fromNumber(5),
      state: 'confirm',
      address: { city: 'Main Street 5' },
      n: Long.fromString('12345678901'),
    });
    expect(
      await answerTo({ fields: { state: 'confirm', n: 12345678901, 'address.zip': null } }),
    ).toMatchObject({
      outcome: 'held',
    });
    expect(await answerTo({ fields: { 'address.city': 'Berlin' } })).toMatchObject({
      outcome: 'broken',
      wanted: 'address.city = "Berlin"',
      found: 'address.city = "Main Street 5"',
      foundText: 'Main Street 5',
    });
    expect(await answerTo({ fields: { nothing: 1 } })).toMatchObject({ found: 'nothing = nothing' });
  });

  it('waits for a bot that stores after it has answered', async () => {
    setTimeout(() => void orders().insertOne({ user: 5 }), 120);
    expect(await answerTo({ withinMs: 5_000 })).toMatchObject({ outcome: 'held' });
  });

  it('knows nothing when there is nobody to ask', async () => {
    const gone = new DatabaseSide({
      uri: `mongodb://127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=100`,
      database: 'bot',
      clock,
      emit,
    });
    await gone.probe(probe({}), facts());
    expect(events.at(-1)).toMatchObject({
      outcome: 'unknown',
      found: expect.stringContaining('ECONNREFUSED'),
    });
    await gone.close();
  });
});

describe('a change of the database', () => {
  it('inserts for one user after the other, updates and deletes', async () => {
    const insert = { do: 'mongo', collection: 'orders', insert: [{ user: 5, state: 'stuck' }] } as const;
    await side.write(insert, facts());
    await side.write(insert, facts());
    const set = { filter: { user: 5 }, set: { state: 'new' }, upsert: false };
    await side.write({ do: 'mongo', collection: 'orders', update: set }, facts());
    expect(await orders().countDocuments({ state: 'new' })).toBe(2);
    await side.write({ do: 'mongo', collection: 'orders', delete: { filter: {} } }, facts());
    expect(
      events.map((event) => (event.type === 'database.written' ? [event.operation, event.n] : event)),
    ).toEqual([
      ['insert', 1],
      ['insert', 1],
      ['update', 2],
      ['delete', 2],
    ]);
  });

  it('says what was wrong with it', async () => {
    const update = { filter: { $bad: 1 }, set: { a: 1 }, upsert: false };
    await expect(side.write({ do: 'mongo', collection: 'orders', update }, facts())).rejects.toMatchObject({
      code: 'mongo/unreachable',
      message: expect.stringMatching(/^Step 4 of the scenario could not change orders: .*\$bad/),
    });
  });
});
