/** What people say to `test/bots/innocent/sent-anew.mjs`. */
export const bot = '../../../test/bots/innocent/sent-anew.yaml';
export const target = '../../../test/bots/innocent/sent-anew.jsonl';
export const about = 'Two people whose menu moves along. They are invented.';
export const seed = 'record-sent-anew';
export const account = { id: 7000000034, username: 'sent_anew_bot', firstName: 'Sent anew' };

export const people = [
  {
    user: { id: 1230, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/start', 'What next'],
      ['[Weather]', 'What next'],
      ['[News]', 'What next'],
      ['[Weather]', 'What next'],
    ],
  },
  {
    user: { id: 1231, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/start', 'What next'],
      ['hello', 'What next'],
      ['[News]', 'What next'],
    ],
  },
];
