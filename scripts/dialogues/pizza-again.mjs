/** The dialogue of `test/bots/pizza-again.jsonl`: somebody breaks an order off and begins anew, as people do. */
export { account, bot, seed } from './pizza.mjs';

export const target = '../../test/bots/pizza-again.jsonl';
export const about = 'An order that is begun twice. The person is invented.';

export const people = [
  {
    user: { id: 1104, is_bot: false, first_name: 'Sven', language_code: 'sv' },
    acts: [
      ['/start', 'Which pizza'],
      ['[Margherita]', 'Which street'],
      ['/start', 'Which pizza'],
      ['[Funghi]', 'Which street'],
      ['Pine Road 7', 'Which city'],
    ],
  },
];
