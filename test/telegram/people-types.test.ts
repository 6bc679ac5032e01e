import type { Location, Message, MessageOrigin, Update, User } from '@grammyjs/types';
import { describe, expectTypeOf, test } from 'vitest';
import type { editedKind, newKind } from '../../src/telegram/chats/message-kinds.js';
import type { originOf } from '../../src/telegram/chats/message-origin.js';
import type { MessageFields } from '../../src/telegram/methods/send.js';
import type { fileFields } from '../../src/telegram/people/files.js';
import type { ContentOf, captionFields, textFields } from '../../src/telegram/people/messages.js';
import type { Person } from '../../src/telegram/people/person.js';
import type { contactFields, diceFields, locationOf, venueFields } from '../../src/telegram/people/places.js';
import type { TapEffect, Tapped } from '../../src/telegram/people/taps.js';

/** What people send has the types that bots are written against. These fail when the project is compiled. */
describe('what a person sends', () => {
  test('is made of the fields of a Message', () => {
    expectTypeOf<ReturnType<ContentOf>>().toExtend<MessageFields>();
    expectTypeOf<Pick<MessageFields, keyof MessageFields & keyof Message>>().toExtend<
      Readonly<Partial<Message>>
    >();
    expectTypeOf<ReturnType<typeof textFields>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof captionFields>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof fileFields>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof venueFields>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof contactFields>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof diceFields>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof locationOf>>().toEqualTypeOf<Location>();
    expectTypeOf<ReturnType<typeof originOf>>().toEqualTypeOf<MessageOrigin>();
  });

  test('comes in kinds of updates that there are', () => {
    expectTypeOf<ReturnType<typeof newKind>>().toExtend<Exclude<keyof Update, 'update_id'>>();
    expectTypeOf<ReturnType<typeof editedKind>>().toExtend<Exclude<keyof Update, 'update_id'>>();
  });

  test('comes from a User', () => {
    expectTypeOf<Person['user']>().toEqualTypeOf<User>();
    expectTypeOf<Tapped['effect']>().toEqualTypeOf<TapEffect>();
  });
});
