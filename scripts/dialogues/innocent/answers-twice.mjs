/** What people say to `test/bots/innocent/answers-twice.mjs`. */
export const bot = '../../../test/bots/innocent/answers-twice.yaml';
export const target = '../../../test/bots/innocent/answers-twice.jsonl';
export const about = 'Two people and a lamp. They are invented.';
export const seed = 'record-answers-twice';
export const account = { id: 7000000032, username: 'answers_twice_bot', firstName: 'Answers twice' };

export const people = [
  {
    user: { id: 1226, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/lamp', 'The lamp?'],
      ['[On]', 'is on'],
      ['/lamp', 'The lamp?'],
      ['[Off]', 'is off'],
    ],
  },
  {
    user: { id: 1227, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/lamp', 'The lamp?'],
      ['[Off]', 'is off'],
    ],
  },
];
