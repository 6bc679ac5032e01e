/** What people say to `test/bots/innocent/progress.mjs`. */
export const bot = '../../../test/bots/innocent/progress.yaml';
export const target = '../../../test/bots/innocent/progress.jsonl';
export const about = 'Two people who want a report twice. They are invented.';
export const seed = 'record-progress';
export const account = { id: 7000000022, username: 'progress_bot', firstName: 'Progress' };

export const people = [
  {
    user: { id: 1205, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/report', 'ready'],
      ['/report', 'ready'],
    ],
  },
  {
    user: { id: 1206, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['hello', 'Send /report'],
      ['/report', 'ready'],
    ],
  },
];
