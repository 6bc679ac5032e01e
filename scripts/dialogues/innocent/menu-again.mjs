/** What people say to `test/bots/innocent/menu-again.mjs`. */
export const bot = '../../../test/bots/innocent/menu-again.yaml';
export const target = '../../../test/bots/innocent/menu-again.jsonl';
export const about = 'Two people who ask for the menu again. They are invented.';
export const seed = 'record-menu-again';
export const account = { id: 7000000021, username: 'menu_again_bot', firstName: 'Menu again' };

export const people = [
  {
    user: { id: 1203, is_bot: false, first_name: 'Lena', language_code: 'de' },
    acts: [
      ['/menu', 'What would'],
      ['/menu', 'What would'],
      ['[Pie]', 'One pie'],
      ['/menu', 'What would'],
      ['[Soup]', 'One soup'],
    ],
  },
  {
    user: { id: 1204, is_bot: false, first_name: 'Owen', language_code: 'en' },
    acts: [
      ['/menu', 'What would'],
      ['[Soup]', 'One soup'],
      ['/menu', 'What would'],
    ],
  },
];
