/** The dialogue of `test/bots/gramio/lost-property.jsonl`: two people have lost something. */
import { photo } from './files.mjs';

export const bot = '../../test/bots/gramio/webhook.yaml';
export const target = '../../test/bots/gramio/lost-property.jsonl';
export const about = 'Two people at a lost-property office. They are invented.';
export const seed = 'record-lost-property';
export const account = { id: 7000000005, username: 'lost_property_bot', firstName: 'Lost property' };

export const people = [
  {
    user: { id: 1041, is_bot: false, first_name: 'Aino', language_code: 'fi' },
    acts: [
      ['/start', 'what can I do for you?'],
      ['Report a loss', 'What did you lose?'],
      ['my umbrella', 'Do you have a photo'],
      [photo('umbrella'), 'Where did you lose it?'],
      ['[On the bus]', 'on the bus.'],
    ],
  },
  {
    user: { id: 1042, is_bot: false, first_name: 'Marco', language_code: 'it' },
    acts: [
      ['good morning', 'Send /start'],
      ['/start', 'what can I do for you?'],
      ['See what was found', 'A glove'],
      ['Report a loss', 'What did you lose?'],
      ['a black hat', 'Do you have a photo'],
      ['no', 'Please send a photo.'],
      [photo('hat'), 'Where did you lose it?'],
      ['[On the boat]', 'on the boat.'],
    ],
  },
];
