/** What people say to `test/bots/innocent/counter.mjs`. */
export const bot = '../../../test/bots/innocent/counter.yaml';
export const target = '../../../test/bots/innocent/counter.jsonl';
export const about = 'Two people who earn points. They are invented.';
export const seed = 'record-counter';
export const account = { id: 7000000031, username: 'counter_bot', firstName: 'Counter' };

export const people = [
  {
    user: { id: 1224, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['hello', 'Earn'],
      ['[Earn]', '1 points'],
      ['again', 'Earn'],
      ['[Earn]', '2 points'],
      ['again', 'Earn'],
      ['[Earn]', '3 points'],
    ],
  },
  {
    user: { id: 1225, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['hello', 'Earn'],
      ['[Earn]', '1 points'],
      ['again', 'Earn'],
    ],
  },
];
