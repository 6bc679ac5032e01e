/** The dialogue of `test/bots/reception/reception.jsonl`: somebody is expected. The people are invented. */
export const bot = '../../test/bots/reception/webhook.yaml';
export const target = '../../test/bots/reception/reception.jsonl';
export const about = 'A visit. The people are invented.';
export const seed = 'record-reception';
export const account = { id: 7000000021, username: 'reception_desk_bot', firstName: 'Reception' };

export const people = [
  {
    user: { id: 1121, is_bot: false, first_name: 'Liv', language_code: 'no' },
    acts: [
      ['/start', 'Whom would you like'],
      ['Dr Moss', 'that you are here'],
      ['Thank you', 'You are welcome'],
    ],
  },
];
