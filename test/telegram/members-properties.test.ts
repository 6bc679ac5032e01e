import type { ChatMember, User } from '@grammyjs/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import {
  administrator,
  everyRight,
  PERMISSIONS,
  type Permission,
} from '../../src/telegram/chats/member-status.js';
import * as membership from '../../src/telegram/people/membership.js';
import { ANNA, BORIS } from './api-harness.js';
import { CLARA, Groups } from './group-harness.js';

const PEOPLE: readonly User[] = [BORIS, CLARA];

/** Something that a person or the bot does about somebody's place in the chat. */
interface Act {
  readonly what: string;
  run(groups: Groups, chat: number, user: User): unknown;
}

const call =
  (method: string, params: (groups: Groups) => object = () => ({})): Act['run'] =>
  (groups, chat_id, { id: user_id }) =>
    groups.api.call<unknown>(method, { chat_id, user_id, ...params(groups) });

const soon = (groups: Groups): number => groups.world.clock.unixSeconds() + 60;

const ACTS: readonly Act[] = [
  { what: 'join', run: ({ world }, chat, user) => membership.join(world, user, chat) },
  { what: 'ask', run: ({ world }, chat, user) => membership.requestToJoin(world, user, chat) },
  { what: 'leave', run: ({ world }, chat, user) => membership.leave(world, user, chat) },
  { what: 'be added', run: ({ world }, chat, user) => membership.addMembers(world, ANNA, chat, [user]) },
  {
    what: 'be promoted by Anna',
    run: ({ world }, chat, user) => membership.promoteMember(world, ANNA, chat, user),
  },
  { what: 'ban', run: call('banChatMember') },
  { what: 'ban for a while', run: call('banChatMember', (groups) => ({ until_date: soon(groups) })) },
  { what: 'unban', run: call('unbanChatMember') },
  { what: 'unban if banned', run: call('unbanChatMember', () => ({ only_if_banned: true })) },
  { what: 'restrict', run: call('restrictChatMember', () => ({ permissions: { can_send_polls: true } })) },
  {
    what: 'restrict for a while',
    run: call('restrictChatMember', (groups) => ({ permissions: {}, until_date: soon(groups) })),
  },
  { what: 'promote', run: call('promoteChatMember', () => ({ can_pin_messages: true })) },
  { what: 'demote', run: call('promoteChatMember') },
  { what: 'tag', run: call('setChatMemberTag', () => ({ tag: 'rose' })) },
  { what: 'title', run: call('setChatAdministratorCustomTitle', () => ({ custom_title: 'head' })) },
  { what: 'approve', run: call('approveChatJoinRequest') },
  { what: 'decline', run: call('declineChatJoinRequest') },
  { what: 'wait', run: ({ api }) => api.clock.advance(61_000) },
];

const steps = fc.array(fc.record({ act: fc.constantFrom(...ACTS), user: fc.constantFrom(...PEOPLE) }), {
  minLength: 1,
  maxLength: 25,
});

const isIn = (member: ChatMember): boolean =>
  member.status === 'restricted' ? member.is_member : !['left', 'kicked'].includes(member.status);

test('whatever happens to members, updates tell an unbroken story, and the count is right', async () => {
  const groups = await Groups.start();
  try {
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const chat = await groups.create('supergroup', everyRight('supergroup'));
        const known = new Map<number, ChatMember>();
        for (const { act, user } of story) {
          try {
            await act.run(groups, chat, user);
          } catch (error) {
            // People are told what they cannot do.
            if (!(error instanceof SendtwiceError)) throw error;
          }
        }
        // The server makes those wait who ask for nothing twice in three seconds.
        await groups.api.clock.advance(4_000);
        for (const { chat_member: change } of await groups.updates()) {
          if (change === undefined) continue;
          const { old_chat_member: before, new_chat_member: after } = change;
          const told = known.get(after.user.id);
          // What ends by itself is told by nobody.
          if (told !== undefined && !('until_date' in told)) expect(before).toEqual(told);
          known.set(after.user.id, after);
        }
        let present = 2;
        for (const { id } of PEOPLE) {
          const member =
            groups.world.chats.user(id) === undefined ? undefined : await groups.member(chat, id);
          const told = known.get(id);
          if (told !== undefined && !('until_date' in told)) expect(member).toEqual(told);
          if (member !== undefined && isIn(member)) present += 1;
        }
        expect(await groups.api.result<number>('getChatMemberCount', { chat_id: chat })).toBe(present);
        expect(groups.api.eventsOf('warning')).toEqual([]);
      }),
      { numRuns: 40 },
    );
  } finally {
    await groups.close();
  }
}, 60_000);

test('permissions given are permissions shown', async () => {
  const groups = await Groups.start();
  try {
    await groups.create('supergroup', everyRight('supergroup'), { members: [BORIS], id: -1_000_000_000_321 });
    await fc.assert(
      fc.asyncProperty(fc.subarray([...PERMISSIONS]), async (given) => {
        const permissions = Object.fromEntries(PERMISSIONS.map((name) => [name, given.includes(name)]));
        await groups.done('setChatPermissions', {
          chat_id: -1_000_000_000_321,
          permissions,
          use_independent_chat_permissions: true,
        });
        const chat = await groups.api.result<{ permissions: Record<Permission, boolean> }>('getChat', {
          chat_id: -1_000_000_000_321,
        });
        expect(chat.permissions).toMatchObject(permissions);
      }),
      { numRuns: 25 },
    );
  } finally {
    await groups.close();
  }
});

test('an administrator without a right is a member, and one with any may manage the chat', () => {
  fc.assert(
    fc.property(
      fc.subarray(everyRight('supergroup')),
      fc.constantFrom('group' as const, 'supergroup' as const, 'channel' as const),
      (rights, type) => {
        const status = administrator(type, rights, { editable: true });
        if (status.status === 'administrator') expect(status.rights.has('can_manage_chat')).toBe(true);
        else expect(rights.every((right) => !everyRight(type).includes(right))).toBe(true);
      },
    ),
  );
});
