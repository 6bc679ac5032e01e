/** The dialogue of `recordings/order-dialogue.jsonl`: three orders with the demo bot. */
export const bot = 'demo-bot.yaml';
export const target = '../../recordings/order-dialogue.jsonl';
export const about =
  'Three orders with the demo bot. The people, their addresses and their numbers are invented.';
export const seed = 'record-demo';
export const account = { id: 7000000001, username: 'corner_shop_bot', firstName: 'Corner shop' };

export const people = [
  {
    user: { id: 1001, is_bot: false, first_name: 'Mira', language_code: 'en' },
    acts: [
      ['/start', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[Mug]', 'Which size?'],
      ['[Large]', 'How many?'],
      ['[2]', 'What is your name?'],
      ['Mira Sol', 'Which street'],
      ['14 Lime Lane', 'Which city?'],
      ['Springfield', 'A phone number'],
      ['+10005550123', 'How shall it travel?'],
      ['[Courier]', 'Anything we should know?'],
      ['[Skip]', 'Is that right?'],
      ['[Confirm]', 'placed. Thank you'],
    ],
  },
  {
    user: { id: 1002, is_bot: false, first_name: 'Otto', language_code: 'de' },
    acts: [
      ['/start', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[Poster]', 'Which size?'],
      ['[Medium]', 'How many?'],
      ['7', 'What is your name?'],
      ['Otto Berg', 'Which street'],
      ['3 Harbour Road', 'Which city?'],
      ['Seaview', 'A phone number'],
      ['call me after six', '8 to 15 digits'],
      ['+1 000 555 0124', 'How shall it travel?'],
      ['[Post]', 'Anything we should know?'],
      ['Please roll it, do not fold it', 'Is that right?'],
      ['[Confirm]', 'placed. Thank you'],
    ],
  },
  {
    user: { id: 1003, is_bot: false, first_name: 'Nadia', language_code: 'en' },
    acts: [
      ['/start', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[Notebook]', 'Which size?'],
      ['[« Back]', 'What would you like?'],
      ['[T-shirt]', 'Which size?'],
      ['[Small]', 'How many?'],
      ['[1]', 'What is your name?'],
      ['Nadia Novak', 'Which street'],
      ['22 Mill Street', 'Which city?'],
      ['Oldtown', 'A phone number'],
      ['+10005550125', 'How shall it travel?'],
      ['[Pick-up]', 'Anything we should know?'],
      ['[Skip]', 'Is that right?'],
      ['[Cancel]', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[T-shirt]', 'Which size?'],
      ['[Medium]', 'How many?'],
      ['3', 'What is your name?'],
      ['Nadia Novak', 'Which street'],
      ['22 Mill Street', 'Which city?'],
      ['Oldtown', 'A phone number'],
      ['+10005550125', 'How shall it travel?'],
      ['[Courier]', 'Anything we should know?'],
      ['[Skip]', 'Is that right?'],
      ['[Confirm]', 'placed. Thank you'],
    ],
  },
];
