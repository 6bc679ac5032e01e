import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonBody } from '../../src/telegram/http/json-body.js';
import { stringifyEscaped } from '../../src/telegram/json.js';

function read(json: string): Record<string, string> {
  const params = new Map<string, string>();
  readJsonBody(json, params);
  return Object.fromEntries(params);
}

test('escaped JSON is ASCII and says the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = stringifyEscaped(value);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asserted
      expect(text).toMatch(/^[\u0000-\u007f]*$/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('escapes are lower case, astral letters are surrogate pairs, a slash stays', () => {
  expect(stringifyEscaped('é/ Ѽ 🦔\n')).toBe('"\\u00e9/ \\u047c \\ud83e\\udd94\\n"');
});

test('a JSON body becomes strings: decoded strings, and the JSON text of all else', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      fc.constantFrom(0, 1),
      (object, indent) => {
        const expected = Object.entries(object).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value, null, indent),
        ]);
        const given = JSON.stringify(object, null, indent);
        const got = read(given);
        expect(Object.keys(got).sort()).toEqual(expected.map(([name]) => name as string).sort());
        for (const [name, value] of expected) {
          const text = got[name as string] ?? '';
          const isText = typeof object[name as string] === 'string';
          if (isText) expect(text).toBe(value);
          else expect(JSON.parse(text)).toEqual(JSON.parse(value as string));
        }
      },
    ),
  );
});

test('wherever a body is cut, what is whole before the cut is read', () => {
  const whole = '{"chat_id": 12, "text":"a\\"b\\\\", "reply_markup":{"x":["}"]}, "flag":true}';
  const all = Object.entries(read(whole));
  expect(all).toEqual([
    ['chat_id', '12'],
    ['text', 'a"b\\'],
    ['reply_markup', '{"x":["}"]}'],
    ['flag', 'true'],
  ]);
  for (let end = 0; end < whole.length; end += 1) {
    const part = Object.entries(read(whole.slice(0, end)));
    // A number or literal at the very end may be cut in the middle and still be one.
    const sure = part.filter(([name, value]) => !(name === 'chat_id' && value === '1'));
    expect(all).toEqual(expect.arrayContaining(sure));
  }
});

test.each([
  ['[1]', {}],
  ['', {}],
  ['{"a":1,}', { a: '1' }],
  ['{"a":1 "b":2}', { a: '1' }],
  ['{"a":1,"a":2}', { a: '1' }],
  ['{"a":tru,"b":1}', {}],
  ['{"a":"\\u0041\\uZZ","b":1}', {}],
  ['{"a":12345678901234567890}', { a: '12345678901234567890' }],
  [' { "a" : null } trailing', { a: 'null' }],
])('%s', (json, expected) => {
  expect(read(json)).toEqual(expected);
});
