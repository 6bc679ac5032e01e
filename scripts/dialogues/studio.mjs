/** The dialogue of `test/bots/puregram/studio.jsonl`: two people have a photo printed. */
import { photo } from './files.mjs';

export const bot = '../../test/bots/puregram/webhook.yaml';
export const target = '../../test/bots/puregram/studio.jsonl';
export const about = 'Two people at a photo studio. They are invented.';
export const seed = 'record-studio';
export const account = { id: 7000000006, username: 'photo_studio_bot', firstName: 'Photo studio' };

export const people = [
  {
    user: { id: 1051, is_bot: false, first_name: 'Hana', language_code: 'cs' },
    acts: [
      ['/start', 'Which size?'],
      ['[Large]', 'Send me the photo'],
      [photo('wedding'), 'Your large print'],
    ],
  },
  {
    user: { id: 1052, is_bot: false, first_name: 'Peter', language_code: 'de' },
    acts: [
      ['hello', 'Send /start'],
      ['/start', 'Which size?'],
      ['[Small]', 'Send me the photo'],
      ['which photo?', 'Please send the photo'],
      [photo('garden'), 'Your small print'],
    ],
  },
];
