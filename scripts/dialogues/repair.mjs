/** The dialogue of `test/bots/grammy/repair.jsonl`: three people have something repaired. */
import { document, photo } from './files.mjs';

export const bot = '../../test/bots/grammy/webhook.yaml';
export const target = '../../test/bots/grammy/repair.jsonl';
export const about = 'Three people at a repair desk. They are invented.';
export const seed = 'record-repair';
export const account = { id: 7000000004, username: 'repair_desk_bot', firstName: 'Repair desk' };

export const people = [
  {
    user: { id: 1031, is_bot: false, first_name: 'Noor', language_code: 'en' },
    acts: [
      ['/start', 'This is the repair desk.'],
      ['[Opening hours]', 'We are open'],
      ['[Back]', 'This is the repair desk.'],
      ['[New repair]', 'What is broken?'],
      ['the kettle', 'Send me a photo'],
      [photo('kettle'), 'Is it urgent?'],
      ['[Yes]', 'the last one is the kettle'],
      ['/repairs', 'the kettle'],
    ],
  },
  {
    user: { id: 1032, is_bot: false, first_name: 'Emil', language_code: 'da' },
    acts: [
      ['/start', 'This is the repair desk.'],
      ['[New repair]', 'What is broken?'],
      ['my bicycle', 'Send me a photo'],
      ['it is red', 'A photo, please.'],
      [{ ...photo('bicycle'), caption: 'here it is' }, 'Is it urgent?'],
      ['[It can wait]', 'the last one is my bicycle'],
      ['/repairs', 'my bicycle'],
    ],
  },
  {
    user: { id: 1033, is_bot: false, first_name: 'Lucia', language_code: 'es' },
    acts: [
      ['hello', 'Send /start'],
      ['/repairs', 'Nothing is here.'],
      [document('invoice.pdf', 'application/pdf'), 'Your file invoice.pdf'],
      ['/start', 'This is the repair desk.'],
      ['[New repair]', 'What is broken?'],
      ['the radio', 'Send me a photo'],
      [photo('radio'), 'Is it urgent?'],
      ['[Yes]', 'the last one is the radio'],
    ],
  },
];
