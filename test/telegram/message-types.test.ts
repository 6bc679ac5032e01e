import type { Message } from '@grammyjs/types';
import { describe, expectTypeOf, test } from 'vitest';
import type { mediaContent } from '../../src/telegram/methods/media.js';
import type { MessageFields } from '../../src/telegram/methods/send.js';
import type { captionContent, readPreviewOptions, textContent } from '../../src/telegram/methods/texts.js';

/**
 * What methods put into messages has the types that bots are written against. These tests fail when the
 * project is compiled (`npm run types`), not when they run.
 */
describe('the content of a message', () => {
  test('has no field that a Message has with another type', () => {
    expectTypeOf<Pick<MessageFields, keyof MessageFields & keyof Message>>().toExtend<
      Readonly<Partial<Message>>
    >();
  });

  test('adds only what Telegram still sends for old bots', () => {
    expectTypeOf<Exclude<keyof MessageFields, keyof Message>>().toEqualTypeOf<
      | 'forward_from'
      | 'forward_from_chat'
      | 'forward_from_message_id'
      | 'forward_signature'
      | 'forward_sender_name'
      | 'forward_date'
    >();
  });

  test('is checked where it is made', () => {
    expectTypeOf<ReturnType<typeof textContent>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof captionContent>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof readPreviewOptions>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof mediaContent>>().toExtend<MessageFields>();
    expectTypeOf<{ location: { latitude: string } }>().not.toExtend<MessageFields>();
    expectTypeOf<{ dice: { emoji: string } }>().not.toExtend<MessageFields>();
    expectTypeOf<{ poll: { id: number } }>().not.toExtend<MessageFields>();
  });
});
