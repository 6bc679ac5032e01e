/** What people say to `test/bots/innocent/two-messages.mjs`. */
export const bot = '../../../test/bots/innocent/two-messages.yaml';
export const target = '../../../test/bots/innocent/two-messages.jsonl';
export const about = 'Two people who ask about the sky. They are invented.';
export const seed = 'record-two-messages';
export const account = { id: 7000000026, username: 'two_messages_bot', firstName: 'Two messages' };

export const people = [
  {
    user: { id: 1213, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/sun', 'a star'],
      ['/moon', 'no light'],
    ],
  },
  {
    user: { id: 1214, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/earth', 'Try /sun'],
      ['/mars', 'Its sand'],
      ['/mars', 'Its sand'],
    ],
  },
];
