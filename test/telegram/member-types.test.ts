import type { ChatFullInfo, ChatInviteLink, ChatMember } from '@grammyjs/types';
import { describe, expectTypeOf, test } from 'vitest';
import type { InviteBook } from '../../src/telegram/chats/invite-book.js';
import type { memberJson } from '../../src/telegram/chats/member-json.js';
import type { fullInfo } from '../../src/telegram/methods/chats.js';
import type { memberCount } from '../../src/telegram/methods/members.js';

/** Fails when the project is compiled (`npm run types`), not when it runs. */
describe('what is told of members and chats', () => {
  test('has the types that bots are written against', () => {
    expectTypeOf<ReturnType<typeof memberJson>>().toExtend<ChatMember>();
    expectTypeOf<ReturnType<typeof fullInfo>>().toExtend<ChatFullInfo>();
    expectTypeOf<ReturnType<InviteBook['json']>>().toExtend<ChatInviteLink>();
    expectTypeOf<ReturnType<typeof memberCount>>().toEqualTypeOf<number>();
    expectTypeOf<{ status: 'member' }>().not.toExtend<ChatMember>();
  });
});
