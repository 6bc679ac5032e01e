import type { ChatMember } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as membership from '../../src/telegram/people/membership.js';
import { ANNA, BORIS } from './api-harness.js';
import { CLARA, Groups } from './group-harness.js';

const MODERATOR = ['can_restrict_members'] as const;

let groups: Groups;
beforeEach(async () => {
  groups = await Groups.start();
});
afterEach(() => groups.close());

const bot = () => groups.world.user;
const nowS = () => groups.world.clock.unixSeconds();

describe('the six shapes of ChatMember', () => {
  test('an owner, and somebody who was never there', async () => {
    const chat = await groups.create('supergroup');
    expect(await groups.member(chat, ANNA.id)).toEqual({
      user: ANNA,
      status: 'creator',
      is_anonymous: false,
    });
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'left' });
    expect(await groups.why('getChatMember', { chat_id: chat, user_id: 77 })).toBe('member not found');
    expect(await groups.why('getChatMember', { chat_id: chat, user_id: 'x' })).toBe(
      'invalid user_id specified',
    );
  });

  test('an administrator has the rights of its kind of chat, in the official order', async () => {
    const chat = await groups.create('supergroup', ['can_pin_messages']);
    const member = await groups.member(chat, bot().id);
    expect(Object.entries(member).slice(1)).toMatchInlineSnapshot(`
      [
        [
          "status",
          "administrator",
        ],
        [
          "can_be_edited",
          false,
        ],
        [
          "can_manage_chat",
          true,
        ],
        [
          "can_change_info",
          false,
        ],
        [
          "can_delete_messages",
          false,
        ],
        [
          "can_invite_users",
          false,
        ],
        [
          "can_restrict_members",
          false,
        ],
        [
          "can_pin_messages",
          true,
        ],
        [
          "can_manage_topics",
          false,
        ],
        [
          "can_promote_members",
          false,
        ],
        [
          "can_manage_video_chats",
          false,
        ],
        [
          "can_post_stories",
          false,
        ],
        [
          "can_edit_stories",
          false,
        ],
        [
          "can_delete_stories",
          false,
        ],
        [
          "can_manage_tags",
          false,
        ],
        [
          "can_send_welcome_messages",
          false,
        ],
        [
          "is_anonymous",
          false,
        ],
        [
          "can_manage_voice_chats",
          false,
        ],
      ]
    `);
    const channel = await groups.create('channel');
    expect(await groups.member(channel, bot().id)).toMatchObject({
      can_post_messages: true,
      can_edit_messages: true,
      can_manage_direct_messages: true,
    });
    expect(await groups.member(channel, bot().id)).not.toHaveProperty('can_pin_messages');
  });

  test('a restricted member shows what it may, and when that ends', async () => {
    const chat = await groups.create('supergroup', MODERATOR, { members: [BORIS] });
    const until_date = nowS() + 3600;
    await groups.done('restrictChatMember', {
      chat_id: chat,
      user_id: BORIS.id,
      permissions: { can_send_messages: true },
      until_date,
    });
    expect(await groups.member(chat, BORIS.id)).toMatchObject({
      status: 'restricted',
      until_date,
      can_send_messages: true,
      can_send_media_messages: false,
      can_react_to_messages: true,
      is_member: true,
    });
    await groups.api.clock.advance(3_601_000);
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'member' });
  });

  test('in a private chat both are members, and nobody else is', async () => {
    groups.api.hello();
    expect(await groups.member(ANNA.id, ANNA.id)).toEqual({ user: ANNA, status: 'member' });
    expect(await groups.member(ANNA.id, bot().id)).toEqual({ user: bot(), status: 'member' });
    expect(await groups.why('getChatMember', { chat_id: ANNA.id, user_id: BORIS.id })).toBe(
      'member not found',
    );
  });
});

describe('bans', () => {
  test('a member is banned, told of, and let in again', async () => {
    const chat = await groups.create('supergroup', MODERATOR, { members: [BORIS] });
    const who = { chat_id: chat, user_id: BORIS.id };
    expect(await groups.done('banChatMember', who)).toBe(true);
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'kicked', until_date: 0 });
    const [change, message] = await groups.updates();
    expect(change?.chat_member).toMatchObject({
      from: bot(),
      old_chat_member: { user: BORIS, status: 'member' },
      new_chat_member: { user: BORIS, status: 'kicked', until_date: 0 },
    });
    expect(Object.keys(change?.chat_member ?? {})).toEqual([
      'chat',
      'from',
      'date',
      'old_chat_member',
      'new_chat_member',
    ]);
    expect(message?.message).toMatchObject({
      from: bot(),
      left_chat_participant: BORIS,
      left_chat_member: BORIS,
    });
    expect(await groups.done('unbanChatMember', { ...who, only_if_banned: true })).toBe(true);
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'left' });
  });

  test('a ban ends by itself; odd times mean for ever', async () => {
    const chat = await groups.create('supergroup', MODERATOR, { members: [BORIS] });
    const who = { chat_id: chat, user_id: BORIS.id };
    const bannedUntil = async (until_date: number): Promise<unknown> => {
      await groups.done('banChatMember', { ...who, until_date });
      return (await groups.member(chat, BORIS.id)) as unknown;
    };
    expect(await bannedUntil(nowS() + 29)).toMatchObject({ until_date: 0 });
    expect(await bannedUntil(nowS() + 367 * 86_400)).toMatchObject({ until_date: 0 });
    expect(await bannedUntil(nowS() + 60)).toMatchObject({ until_date: nowS() + 60 });
    await groups.api.clock.advance(61_000);
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ status: 'left' });
  });

  test('unbanning a member throws them out, unless only_if_banned', async () => {
    const chat = await groups.create('supergroup', MODERATOR, { members: [BORIS] });
    const who = { chat_id: chat, user_id: BORIS.id };
    await groups.done('unbanChatMember', { ...who, only_if_banned: true });
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ status: 'member' });
    await groups.done('unbanChatMember', who);
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ status: 'left' });
    const statuses = (await groups.updates()).flatMap(({ chat_member: it }) =>
      it === undefined ? [] : [it.new_chat_member.status],
    );
    expect(statuses).toEqual(['kicked', 'left']);
  });

  test('a bot that unbans itself leaves', async () => {
    const chat = await groups.create('supergroup');
    const self = { chat_id: chat, user_id: bot().id };
    expect(await groups.done('unbanChatMember', { ...self, only_if_banned: true })).toBe(true);
    expect(await groups.done('unbanChatMember', self)).toBe(true);
    expect(await groups.api.error('unbanChatMember', self)).toBe(
      'Forbidden: bot is not a member of the supergroup chat',
    );
  });

  test('what cannot be done, in the official words', async () => {
    const chat = await groups.create('supergroup', undefined, { members: [BORIS] });
    const ban = (user_id: number, chat_id = chat) => groups.why('banChatMember', { chat_id, user_id });
    expect(await ban(BORIS.id)).toBe('not enough rights to restrict/unrestrict chat member');
    expect(await ban(ANNA.id)).toBe("can't remove chat owner");
    expect(await ban(bot().id)).toBe("can't restrict self");
    groups.api.hello();
    expect(await ban(ANNA.id, ANNA.id)).toBe("can't ban members in private chats");
    expect(await groups.why('unbanChatMember', { chat_id: ANNA.id, user_id: ANNA.id })).toBe(
      'method is available for supergroup and channel chats only',
    );
    membership.promoteMember(groups.world, ANNA, chat, BORIS);
    membership.promoteBot(groups.world, ANNA, chat, MODERATOR);
    expect(await ban(BORIS.id)).toBe('user is an administrator of the chat');
  });

  test('a basic group has no list of the banned', async () => {
    const chat = await groups.create('group', [], { members: [BORIS] });
    await groups.done('banChatMember', { chat_id: chat, user_id: BORIS.id });
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'left' });
    expect(await groups.why('banChatMember', { chat_id: chat, user_id: BORIS.id })).toBe(
      'USER_NOT_PARTICIPANT',
    );
    const plain = await groups.create('group', undefined, { members: [BORIS] });
    expect(await groups.why('banChatMember', { chat_id: plain, user_id: BORIS.id })).toBe(
      'CHAT_ADMIN_REQUIRED',
    );
    expect(
      await groups.why('restrictChatMember', { chat_id: chat, user_id: BORIS.id, permissions: {} }),
    ).toBe('method is available only for supergroups');
  });

  test('channels that may not write here', async () => {
    const channel = await groups.create('channel');
    const chat = await groups.create('supergroup', MODERATOR);
    const why = (params: object) => groups.why('banChatSenderChat', { chat_id: chat, ...params });
    expect(await groups.done('banChatSenderChat', { chat_id: chat, sender_chat_id: channel })).toBe(true);
    expect(await groups.done('unbanChatSenderChat', { chat_id: chat, sender_chat_id: channel })).toBe(true);
    expect(await why({})).toBe('sender_chat_id is empty');
    expect(await why({ sender_chat_id: '@x' })).toBe('sender_chat_id is not a valid Integer');
    const group = await groups.create('group');
    expect(await why({ sender_chat_id: group })).toBe("can't restrict the chat");
    expect(await groups.why('banChatSenderChat', { chat_id: group, sender_chat_id: channel })).toBe(
      "can't ban chats in basic groups",
    );
    expect(await groups.done('unbanChatSenderChat', { chat_id: group, sender_chat_id: channel })).toBe(true);
  });
});

describe('promotions', () => {
  const promote = (chat_id: number, user_id: number, rights: object) => ({ chat_id, user_id, ...rights });

  test('rights are given, changed and taken away', async () => {
    const chat = await groups.create('supergroup', ['can_promote_members', 'can_pin_messages'], {
      members: [BORIS],
    });
    await groups.done('promoteChatMember', promote(chat, BORIS.id, { can_pin_messages: true }));
    expect(await groups.member(chat, BORIS.id)).toMatchObject({
      status: 'administrator',
      can_be_edited: true,
      can_manage_chat: true,
      can_pin_messages: true,
      can_delete_messages: false,
    });
    const title = { chat_id: chat, user_id: BORIS.id, custom_title: 'gardener' };
    expect(await groups.done('setChatAdministratorCustomTitle', title)).toBe(true);
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ custom_title: 'gardener' });
    await groups.done('promoteChatMember', promote(chat, BORIS.id, {}));
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'member', tag: 'gardener' });
  });

  test('in a channel the right to restrict comes along', async () => {
    const chat = await groups.create('channel', undefined, { members: [BORIS] });
    await groups.done('promoteChatMember', promote(chat, BORIS.id, { can_post_messages: true }));
    expect(await groups.member(chat, BORIS.id)).toMatchObject({
      can_restrict_members: true,
      can_post_messages: true,
    });
  });

  test('what cannot be done, in the official words', async () => {
    const chat = await groups.create('supergroup', ['can_promote_members'], { members: [BORIS] });
    const why = (user: number, rights: object) =>
      groups.why('promoteChatMember', promote(chat, user, rights));
    expect(await why(BORIS.id, { can_pin_messages: true })).toBe('RIGHT_FORBIDDEN');
    expect(await why(ANNA.id, { can_manage_chat: true })).toBe("can't remove chat owner");
    expect(await why(bot().id, { can_pin_messages: true })).toBe("can't promote self");
    groups.api.bot.addUser(CLARA);
    expect(await why(CLARA.id, { can_manage_chat: true })).toBe('USER_NOT_PARTICIPANT');
    const plain = await groups.create('supergroup', undefined, { members: [BORIS] });
    expect(await groups.why('promoteChatMember', promote(plain, BORIS.id, { can_manage_chat: true }))).toBe(
      'not enough rights',
    );
    const group = await groups.create('group', [], { members: [BORIS] });
    expect(await groups.why('promoteChatMember', promote(group, BORIS.id, { can_manage_chat: true }))).toBe(
      'method is available for supergroup and channel chats only',
    );
  });

  test('custom titles are for administrators whom the bot has made', async () => {
    const chat = await groups.create('supergroup', ['can_promote_members'], { members: [BORIS] });
    const why = (user_id: number, custom_title = 'x') =>
      groups.why('setChatAdministratorCustomTitle', { chat_id: chat, user_id, custom_title });
    expect(await why(BORIS.id)).toBe('user is not an administrator');
    expect(await why(ANNA.id)).toBe('only the owner can edit their custom title');
    await groups.done('promoteChatMember', promote(chat, BORIS.id, { can_manage_chat: true }));
    expect(await why(BORIS.id, 'x'.repeat(17))).toBe('ADMIN_RANK_INVALID');
    expect(await why(BORIS.id, '🌳')).toBe('ADMIN_RANK_EMOJI_NOT_ALLOWED');
    membership.promoteMember(groups.world, ANNA, chat, BORIS);
    expect(await why(BORIS.id)).toBe('not enough rights to change custom title of the user');
  });

  test('a tag takes the right to give tags', async () => {
    const chat = await groups.create('supergroup', ['can_manage_tags'], { members: [BORIS] });
    await groups.done('setChatMemberTag', { chat_id: chat, user_id: BORIS.id, tag: 'rose' });
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'member', tag: 'rose' });
    await groups.done('setChatMemberTag', { chat_id: chat, user_id: BORIS.id });
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'member' });
    const plain = await groups.create('supergroup', undefined, { members: [BORIS] });
    expect(await groups.why('setChatMemberTag', { chat_id: plain, user_id: BORIS.id, tag: 'x' })).toBe(
      'CHAT_ADMIN_REQUIRED',
    );
  });
});

describe('who is there', () => {
  test('administrators, the owner first; other bots only when asked for', async () => {
    const helper = { id: 3001, is_bot: true, first_name: 'Helper', username: 'helper_bot' };
    const chat = await groups.create('supergroup', MODERATOR, { members: [BORIS, helper] });
    membership.promoteMember(groups.world, ANNA, chat, helper);
    const ids = async (params: object = {}): Promise<number[]> => {
      const list = await groups.api.result<ChatMember[]>('getChatAdministrators', {
        chat_id: chat,
        ...params,
      });
      return list.map(({ user }) => user.id);
    };
    expect(await ids()).toEqual([ANNA.id, bot().id]);
    expect(await ids({ return_bots: true })).toEqual([ANNA.id, helper.id, bot().id]);
    groups.api.hello();
    expect(await groups.why('getChatAdministrators', { chat_id: ANNA.id })).toBe(
      'there are no administrators in the private chat',
    );
  });

  test('they are counted, the bot and those unknown too', async () => {
    const count = (chat_id: number) => groups.api.result<number>('getChatMemberCount', { chat_id });
    const chat = await groups.create('supergroup', MODERATOR, { members: [BORIS], others: 40 });
    expect(await count(chat)).toBe(43);
    await groups.done('banChatMember', { chat_id: chat, user_id: BORIS.id });
    expect(await count(chat)).toBe(42);
    groups.api.hello();
    expect(await count(ANNA.id)).toBe(2);
  });

  test('more people than are remembered are counted on', async () => {
    const members = Array.from({ length: 10_500 }, (_, i) => ({
      id: 100_000 + i,
      is_bot: false,
      first_name: 'M',
    }));
    const chat = await groups.create('supergroup', undefined, { members });
    expect(await groups.api.result<number>('getChatMemberCount', { chat_id: chat })).toBe(10_502);
    expect(await groups.member(chat, 110_499)).toMatchObject({ status: 'member' });
    expect(await groups.member(chat, ANNA.id)).toMatchObject({ status: 'creator' });
    // A tenth was forgotten, those who came first.
    expect(await groups.member(chat, 100_000)).toMatchObject({ status: 'left' });
  });

  test('who writes in a group is in it', async () => {
    const chat = { id: -1_000_000_000_555, type: 'supergroup', title: 'Known from messages' } as const;
    groups.api.write({ from: BORIS, chat, text: 'hi' });
    expect(await groups.member(chat.id, BORIS.id)).toEqual({ user: BORIS, status: 'member' });
    groups.api.write({ from: BORIS, chat, left_chat_member: BORIS });
    expect(await groups.member(chat.id, BORIS.id)).toEqual({ user: BORIS, status: 'left' });
    // Nobody has said what the bot is there: it is a plain member, and may write.
    expect(await groups.member(chat.id, bot().id)).toMatchObject({ status: 'member' });
    await groups.api.result('sendMessage', { chat_id: chat.id, text: 'x' });
    await groups.api.result('sendPhoto', { chat_id: chat.id, photo: 'https://a.test/p.jpg' });
  });

  test('an option makes the bot an administrator wherever nothing is said about it', async () => {
    const others = await Groups.start({ inGroups: 'administrator' });
    const chat = { id: -1_000_000_000_555, type: 'supergroup', title: 'Known from messages' } as const;
    others.api.write({ from: BORIS, chat, text: 'hi' });
    expect(await others.done('pinChatMessage', { chat_id: chat.id, message_id: 1 })).toBe(true);
    expect(await others.done('banChatMember', { chat_id: chat.id, user_id: BORIS.id })).toBe(true);
    await others.close();
  });
});

describe('the bot itself', () => {
  test('it leaves, and cannot write any more', async () => {
    const chat = await groups.create('supergroup');
    expect(await groups.done('leaveChat', { chat_id: chat })).toBe(true);
    const [change, message] = await groups.updates();
    expect(change?.my_chat_member).toMatchObject({ from: bot(), new_chat_member: { status: 'left' } });
    expect(message?.message?.left_chat_member).toEqual(bot());
    expect(await groups.api.error('sendMessage', { chat_id: chat, text: 'x' })).toBe(
      'Forbidden: bot is not a member of the supergroup chat',
    );
    groups.api.hello();
    expect(await groups.why('leaveChat', { chat_id: ANNA.id })).toBe("can't leave private chats");
  });

  test.each(['group', 'supergroup', 'channel'] as const)('it is thrown out of a %s', async (type) => {
    const chat = await groups.create(type);
    membership.removeBot(groups.world, ANNA, chat);
    const [change, ...messages] = await groups.updates();
    expect(change?.my_chat_member?.new_chat_member.status).toBe(type === 'group' ? 'left' : 'kicked');
    expect(messages.map(({ message }) => message?.left_chat_member?.id)).toEqual(
      type === 'channel' ? [] : [bot().id],
    );
    const kicked = `Forbidden: bot was kicked from the ${type} chat`;
    expect(await groups.api.error('sendMessage', { chat_id: chat, text: 'x' })).toBe(kicked);
    // Basic groups can be read all the same.
    const { body } = await groups.api.call('getChat', { chat_id: chat });
    expect(body.ok ? 'ok' : body.description).toBe(type === 'group' ? 'ok' : kicked);
    membership.addBot(groups.world, ANNA, chat);
    await groups.api.result('sendMessage', { chat_id: chat, text: 'x' });
  });

  test('a restricted bot may not send everything', async () => {
    const chat = await groups.create('supergroup');
    membership.setBotStatus(groups.world, ANNA, chat, {
      status: 'restricted',
      permissions: new Set(['can_send_photos']),
      isMember: true,
      untilS: 0,
    });
    expect(await groups.why('sendMessage', { chat_id: chat, text: 'x' })).toBe(
      'not enough rights to send text messages to the chat',
    );
    await groups.api.result('sendPhoto', { chat_id: chat, photo: 'https://a.test/p.jpg' });
  });

  test('in a channel it needs the right to post', async () => {
    const chat = await groups.create('channel', ['can_invite_users']);
    expect(await groups.why('sendMessage', { chat_id: chat, text: 'x' })).toBe(
      'need administrator rights in the channel chat',
    );
    membership.promoteBot(groups.world, ANNA, chat);
    await groups.api.result('sendMessage', { chat_id: chat, text: 'x' });
  });

  test('a pin takes a right, in basic groups too', async () => {
    for (const type of ['group', 'supergroup', 'channel'] as const) {
      const chat = await groups.create(type, type === 'channel' ? ['can_post_messages'] : undefined);
      const { message_id } = await groups.api.result('sendMessage', { chat_id: chat, text: 'x' });
      const what = { chat_id: chat, message_id };
      const why = 'not enough rights to manage pinned messages in the chat';
      expect(await groups.why('pinChatMessage', what)).toBe(why);
      expect(await groups.why('unpinAllChatMessages', what)).toBe(why);
      membership.promoteBot(groups.world, ANNA, chat);
      expect(await groups.done('pinChatMessage', what)).toBe(true);
    }
  });
});
