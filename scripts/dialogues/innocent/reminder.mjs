/** What people say to `test/bots/innocent/reminder.mjs`. */
export const bot = '../../../test/bots/innocent/reminder.yaml';
export const target = '../../../test/bots/innocent/reminder.jsonl';
export const about = 'Two people and their reminders. They are invented.';
export const seed = 'record-reminder';
export const account = { id: 7000000020, username: 'reminder_bot', firstName: 'Reminder' };

export const people = [
  {
    user: { id: 1201, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/start', 'What shall'],
      ['the tulips', 'I will remind'],
      ['/start', 'What shall'],
      ['my keys', 'I will remind'],
    ],
  },
  {
    user: { id: 1202, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/start', 'What shall'],
      ['the oven', 'I will remind'],
      ['hello', 'Send /start'],
    ],
  },
];
