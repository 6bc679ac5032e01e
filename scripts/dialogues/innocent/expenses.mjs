/** What people say to `test/bots/innocent/expenses.mjs`, without waiting for their reports. */
export const bot = '../../../test/bots/innocent/expenses.yaml';
export const target = '../../../test/bots/innocent/expenses.jsonl';
export const about = 'Two people and what they spent. They are invented.';
export const seed = 'record-expenses';
export const account = { id: 7000000037, username: 'expenses_bot', firstName: 'Expenses' };

export const people = [
  {
    user: { id: 1241, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/start', 'Tell me'],
      ['12 coffee', 'Noted'],
      ['/report', 'I am putting', 100],
      ['30 books', 'Noted', 100],
      ['8 stamps', 'Your report is ready', 100],
      ['4 apples', 'Noted'],
    ],
  },
  {
    user: { id: 1242, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/start', 'Tell me'],
      ['55 shoes', 'Noted'],
      ['/report', 'I am putting', 100],
      ['3 tea', 'Your report is ready', 100],
    ],
  },
];
