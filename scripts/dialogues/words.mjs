/** The dialogue of `test/bots/node-telegram-bot-api/words.jsonl`: two people who type fast look words up. They are invented. */
export const bot = '../../test/bots/node-telegram-bot-api/dictionary.yaml';
export const target = '../../test/bots/node-telegram-bot-api/words.jsonl';
export const about = 'Two people who look words up, one after the other. They are invented.';
export const seed = 'record-words';
export const account = { id: 7000000012, username: 'swedish_words_bot', firstName: 'Swedish words' };

export const people = [
  {
    user: { id: 1131, is_bot: false, first_name: 'Hana', language_code: 'cs' },
    acts: [
      ['/start', 'Send me words'],
      ['river', 'älv'],
      ['bread', 'bröd'],
      ['lamp', 'lampa'],
    ],
  },
  {
    user: { id: 1132, is_bot: false, first_name: 'Tom', language_code: 'en' },
    acts: [
      ['/start', 'Send me words'],
      ['window', 'fönster'],
      ['autumn', 'höst'],
      ['stone', 'sten'],
    ],
  },
];
