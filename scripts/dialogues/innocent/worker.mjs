/** What people say to `test/bots/innocent/worker.mjs`. */
export const bot = '../../../test/bots/innocent/worker.yaml';
export const target = '../../../test/bots/innocent/worker.jsonl';
export const about = 'Two people who have words turned round. They are invented.';
export const seed = 'record-worker';
export const account = { id: 7000000035, username: 'worker_bot', firstName: 'Worker' };

export const people = [
  {
    user: { id: 1232, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/start', 'Send me'],
      ['lamp', 'pmal'],
      ['stone', 'enots'],
    ],
  },
  {
    user: { id: 1233, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/start', 'Send me'],
      ['river', 'revir'],
    ],
  },
];
