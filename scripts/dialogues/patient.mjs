/** What people say to `test/bots/innocent/patient.mjs`, which takes its time. */
export const bot = '../../test/bots/innocent/patient.yaml';
export const target = '../../test/bots/innocent/patient.jsonl';
export const about = 'Two people book a table. They are invented.';
export const seed = 'record-patient';
export const account = { id: 7000000004, username: 'table_bot', firstName: 'Tables' };

export const people = [
  {
    user: { id: 1031, is_bot: false, first_name: 'Rosa', language_code: 'en' },
    acts: [
      ['/start', 'Who is calling?'],
      ['Rosa', 'Which table?'],
      ['By the window', 'It is yours'],
    ],
  },
  {
    user: { id: 1032, is_bot: false, first_name: 'Karl', language_code: 'en' },
    acts: [
      ['/start', 'Who is calling?'],
      ['Karl', 'Which table?'],
      ['Near the door', 'It is yours'],
    ],
  },
];
