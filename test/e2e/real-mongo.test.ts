import { basename } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedMongo } from '../../src/mongo/embedded/embedded-mongo.js';
import { ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

describe('--mongo', () => {
  let place: Workplace;
  let database: EmbeddedMongo;
  beforeEach(async () => {
    place = new Workplace();
    // Stands for a MongoDB of the user's own: a server that the run neither starts nor ends.
    database = await EmbeddedMongo.start({});
  });
  afterEach(async () => {
    await database.close();
    place.remove();
  });

  it('puts the fault proxy before a server that runs, and leaves that server alone', async () => {
    place.write('hello.jsonl', `${HELLO.join('\n')}\n`);
    place.write(
      'hello.yaml',
      `scenario: hello
play: { recording: hello.jsonl, users: 2, think: 20ms, settle: 300ms }
faults:
  - { name: slow, on: mongo, match: { commands: [insert], database: shop, collection: notes }, delay: 150ms }
`,
    );
    place.write(
      'bot.yaml',
      `command: node ${ROOT}/test/bots/small/remember.mjs
env: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}", MONGO_URI: "\${mongo.uri}" }
mongo: { database: shop }
`,
    );
    const outcome = await place.sendtwice('run', 'hello.yaml', '--bot', 'bot.yaml', '--mongo', database.uri);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });

    const inserts = (await place.history()).filter(
      (event) => event.type === 'command.ended' && event.name === 'insert',
    );
    expect(inserts).toHaveLength(4);
    for (const insert of inserts)
      expect(insert).toMatchObject({ outcome: 'ok', n: 1, fault: 'slow', addedMs: 150 });

    const client = await MongoClient.connect(database.uri);
    const kept = await client.db('shop').collection('notes').find().toArray();
    await client.close();
    expect(kept.map(({ text }) => text).sort()).toEqual(['again', 'again', 'hello', 'hello']);
  });

  it('works in a database of the run when none is named, and drops that one alone', async () => {
    place.write('hello.jsonl', `${HELLO.join('\n')}\n`);
    place.write(
      'hello.yaml',
      'scenario: hello\nplay: { recording: hello.jsonl, users: 1, think: 20ms, settle: 300ms }\n',
    );
    place.write(
      'bot.yaml',
      `command: node ${ROOT}/test/bots/small/remember.mjs
env: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}", MONGO_URI: "\${mongo.uri}" }
`,
    );
    const client = await MongoClient.connect(database.uri);
    await client.db('precious').collection('things').insertOne({ keep: true });
    const outcome = await place.sendtwice('run', 'hello.yaml', '--bot', 'bot.yaml', '--mongo', database.uri);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });

    const used = new Set(
      (await place.history()).flatMap((event) =>
        event.type === 'command.started' && event.name === 'insert' ? [event.database] : [],
      ),
    );
    const [run = ''] = place.runs();
    expect([...used]).toEqual([`sendtwice-${basename(run)}`]);
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    await client.close();
    expect(databases).toEqual([{ name: 'precious' }]);
  });
});
