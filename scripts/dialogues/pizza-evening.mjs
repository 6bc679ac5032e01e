/** The dialogue of `test/bots/pizza-evening.jsonl`: long enough for every scenario of the suite that needs a late step. */
export const bot = '../../test/bots/grammy/orders.yaml';
export const target = '../../test/bots/pizza-evening.jsonl';
export const about =
  'Two people order a pizza, and then another. The people and their addresses are invented.';
export const seed = 'record-pizza-evening';
export const account = { id: 7000000011, username: 'pizza_service_bot', firstName: 'Pizza service' };

export const people = [
  {
    user: { id: 1105, is_bot: false, first_name: 'Tove', language_code: 'sv' },
    acts: [
      ['/start', 'Which pizza'],
      ['[Margherita]', 'Which street'],
      ['Mill Lane 3', 'Which city'],
      ['Lund', 'Is that right?'],
      ['[Order now]', 'on its way'],
      ['/start', 'Which pizza'],
      ['[Funghi]', 'Which street'],
      ['Harbour Road 40', 'Which city'],
      ['Ystad', 'Is that right?'],
      ['[Order now]', 'on its way'],
    ],
  },
  {
    user: { id: 1106, is_bot: false, first_name: 'Joris', language_code: 'nl' },
    acts: [
      ['/start', 'Which pizza'],
      ['[Funghi]', 'Which street'],
      ['Dyke Street 9', 'Which city'],
      ['Delft', 'Is that right?'],
      ['[Order now]', 'on its way'],
      ['/start', 'Which pizza'],
      ['[Margherita]', 'Which street'],
      ['Dyke Street 11', 'Which city'],
      ['Delft', 'Is that right?'],
      ['[Order now]', 'on its way'],
    ],
  },
];
