/** What people say to `test/bots/innocent/greetings.mjs`. */
export const bot = '../../../test/bots/innocent/greetings.yaml';
export const target = '../../../test/bots/innocent/greetings.jsonl';
export const about = 'Two people who look for a room. They are invented.';
export const seed = 'record-greetings';
export const account = { id: 7000000027, username: 'greetings_bot', firstName: 'Greetings' };

export const people = [
  {
    user: { id: 1215, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/start', 'Which room'],
      ['104', 'Room 104'],
      ['/start', 'Which room'],
      ['109', 'Room 109'],
    ],
  },
  {
    user: { id: 1216, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/start', 'Which room'],
      ['112', 'Room 112'],
    ],
  },
];
