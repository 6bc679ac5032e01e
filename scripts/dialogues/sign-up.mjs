/** The dialogue of `test/bots/sign-up.jsonl`: three people sign up for a course. */
export const bot = '../../test/bots/node-telegram-bot-api/webhook.yaml';
export const target = '../../test/bots/sign-up.jsonl';
export const about = 'Three sign-ups for a course. The people are invented.';
export const seed = 'record-sign-up';
export const account = { id: 7000000002, username: 'evening_school_bot', firstName: 'Evening school' };

/** Bots may or may not answer a text where a button is wanted: `remark` is what this one says. */
export const peopleWhoHear = (remark) => [
  {
    user: { id: 1011, is_bot: false, first_name: 'Ines', language_code: 'en' },
    acts: [
      ['/start', 'What is your name?'],
      ['Ines Vale', 'How old are you?'],
      ['34', 'Which course'],
      ['[Pottery]', 'you are signed up for pottery'],
    ],
  },
  {
    user: { id: 1012, is_bot: false, first_name: 'Tomas', language_code: 'cs' },
    acts: [
      ['/start', 'What is your name?'],
      ['Tomas Lund', 'How old are you?'],
      ['old enough', 'Please send your age as a number.'],
      ['41', 'Which course'],
      ['[Sailing]', 'you are signed up for sailing'],
    ],
  },
  {
    user: { id: 1013, is_bot: false, first_name: 'Wanda', language_code: 'pl' },
    acts: [
      ['/start', 'What is your name?'],
      ['Wanda Brook', 'How old are you?'],
      ['27', 'Which course'],
      ['the one with boats', remark],
      ['[Sailing]', 'you are signed up for sailing'],
    ],
  },
];

export const people = peopleWhoHear('Please use the buttons.');
