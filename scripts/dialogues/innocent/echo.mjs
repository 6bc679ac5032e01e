/** What people say to `test/bots/innocent/echo.mjs`. */
export const bot = '../../../test/bots/innocent/echo.yaml';
export const target = '../../../test/bots/innocent/echo.jsonl';
export const about = 'Two people and an echo. They are invented.';
export const seed = 'record-echo';
export const account = { id: 7000000030, username: 'echo_bot', firstName: 'Echo' };

export const people = [
  {
    user: { id: 1222, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['hello', 'hello'],
      ['hello', 'hello'],
      ['is there somebody?', 'somebody'],
    ],
  },
  {
    user: { id: 1223, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['hey', 'hey'],
      ['hey', 'hey'],
      ['hey', 'hey'],
    ],
  },
];
