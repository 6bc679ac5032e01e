/** What people say to `test/bots/innocent/chimes.mjs`. */
export const bot = '../../../test/bots/innocent/chimes.yaml';
export const target = '../../../test/bots/innocent/chimes.jsonl';
export const about = 'A clock that strikes three. They are invented.';
export const seed = 'record-chimes';
export const account = { id: 7000000023, username: 'chimes_bot', firstName: 'Chimes' };

export const people = [
  {
    user: { id: 1207, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/clock', 'Ding'],
      ['/clock', 'Ding'],
    ],
  },
  {
    user: { id: 1208, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['hello', 'Send /clock'],
      ['/clock', 'Ding'],
    ],
  },
];
