/** The dialogue of `test/bots/aiogram/feedback.jsonl`: two people say how they liked their meal. */
export const bot = '../../test/bots/aiogram/webhook.yaml';
export const target = '../../test/bots/aiogram/feedback.jsonl';
export const about = 'Two guests of a restaurant. They are invented.';
export const seed = 'record-feedback';
export const account = { id: 7000000006, username: 'how_was_it_bot', firstName: 'How was it?' };

export const people = [
  {
    user: { id: 1061, is_bot: false, first_name: 'Ada & Co', language_code: 'en' },
    acts: [
      ['/start', 'What did you eat?'],
      ['fish & chips', 'How many stars'],
      ['[★★★★]', 'Anything to add?'],
      ['the sea was <rough>', 'Noted: fish & chips, 4 of 5'],
      ['/cancel', 'There is nothing to cancel.'],
    ],
  },
  {
    user: { id: 1062, is_bot: false, first_name: 'Béla', last_name: 'Kun', language_code: 'hu' },
    acts: [
      ['/start', 'What did you eat?'],
      ['/cancel', 'Cancelled.'],
      ['/start', 'What did you eat?'],
      ['goulash', 'How many stars'],
      ['all of them', 'Please tap the stars.'],
      ['[★★★★★]', 'Anything to add?'],
      ['Nothing', 'Noted: goulash, 5 of 5.'],
    ],
  },
];
