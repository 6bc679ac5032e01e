/** The dialogue of `test/bots/pizza-note.jsonl`: somebody taps a pizza and writes a note in the same moment. */
export { account, bot, seed } from './pizza.mjs';

export const target = '../../test/bots/pizza-note.jsonl';
export const about = 'An order with a note that was written beside a tap. The person is invented.';

export const people = [
  {
    user: { id: 1103, is_bot: false, first_name: 'Edda', language_code: 'is' },
    acts: [
      ['/start', 'Which pizza'],
      ['[Margherita]', undefined, 600],
      ['/note no onions', undefined, 60],
      ['/mynote', 'no onions', 1900],
      ['Elm Street 5', 'Which city', 600],
    ],
  },
];
