/** What people say to `test/bots/innocent/localised.mjs`. */
export const bot = '../../../test/bots/innocent/localised.yaml';
export const target = '../../../test/bots/innocent/localised.jsonl';
export const about = 'Three people, each in a language of their own. They are invented.';
export const seed = 'record-localised';
export const account = { id: 7000000028, username: 'localised_bot', firstName: 'Localised' };

export const people = [
  {
    user: { id: 1217, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/start', 'Womit'],
      ['[Öffnungszeiten]', 'neun'],
    ],
  },
  {
    user: { id: 1218, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/start', 'How can'],
      ['[The way]', 'Harbour'],
    ],
  },
  {
    user: { id: 1219, is_bot: false, first_name: 'Aino', language_code: 'fi' },
    acts: [
      ['/start', 'Kuinka'],
      ['[Aukioloajat]', 'viiteen'],
    ],
  },
];
