/** The dialogue of `test/bots/pizza.jsonl`: two people order a pizza. The bots of the matrix all understand it. */
export const bot = '../../test/bots/grammy/orders.yaml';
export const target = '../../test/bots/pizza.jsonl';
export const about = 'Two orders of a pizza. The people and their addresses are invented.';
export const seed = 'record-pizza';
export const account = { id: 7000000011, username: 'pizza_service_bot', firstName: 'Pizza service' };

export const people = [
  {
    user: { id: 1101, is_bot: false, first_name: 'Runa', language_code: 'en' },
    acts: [
      ['/start', 'Which pizza'],
      ['[Margherita]', 'Which street'],
      ['Elm Street 5', 'Which city'],
      ['Lund', 'Is that right?'],
      ['[Order now]', 'on its way'],
    ],
  },
  {
    user: { id: 1102, is_bot: false, first_name: 'Piet', language_code: 'nl' },
    acts: [
      ['/start', 'Which pizza'],
      ['[Funghi]', 'Which street'],
      ['Canal Row 18', 'Which city'],
      ['Delft', 'Is that right?'],
      ['[Order now]', 'on its way'],
    ],
  },
];
