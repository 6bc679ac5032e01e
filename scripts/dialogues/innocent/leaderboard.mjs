/** What people say to `test/bots/innocent/leaderboard.mjs`. */
export const bot = '../../../test/bots/innocent/leaderboard.yaml';
export const target = '../../../test/bots/innocent/leaderboard.jsonl';
export const about = 'Three people who jump. They are invented.';
export const seed = 'record-leaderboard';
export const account = { id: 7000000036, username: 'leaderboard_bot', firstName: 'Leaderboard' };

export const people = [
  {
    user: { id: 1234, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/jump', 'fine'],
      ['/best', 'best'],
      ['/jump', 'fine'],
    ],
  },
  {
    user: { id: 1235, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/jump', 'fine'],
      ['/jump', 'fine'],
      ['/best', 'best'],
    ],
  },
  {
    user: { id: 1236, is_bot: false, first_name: 'Aino', language_code: 'fi' },
    acts: [
      ['/best', 'best'],
      ['/jump', 'fine'],
      ['/best', 'best'],
    ],
  },
];
