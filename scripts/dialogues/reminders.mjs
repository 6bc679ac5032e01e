/**
 * The dialogue of `test/bots/python-telegram-bot/reminders.jsonl`: two people want to be reminded. Begin without
 * the file in which the bot keeps what it knows (`reminders.pickle`).
 */
export const bot = '../../test/bots/python-telegram-bot/reminders-webhook.yaml';
export const target = '../../test/bots/python-telegram-bot/reminders.jsonl';
export const about = 'Two people and their reminders. They are invented.';
export const seed = 'record-reminders';
export const account = { id: 7000000005, username: 'reminding_bot', firstName: 'Reminders' };

export const people = [
  {
    user: { id: 1051, is_bot: false, first_name: 'Ida', language_code: 'en' },
    acts: [
      ['/list', 'You have no reminders.'],
      ['/start', 'What shall I remind you of?'],
      ['the tulips', 'When shall I remind you'],
      ['[In a second]', 'It is time: the tulips'],
      ['/list', 'the tulips'],
    ],
  },
  {
    user: { id: 1052, is_bot: false, first_name: 'Jon', language_code: 'is' },
    acts: [
      ['/start', 'What shall I remind you of?'],
      ['my keys', 'When shall I remind you'],
      ['[Never mind]', 'Forgotten.'],
      ['/start', 'What shall I remind you of?'],
      ['a <b> in a text', 'When shall I remind you'],
      ['[Tomorrow]', 'I will remind you'],
    ],
  },
];
