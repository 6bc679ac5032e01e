/** What people say to `test/bots/innocent/broadcast.mjs`. */
export const bot = '../../../test/bots/innocent/broadcast.yaml';
export const target = '../../../test/bots/innocent/broadcast.jsonl';
export const about = 'News for two people of a village. They are invented.';
export const seed = 'record-broadcast';
export const account = { id: 7000000024, username: 'broadcast_bot', firstName: 'Broadcast' };

export const people = [
  {
    user: { id: 1209, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/subscribe', 'You have'],
      ['hello', 'Send /subscribe'],
      ['hello', 'Send /subscribe'],
    ],
  },
  {
    user: { id: 1210, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/subscribe', 'You have'],
      ['/publish', 'The market'],
      ['hello', 'Send /subscribe'],
    ],
  },
];
