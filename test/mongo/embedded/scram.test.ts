import { MongoClient } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedMongo, type EmbeddedMongoOptions } from '../../../src/mongo/embedded/embedded-mongo.js';

const credentials = { user: 'bot', password: 'p@ss,w=rd' };

async function serverWith(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const server = await EmbeddedMongo.start(options);
  onTestFinished(() => server.close());
  return server;
}

function ping(uri: string): Promise<unknown> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 2000 });
  onTestFinished(() => client.close());
  return client.db('shop').command({ ping: 1 });
}

test.each(['', '&authMechanism=SCRAM-SHA-256', '&authMechanism=SCRAM-SHA-1', '&authSource=other'])(
  'the user of the server logs in (%s)',
  async (option) => {
    const { uri } = await serverWith({ credentials });
    expect(await ping(uri + option)).toMatchObject({ ok: 1 });
  },
);

test('nobody has to log in', async () => {
  const { port } = await serverWith({ credentials });
  expect(await ping(`mongodb://127.0.0.1:${port}/?directConnection=true`)).toMatchObject({ ok: 1 });
});

test.each([
  ['a wrong password', 'bot', 'wrong'],
  ['another user', 'admin', credentials.password],
])('%s is refused', async (_what, user, password) => {
  const { port } = await serverWith({ credentials });
  const uri = `mongodb://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/?directConnection=true`;
  await expect(ping(uri)).rejects.toMatchObject({ code: 18, message: 'Authentication failed.' });
});

test('a server that knows no user says what to do', async () => {
  const { port } = await serverWith({});
  await expect(ping(`mongodb://bot:secret@127.0.0.1:${port}/?directConnection=true`)).rejects.toThrow(
    'The embedded server of sendtwice asks for no password: leave user and password out of the URI, ' +
      'or start the server with credentials',
  );
});
