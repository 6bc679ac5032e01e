import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerReader } from '../../../src/telegram/updates/answer-reader.js';
import type { Answer } from '../../../src/telegram/updates/transport.js';
import { http } from './live-rig.js';

function read(...pieces: readonly (string | Buffer)[]): Answer[] {
  const reader = new AnswerReader();
  const answers: Answer[] = [];
  for (const piece of pieces) {
    reader.push(Buffer.from(piece));
    for (let next = reader.next(); next !== undefined; next = reader.next()) answers.push(next);
  }
  return answers;
}

const one = (text: string): Answer | undefined => read(text)[0];
const JSON_TYPE = { 'Content-Type': 'application/json' };

test('reads the parts of an answer', () => {
  expect(one(http('404 Not  Found', { 'RETRY-after': ' 12 ', ...JSON_TYPE }, '{}'))).toEqual({
    status: 404,
    reason: 'Not  Found',
    keepAlive: true,
    retryAfterS: 12,
    contentType: 'application/json',
    body: Buffer.from('{}'),
  });
});

test.each([
  ['HTTP/1.1 200 OK\r\n\r\n', true],
  ['HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n', false],
  ['HTTP/1.0 200 OK\r\n\r\n', false],
  ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n', true],
])('keep-alive of %j is %s', (text, keepAlive) => {
  expect(one(text)?.keepAlive).toBe(keepAlive);
});

test.each(['Wed, 21 Oct 2026 07:28:00 GMT', '1.5', '+5', '-3', ''])(
  'item 68: Retry-After %j counts as absent',
  (value) => {
    expect(one(http('503 Busy', { 'Retry-After': value }))?.retryAfterS).toBe(0);
  },
);

test('a reason may be missing', () => {
  expect(one('HTTP/1.1 200\r\n\r\n')).toMatchObject({ status: 200, reason: '' });
});

test('a body without a length is the beginning of the next answer', () => {
  const reader = new AnswerReader();
  reader.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"method":"x"}\r\n\r\n'));
  expect(reader.next()).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  expect(() => reader.next()).toThrow('Not Implemented');
});

test.each([
  ['HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'Bad Request'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'Bad Request: invalid chunk size'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n', 'Bad Request: invalid chunk'],
  [
    `HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 40}\r\n\r\n`,
    'Request Entity Too Large: content length is 1099511627776',
  ],
  [
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(300_000)}`,
    'Request Header Fields Too Large: total headers size exceeded',
  ],
])('refuses %#', (text, message) => {
  expect(() => one(text)).toThrow(message);
});

test('bodies that hold no arguments are counted, not kept', () => {
  expect(one(http('200 OK', { 'Content-Type': 'text/html' }, 'x'.repeat(2_000_000)))?.body).toHaveLength(0);
});

test('it does not matter how the bytes are cut', () => {
  const chunked =
    'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n' +
    '3;ext=1\r\n{"a\r\nA\r\n":"bcdefgh\r\n2\r\n"}\r\n0\r\nTrailer: x\r\n\r\n';
  const stream = `${http('200 OK', JSON_TYPE, '{"x":1}')}${chunked}${http('204 No Content')}`;
  const whole = read(stream);
  expect(whole.map(({ status, body }) => [status, body.toString()])).toEqual([
    [200, '{"x":1}'],
    [201, '{"a":"bcdefgh"}'],
    [204, ''],
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const pieces = places.slice(1).map((end, index) => stream.slice(places[index], end));
      expect(read(...pieces)).toEqual(whole);
    }),
  );
});
