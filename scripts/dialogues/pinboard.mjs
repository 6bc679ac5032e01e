/** The dialogue of `test/bots/telegraf/pinboard.jsonl`: two people of the evening school use its pinboard. */
import { photo } from './files.mjs';

export { account } from './sign-up.mjs';
export const bot = '../../test/bots/telegraf/webhook.yaml';
export const target = '../../test/bots/telegraf/pinboard.jsonl';
export const about = 'Two people at a pinboard. They are invented.';
export const seed = 'record-pinboard';

export const people = [
  {
    user: { id: 1061, is_bot: false, first_name: 'Olga', language_code: 'pl' },
    acts: [
      ['/pinboard', 'What should hang on the board?'],
      ['Choir on Monday', 'Pinned.'],
      [photo('choir'), 'Framed'],
      ['/done', 'The board is closed.'],
    ],
  },
  {
    user: { id: 1062, is_bot: false, first_name: 'Sami', language_code: 'fi' },
    acts: [
      ['/pinboard', 'What should hang on the board?'],
      ['/done', 'The board is closed.'],
      ['/start', 'What is your name?'],
      ['Sami Koski', 'How old are you?'],
      ['19', 'Which course'],
    ],
  },
];
