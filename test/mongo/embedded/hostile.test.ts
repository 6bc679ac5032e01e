import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Double, deserialize, serialize } from 'bson';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EmbeddedMongo } from '../../../src/mongo/embedded/embedded-mongo.js';
import { FrameSplitter } from '../../../src/mongo/wire/frame-splitter.js';
import { encodeOpMsg, parseOpMsg } from '../../../src/mongo/wire/op-msg.js';

let server: EmbeddedMongo;
let socket: Socket;

beforeAll(async () => {
  server = await EmbeddedMongo.start();
  socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
});

afterAll(async () => {
  socket.destroy();
  await server.close();
});

async function command(body: object): Promise<Record<string, unknown>> {
  const splitter = new FrameSplitter();
  socket.write(encodeOpMsg({ requestId: 1, body: serialize(body) }));
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    const [frame] = splitter.push(chunk);
    if (frame !== undefined) return deserialize(parseOpMsg(frame).body) as Record<string, unknown>;
  }
}

const FILTERS = [
  '$gt',
  '$in',
  '$all',
  '$elemMatch',
  '$mod',
  '$size',
  '$regex',
  '$type',
  '$bitsAllSet',
  '$not',
  '$exists',
  '$nin',
];
const MODIFIERS = [
  '$set',
  '$unset',
  '$inc',
  '$mul',
  '$min',
  '$rename',
  '$push',
  '$addToSet',
  '$pull',
  '$pullAll',
  '$pop',
  '$bit',
  '$currentDate',
];
const EXPRESSIONS = [
  '$add',
  '$concat',
  '$cond',
  '$map',
  '$filter',
  '$reduce',
  '$slice',
  '$substrCP',
  '$dateToString',
  '$convert',
  '$mergeObjects',
  '$arrayElemAt',
  '$round',
  '$pow',
  '$zip',
  '$split',
  '$indexOfCP',
  '$switch',
  '$let',
  '$range',
  '$setField',
  '$trim',
  '$toInt',
  '$arrayToObject',
];

const operand = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(
      0,
      1,
      -1,
      5_000_000_000,
      new Double(Number.NaN),
      new Double(Number.POSITIVE_INFINITY),
      2n ** 63n - 1n,
      null,
      true,
      '',
      'a',
      '$a',
      '$$ROOT',
      'a.b',
      /x/,
      new Date(0),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'a',
        'b',
        '0',
        'input',
        'in',
        'cond',
        'to',
        'date',
        'vars',
        '$each',
        '$slice',
        '$sort',
        ...FILTERS,
        ...EXPRESSIONS,
      ),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value;

const path = fc.constantFrom('a', 'a.b', 'a.0', 'a.$[]', 'a.$', 'b', '_id', 'c');
const pair = (names: readonly string[]) =>
  fc.tuple(fc.constantFrom(...names), operand).map(([name, value]) => ({ [name]: value }));

const hostile = fc.oneof(
  fc.tuple(path, pair(FILTERS)).map(([field, condition]) => ({ find: 'c', filter: { [field]: condition } })),
  operand.map((filter) => ({ find: 'c', filter })),
  operand.map((projection) => ({ find: 'c', projection })),
  operand.map((sort) => ({ find: 'c', sort })),
  fc
    .tuple(fc.constantFrom(...MODIFIERS), path, operand, fc.boolean())
    .map(([modifier, field, value, upsert]) => ({
      update: 'c',
      updates: [{ q: {}, u: { [modifier]: { [field]: value } }, multi: true, upsert }],
    })),
  pair(EXPRESSIONS).map((a) => ({ aggregate: 'c', pipeline: [{ $set: { a } }], cursor: {} })),
  fc
    .tuple(
      fc.constantFrom(
        '$match',
        '$group',
        '$sort',
        '$project',
        '$unwind',
        '$lookup',
        '$facet',
        '$bucket',
        '$replaceWith',
        '$count',
        '$limit',
        '$merge',
      ),
      operand,
    )
    .map(([stage, value]) => ({ aggregate: 'c', pipeline: [{ [stage]: value }], cursor: {} })),
  fc
    .tuple(
      fc.constantFrom(
        'find',
        'insert',
        'update',
        'delete',
        'count',
        'distinct',
        'createIndexes',
        'getMore',
        'bulkWrite',
        'endSessions',
        'listCollections',
        'nothing',
      ),
      operand,
      operand,
    )
    .map(([name, value, more]) => ({
      [name]: value,
      updates: more,
      indexes: more,
      ops: more,
      documents: more,
    })),
);

test('whatever is asked, the answer is an official error or a result, and the connection lives on', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (body) => {
      await command({ delete: 'c', deletes: [{ q: {}, limit: 0 }], $db: 'test' });
      await command({
        insert: 'c',
        documents: [
          { _id: 1, a: [1, 'x', { b: 2 }], b: 'text' },
          { _id: 2, a: 5n, c: null },
        ],
        $db: 'test',
      });
      const answer = await command({ ...body, $db: 'test' });
      const codes = [answer, ...((answer.writeErrors ?? []) as Record<string, unknown>[])].map(
        ({ code }) => code,
      );
      expect(codes).not.toContain(8);
      expect(answer).toHaveProperty('ok');
    }),
    { numRuns: 1500 },
  );
}, 60_000);

test('bytes that are no message end their own connection only', async () => {
  const other = connect(server.port, '127.0.0.1');
  await once(other, 'connect');
  other.write(Buffer.alloc(64, 0xff));
  await once(other, 'close');
  expect(await command({ ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
});

test('an unknown field name and a broken document inside a message are answered', async () => {
  const body = Buffer.from(serialize({ ping: 1, $db: 'admin', text: 'abcdef' }));
  body[body.indexOf('abcdef') - 4] = 99;
  socket.write(encodeOpMsg({ requestId: 1, body }));
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(deserialize(parseOpMsg(chunk).body)).toMatchObject({ ok: 0, code: 22 });
});
