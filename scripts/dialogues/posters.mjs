/** The dialogue of `test/bots/node-telegram-bot-api/posters.jsonl`: two people of the evening school want pictures. */
import { photo } from './files.mjs';

export { account } from './sign-up.mjs';
export const bot = '../../test/bots/node-telegram-bot-api/webhook.yaml';
export const target = '../../test/bots/node-telegram-bot-api/posters.jsonl';
export const about = 'Two people who want posters. They are invented.';
export const seed = 'record-posters';

export const people = [
  {
    user: { id: 1071, is_bot: false, first_name: 'Greta', language_code: 'de' },
    acts: [
      ['hello', 'Send /start'],
      ['poster Pottery for all', 'Here is your poster: Pottery for all'],
      [photo('pottery'), 'Larger'],
    ],
  },
  {
    user: { id: 1072, is_bot: false, first_name: 'Pavel', language_code: 'cs' },
    acts: [
      [{ ...photo('boat'), caption: 'my boat' }, 'Larger'],
      ['/start', 'What is your name?'],
      ['Pavel Novak', 'How old are you?'],
      ['51', 'Which course'],
      ['[Sailing]', 'you are signed up for sailing'],
    ],
  },
];
