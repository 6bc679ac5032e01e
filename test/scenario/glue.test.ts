import { describe, expect, it } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import { glued, gluedLooking, withGlueHint } from '../../src/scenario/glue.js';

describe('two variables without the line break between them', () => {
  it('are one variable, and one that is missing', () => {
    const env = { A: 'abc', B: 'mongodb://x/y', C: '1' };
    expect(glued(env, { first: 'A', second: 'B' })).toEqual({ A: 'abcB=mongodb://x/y', C: '1' });
  });

  it.each([
    ['123:AAfooMONGO_URI=mongodb://x', 'MONGO_URI'],
    ['${telegram.token}LOG_LEVEL=info', 'LOG_LEVEL'],
    ['abcPORT=3000', 'PORT'],
    ['mongodb://u:p@h/db?retryWrites=true&w=majorityAPI_KEY=x', 'API_KEY'],
  ])('are seen in %s', (value, second) => {
    expect(gluedLooking({ MINE: value })).toEqual([{ first: 'MINE', second }]);
  });

  it('are told apart where letters of the value stand before a name that is known', () => {
    const env = { API_KEY: 'XYZDB_URL=mongodb://x', DB_URL: 'mongodb://y' };
    expect(gluedLooking(env)).toEqual([{ first: 'API_KEY', second: 'DB_URL' }]);
  });

  it.each([
    '123456:AAEhBP0av28AAAAAAAAAAAAAAAAAAAAAAAA',
    'mongodb+srv://user:pass@host/db?retryWrites=true&w=majority&appName=BOT',
    'https://example.org/?API_KEY=abc&OTHER_KEY=d',
    '--max-old-space-size=512 --SOME_FLAG=1',
    'LOG_LEVEL=info',
    'a=1,LOG_LEVEL=2;DB_URL=3 PORT_NUMBER=4',
    'QUJDREVGRw==',
    'SGVsbG9XT1JMRA==',
    '',
  ])('are not seen in %s', (value) => {
    expect(gluedLooking({ MINE: value })).toEqual([]);
  });

  it('are named in the hint of a start that failed, which is else as it was', () => {
    const error = new SendtwiceError('bot/not-ready', 'It did not come', { hint: 'Wait.' });
    expect(withGlueHint(error, { A: 'fine' })).toBe(error);
    const better = withGlueHint(error, { TOKEN: 'abcDB_URL=x' });
    expect(better).toMatchObject({ code: 'bot/not-ready', message: 'It did not come', cause: error });
    expect(better.hint).toMatch(/^The value of TOKEN .* DB_URL=.* Wait\.$/);
  });
});
