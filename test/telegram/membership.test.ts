import type { Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as groupLife from '../../src/telegram/people/group-life.js';
import * as membership from '../../src/telegram/people/membership.js';
import { ANNA, ApiHarness, BORIS } from './api-harness.js';
import { CLARA, Groups } from './group-harness.js';

let groups: Groups;
beforeEach(async () => {
  groups = await Groups.start();
});
afterEach(() => groups.close());

const bot = () => groups.world.user;
const world = () => groups.world;
const kinds = (updates: readonly Update[]) => updates.map((update) => Object.keys(update)[1]);

describe('one person and the bot', () => {
  test('Start, block, unblock', async () => {
    membership.startBot(world(), ANNA, 'from-a-link');
    membership.blockBot(world(), ANNA);
    expect(await groups.api.error('sendMessage', { chat_id: ANNA.id, text: 'x' })).toBe(
      'Forbidden: bot was blocked by the user',
    );
    membership.startBot(world(), ANNA);
    const [first, block, unblock, again] = await groups.updates();
    expect(first?.message).toMatchObject({
      text: '/start from-a-link',
      entities: [{ type: 'bot_command', offset: 0, length: 6 }],
    });
    expect(block?.my_chat_member).toEqual({
      chat: expect.objectContaining({ id: ANNA.id, type: 'private' }),
      from: ANNA,
      date: expect.any(Number),
      old_chat_member: { user: bot(), status: 'member' },
      new_chat_member: { user: bot(), status: 'kicked', until_date: 0 },
    });
    expect(unblock?.my_chat_member).toMatchObject({
      old_chat_member: { status: 'kicked' },
      new_chat_member: { status: 'member' },
    });
    expect(again?.message?.text).toBe('/start');
    await groups.api.result('sendMessage', { chat_id: ANNA.id, text: 'x' });
  });

  test('a deleted account', async () => {
    membership.startBot(world(), ANNA);
    membership.deactivate(world(), ANNA);
    expect(await groups.api.error('sendMessage', { chat_id: ANNA.id, text: 'x' })).toBe(
      'Forbidden: user is deactivated',
    );
    await groups.api.result('getChat', { chat_id: ANNA.id });
    expect(() => membership.startBot(world(), ANNA)).toThrow('was deleted');
  });
});

describe('a chat begins', () => {
  test('a basic group is created with the bot', async () => {
    const { chat } = groupLife.createChat(world(), ANNA, { title: 'Garden', members: [BORIS] });
    const [change, message] = await groups.updates();
    expect(change?.my_chat_member).toMatchObject({
      from: ANNA,
      old_chat_member: { user: bot(), status: 'left' },
      new_chat_member: { user: bot(), status: 'member' },
    });
    expect(message?.message).toMatchObject({ from: ANNA, chat: { id: chat.id }, group_chat_created: true });
    expect(chat.id).toBeLessThan(0);
    expect(chat.id).toBeGreaterThan(-1_000_000_000_000);
  });

  test('the bot is added to a supergroup and to a channel', async () => {
    const { chat } = groupLife.createChat(world(), ANNA, { title: 'Garden', type: 'supergroup' });
    const [change, message] = await groups.updates();
    expect(change?.my_chat_member?.chat).toEqual({ id: chat.id, title: 'Garden', type: 'supergroup' });
    expect(message?.message).toMatchObject({
      new_chat_participant: bot(),
      new_chat_member: bot(),
      new_chat_members: [bot()],
    });
    groupLife.createChat(world(), ANNA, { title: 'News', type: 'channel' });
    const updates = await groups.updates();
    expect(kinds(updates)).toEqual(['my_chat_member']);
    expect(updates[0]?.my_chat_member?.new_chat_member.status).toBe('administrator');
  });

  test('people come and go, and are made something else', async () => {
    const chat = await groups.create('supergroup', ['can_manage_chat']);
    membership.addMembers(world(), ANNA, chat, [BORIS, CLARA]);
    membership.promoteMember(world(), ANNA, chat, BORIS, ['can_restrict_members']);
    membership.setMember(world(), BORIS, chat, CLARA, { status: 'kicked', untilS: 0 });
    membership.leave(world(), BORIS, chat);
    const updates = await groups.updates();
    expect(
      updates.map(({ chat_member: it, message }) =>
        it === undefined
          ? [
              message?.from?.id,
              message?.new_chat_members?.map(({ id }) => id) ?? message?.left_chat_member?.id,
            ]
          : [it.from.id, it.new_chat_member.user.id, it.old_chat_member.status, it.new_chat_member.status],
      ),
    ).toEqual([
      [ANNA.id, BORIS.id, 'left', 'member'],
      [ANNA.id, CLARA.id, 'left', 'member'],
      [ANNA.id, [BORIS.id, CLARA.id]],
      [ANNA.id, BORIS.id, 'member', 'administrator'],
      [BORIS.id, CLARA.id, 'member', 'kicked'],
      [BORIS.id, CLARA.id],
      [BORIS.id, BORIS.id, 'administrator', 'left'],
      [BORIS.id, BORIS.id],
    ]);
    expect(() => membership.join(world(), CLARA, chat)).toThrow('is banned');
  });

  test('nobody does what they may not', async () => {
    const chat = await groups.create('supergroup', undefined, { members: [BORIS] });
    expect(() => membership.promoteBot(world(), BORIS, chat)).toThrow('that takes `can_promote_members`');
    expect(() => membership.removeBot(world(), BORIS, chat)).toThrow('that takes `can_restrict_members`');
    groupLife.renameChat(world(), BORIS, chat, 'Everybody may change this');
    expect((await groups.updates()).at(-1)?.message?.new_chat_title).toBe('Everybody may change this');
    expect(() => membership.leave(world(), CLARA, chat)).toThrow('is not in');
    expect(() => membership.join(world(), CLARA, -77)).toThrow('no group or channel -77');
  });
});

test('people change the picture and pin messages', async () => {
  const chat = await groups.create('supergroup');
  groupLife.changeChatPhoto(world(), ANNA, chat);
  expect(await groups.api.result('getChat', { chat_id: chat })).toHaveProperty('photo.big_file_id');
  groupLife.deleteChatPhoto(world(), ANNA, chat);
  const { message_id } = await groups.api.result('sendMessage', { chat_id: chat, text: 'rules' });
  groupLife.pinMessage(world(), ANNA, chat, message_id);
  expect(await groups.api.result('getChat', { chat_id: chat })).toMatchObject({
    pinned_message: { message_id },
  });
  groupLife.unpinMessage(world(), ANNA, chat, message_id);
  const info = await groups.api.result('getChat', { chat_id: chat });
  expect(info).not.toHaveProperty('pinned_message');
  expect(info).not.toHaveProperty('photo');
  const [photo, deleted, pinned] = (await groups.updates()).map(({ message }) => message);
  expect(photo?.new_chat_photo?.length).toBeGreaterThan(1);
  expect(deleted?.delete_chat_photo).toBe(true);
  expect(pinned?.pinned_message).toMatchObject({ message_id, text: 'rules' });
  expect(() => groupLife.pinMessage(world(), ANNA, chat, 99)).toThrow('cannot be pinned');
});

test('a channel that is banned writes no more, until it may again', async () => {
  const channel = await groups.create('channel');
  const chat = await groups.create('supergroup', ['can_restrict_members']);
  const as = { id: channel, type: 'channel', title: 'Garden' } as const;
  const place = groups.api.bot.person(ANNA).in(chat, { as });
  place.say('our news');
  await groups.done('banChatSenderChat', { chat_id: chat, sender_chat_id: channel });
  expect(() => place.say('more news')).toThrow('Garden is banned');
  await groups.done('unbanChatSenderChat', { chat_id: chat, sender_chat_id: channel });
  place.say('more news');
  expect((await groups.updates()).map(({ message }) => message?.text)).toEqual(['our news', 'more news']);
});

describe('a group becomes a supergroup', () => {
  test('both say so, and members and rights move along', async () => {
    const chat = await groups.create('group', [], { members: [BORIS] });
    expect(() => groupLife.migrate(world(), BORIS, chat)).toThrow('does not own');
    const { chat: upgraded } = groupLife.migrate(world(), ANNA, chat);
    const [to, from] = await groups.updates();
    expect(to?.message).toMatchObject({ chat: { id: chat }, migrate_to_chat_id: upgraded.id });
    expect(from?.message).toMatchObject({
      chat: { id: upgraded.id },
      migrate_from_chat_id: chat,
      message_id: 1,
    });
    const { body } = await groups.api.call('sendMessage', { chat_id: chat, text: 'x' });
    expect(body).toEqual({
      ok: false,
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: upgraded.id },
    });
    await groups.api.result('sendMessage', { chat_id: upgraded.id, text: 'x' });
    expect(await groups.member(upgraded.id, BORIS.id)).toMatchObject({ status: 'member' });
    expect(await groups.member(upgraded.id, bot().id)).toMatchObject({ status: 'administrator' });
    // The old one can be read, but not who was in it.
    await groups.api.result('getChat', { chat_id: chat });
    expect(await groups.why('getChatMemberCount', { chat_id: chat })).toBe(
      'group chat was upgraded to a supergroup chat',
    );
  });

  test('a group is deleted', async () => {
    const chat = await groups.create('group');
    groupLife.deleteGroup(world(), chat);
    expect(await groups.api.error('sendMessage', { chat_id: chat, text: 'x' })).toBe(
      'Forbidden: the group chat was deleted',
    );
  });
});

test('what a recording says about members is taken over', async () => {
  const api = await ApiHarness.start();
  const chat = { id: -1_000_000_000_888, type: 'supergroup', title: 'Recorded' } as const;
  const admin = {
    user: api.bot.user,
    status: 'administrator',
    can_be_edited: false,
    can_manage_chat: true,
    can_pin_messages: true,
    is_anonymous: false,
  };
  api.bot.receive({
    kind: 'my_chat_member',
    payload: {
      from: ANNA,
      chat,
      old_chat_member: { user: api.bot.user, status: 'member' },
      new_chat_member: admin,
    },
  });
  const { messageId: message_id } = api.write({
    from: ANNA,
    chat,
    text: 'heard, though it is not for the bot',
  });
  expect(await api.result('pinChatMessage', { chat_id: chat.id, message_id })).toBe(true);
  expect(await api.error('setChatTitle', { chat_id: chat.id, title: 'x' })).toBe(
    'Bad Request: not enough rights to change chat title',
  );
  await api.server.close();
});
