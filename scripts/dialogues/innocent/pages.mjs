/** What people say to `test/bots/innocent/pages.mjs`. */
export const bot = '../../../test/bots/innocent/pages.yaml';
export const target = '../../../test/bots/innocent/pages.jsonl';
export const about = 'Two people who turn pages. They are invented.';
export const seed = 'record-pages';
export const account = { id: 7000000029, username: 'pages_bot', firstName: 'Pages' };

export const people = [
  {
    user: { id: 1220, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/books', 'Emma'],
      ['[Next]', 'Ulysses'],
      ['[Next]', 'Dune'],
      ['[Back]', 'Ulysses'],
      ['[Next]', 'Dune'],
    ],
  },
  {
    user: { id: 1221, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/books', 'Emma'],
      ['[Next]', 'Ulysses'],
      ['[Back]', 'Emma'],
    ],
  },
];
