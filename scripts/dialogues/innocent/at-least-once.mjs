/** What people say to `test/bots/innocent/at-least-once.mjs`. */
export const bot = '../../../test/bots/innocent/at-least-once.yaml';
export const target = '../../../test/bots/innocent/at-least-once.jsonl';
export const about = 'Two people who fill a cart. They are invented.';
export const seed = 'record-at-least-once';
export const account = { id: 7000000025, username: 'at_least_once_bot', firstName: 'At least once' };

export const people = [
  {
    user: { id: 1211, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/start', 'What shall'],
      ['Milk', 'Milk it is'],
      ['Bread', 'Bread it is'],
      ['/cart', 'Milk, Bread'],
    ],
  },
  {
    user: { id: 1212, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/start', 'What shall'],
      ['Tea', 'Tea it is'],
      ['/cart', 'Tea'],
    ],
  },
];
