import { expect, test } from 'vitest';
import * as membership from '../../src/telegram/people/membership.js';
import { ANNA, BORIS } from './api-harness.js';
import { Groups } from './group-harness.js';
import { updatesOf } from './people-harness.js';

test('two bots in one supergroup hear what each of them does to its members', async () => {
  const groups = await Groups.start();
  try {
    const chat = await groups.create('supergroup', ['can_restrict_members', 'can_change_info'], {
      members: [BORIS],
    });
    const other = groups.api.server.addBot({ username: 'other_bot' });
    groups.api.bot.shareChat({ id: chat, type: 'supergroup', title: 'Garden' }, [other]);
    membership.promoteBot(other.world, ANNA, chat, ['can_pin_messages']);
    other.world.chats.addUser(BORIS);
    await groups.updates();
    await updatesOf(groups.api, other);

    await groups.done('banChatMember', { chat_id: chat, user_id: BORIS.id });
    await groups.done('setChatTitle', { chat_id: chat, title: 'Orchard' });
    const mine = await groups.updates();
    const theirs = await updatesOf(groups.api, other);
    const story = (updates: typeof mine): unknown[] =>
      updates.map(({ chat_member: change, message }) => [
        change?.new_chat_member.status,
        message?.message_id,
        message?.left_chat_member?.id ?? message?.new_chat_title,
      ]);
    expect(story(theirs)).toEqual(story(mine));
    expect(story(mine)).toEqual([
      ['kicked', undefined, undefined],
      [undefined, expect.any(Number), BORIS.id],
      [undefined, expect.any(Number), 'Orchard'],
    ]);
  } finally {
    await groups.close();
  }
});
