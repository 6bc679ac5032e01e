/** The dialogue of `test/bots/pytelegrambotapi/library.jsonl`: two people borrow books. */
export const bot = '../../test/bots/pytelegrambotapi/webhook.yaml';
export const target = '../../test/bots/pytelegrambotapi/library.jsonl';
export const about = 'Two readers of a library. They are invented.';
export const seed = 'record-library';
export const account = { id: 7000000007, username: 'lending_library_bot', firstName: 'Library' };

export const people = [
  {
    user: { id: 1071, is_bot: false, first_name: 'Rut', language_code: 'sv' },
    acts: [
      ['/start', 'Welcome to the library.'],
      ['Opening hours', 'From nine to five.'],
      ['Borrow a book', 'Which book?'],
      ['The Waves', 'For how many days?'],
      ['14', 'The Waves, for 14 days?'],
      ['[Yes]', 'The Waves is yours for 14 days.'],
    ],
  },
  {
    user: { id: 1072, is_bot: false, first_name: 'Paolo', language_code: 'it' },
    acts: [
      ['/start', 'Welcome to the library.'],
      ['Borrow a book', 'Which book?'],
      ['If on a winter’s night a traveller', 'For how many days?'],
      ['until spring', 'A number, please.'],
      ['90', 'for 90 days?'],
      ['[No]', 'Which book, then?'],
      ['Invisible Cities', 'For how many days?'],
      ['7', 'Invisible Cities, for 7 days?'],
      ['[Yes]', 'Invisible Cities is yours for 7 days.'],
    ],
  },
];
