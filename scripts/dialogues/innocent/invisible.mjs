/** What people say to `test/bots/innocent/invisible.mjs`. */
export const bot = '../../../test/bots/innocent/invisible.yaml';
export const target = '../../../test/bots/innocent/invisible.jsonl';
export const about = 'Two people who say where they live. They are invented.';
export const seed = 'record-invisible';
export const account = { id: 7000000033, username: 'invisible_bot', firstName: 'Invisible' };

export const people = [
  {
    user: { id: 1228, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['hello', 'Where'],
      ['[North]', 'In the North'],
      ['hello', 'Where'],
      ['[North]', 'In the North'],
    ],
  },
  {
    user: { id: 1229, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['hello', 'Where'],
      ['hello', 'Where'],
      ['[South]', 'In the South'],
    ],
  },
];
