import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalKey, compareValues } from '../../../src/mongo/embedded/bson/compare.js';
import { decode } from '../../../src/mongo/embedded/bson/decode.js';
import { encode } from '../../../src/mongo/embedded/bson/encode.js';
import type { Value } from '../../../src/mongo/embedded/bson/value.js';
import { ServerError } from '../../../src/mongo/embedded/errors.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const driverValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer().map((number) => new Int32(number | 0)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => Long.fromBigInt(number)),
    fc.double().map((number) => new Double(number)),
    fc.integer().map((number) => new Double(number)),
    bytes(16).map((raw) => new Decimal128(raw)),
    fc.date({ noInvalidDate: true }),
    bytes(12).map((raw) => new ObjectId(raw)),
    fc
      .tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(0, 4, 5, 128))
      .map(([raw, type]) => new Binary(raw, type)),
    fc.string().map((text) => new BSONRegExp(text.replaceAll('\0', ''), 'im')),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((number) => new Timestamp(number)),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom(new MinKey(), new MaxKey()),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z0-9._]{0,5}$/), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('BSON', () => {
  test('comes back byte by byte, with all number types', () => {
    fc.assert(
      fc.property(driverValue, (value) => {
        const raw = Buffer.from(serialize({ value }, { ignoreUndefined: false }));
        expect(encode(decode(raw)).toString('hex')).toBe(raw.toString('hex'));
      }),
    );
  });

  test('documents larger than the first buffer come back as well', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), driverValue), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(sizes, (parts) => {
        const parted = parts.map(([length, value]) => ({
          text: 'x'.repeat(length),
          value,
          more: [new Double(1), new Int32(2)],
        }));
        const raw = Buffer.from(serialize({ parted }));
        expect(encode(decode(raw)).equals(raw)).toBe(true);
      }),
    );
  });

  test('keeps the order of keys that look like numbers', () => {
    const raw = encode(
      new Map<string, Value>([
        ['b', 1],
        ['10', 2],
        ['2', 3],
        ['__proto__', 4],
      ]),
    );
    expect([...decode(raw).keys()]).toEqual(['b', '10', '2', '__proto__']);
  });

  test('damaged documents fail with a ServerError only', () => {
    const raw = encode(
      new Map<string, Value>([
        ['a', 'text'],
        ['b', [1, 2n, new Map()]],
        ['c', new ObjectId()],
      ]),
    );
    const damage = fc.array(fc.tuple(fc.nat(raw.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Buffer.from(raw);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          expect(decode(damaged)).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toBeInstanceOf(ServerError);
        }
      }),
    );
  });
});

describe('the order of values', () => {
  test('follows the types, and numbers are compared across theirs', () => {
    const ascending: Value[] = [
      new MinKey(),
      null,
      new Double(Number.NaN),
      new Double(Number.NEGATIVE_INFINITY),
      -5n,
      new Double(-0.5),
      0,
      Decimal128.fromString('0.1'),
      new Double(0.1),
      1,
      2n ** 53n,
      2n ** 53n + 1n,
      Decimal128.fromString('1E+40'),
      new Double(Number.POSITIVE_INFINITY),
      '',
      'a',
      'a\ud83d\ude00',
      'b',
      '\uffee',
      '\ud83d\ude00',
      new Map(),
      new Map([['a', 1]]),
      new Map<string, Value>([
        ['a', 1],
        ['b', 0],
      ]),
      new Map([['b', 0]]),
      new Map([['a', 'x']]),
      [],
      [1],
      [1, 2],
      [2],
      new Binary(Buffer.from('b')),
      new Binary(Buffer.from('aa')),
      new ObjectId('000000000000000000000001'),
      false,
      true,
      new Date(0),
      new Date(1),
      new Timestamp({ t: 1, i: 1 }),
      new Timestamp({ t: 1, i: 2 }),
      new BSONRegExp('a', ''),
      new MaxKey(),
    ];
    for (const [at, a] of ascending.entries()) {
      for (const [other, b] of ascending.entries()) {
        expect([at, other, Math.sign(compareValues(a, b))]).toEqual([at, other, Math.sign(at - other)]);
      }
    }
  });

  test('equal values have equal keys, whatever their number type', () => {
    const five: Value[] = [
      5,
      5n,
      new Double(5),
      Decimal128.fromString('5.00'),
      Decimal128.fromString('0.5E1'),
    ];
    expect(new Set(five.map((value) => canonicalKey(value))).size).toBe(1);
    expect(canonicalKey(new Double(-0))).toBe(canonicalKey(0));
    expect(canonicalKey(Decimal128.fromString('0.5'))).toBe(canonicalKey(new Double(0.5)));
    expect(canonicalKey(Decimal128.fromString('0.1'))).not.toBe(canonicalKey(new Double(0.1)));
  });

  test('two values have equal keys exactly when they are equal', () => {
    const values = fc
      .tuple(driverValue, driverValue)
      .map((pair) => pair.map((value) => decode(Buffer.from(serialize({ value }))).get('value')));
    fc.assert(
      fc.property(values, ([a, b]) => {
        expect(canonicalKey(a) === canonicalKey(b)).toBe(compareValues(a, b) === 0);
        expect(Math.sign(compareValues(a, b))).toBe(-Math.sign(compareValues(b, a)) + 0);
      }),
    );
  });
});
