/** The dialogue of `test/bots/go-telegram-bot/tables.jsonl`: two people book a table. */
export const bot = '../../test/bots/go-telegram-bot/webhook.yaml';
export const target = '../../test/bots/go-telegram-bot/tables.jsonl';
export const about = 'Two people book a table. They are invented.';
export const seed = 'record-tables';
export const account = { id: 7000000008, username: 'round_table_bot', firstName: 'Round table' };

export const people = [
  {
    user: { id: 1081, is_bot: false, first_name: 'Gil', language_code: 'en' },
    acts: [
      ['hello', 'Send /start for a table.'],
      ['/start', 'A table for how many?'],
      ['[Two]', 'A table for 2. On which day?'],
      ['[Friday]', 'In whose name?'],
      ['Gil Amsel', 'Booked: 2 on Friday, Gil Amsel.'],
    ],
  },
  {
    user: { id: 1082, is_bot: false, first_name: 'Oya', language_code: 'tr' },
    acts: [
      ['/start', 'A table for how many?'],
      ['for all of us', 'Please tap a button.'],
      ['[Eight]', 'A table for 8. On which day?'],
      ['[Saturday]', 'In whose name?'],
      ['Oya 🌷', 'Booked: 8 on Saturday, Oya 🌷.'],
      ['/start', 'A table for how many?'],
    ],
  },
];
