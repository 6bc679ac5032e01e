import type { ChatInviteLink } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AdminRight } from '../../src/telegram/chats/member-status.js';
import * as membership from '../../src/telegram/people/membership.js';
import { ANNA, BORIS } from './api-harness.js';
import { CLARA, Groups } from './group-harness.js';

const INVITER: readonly AdminRight[] = ['can_invite_users'];

let groups: Groups;
let chat: number;
beforeEach(async () => {
  groups = await Groups.start();
  chat = await groups.create('supergroup', INVITER);
});
afterEach(() => groups.close());

const bot = () => groups.world.user;
const nowS = () => groups.world.clock.unixSeconds();
const create = (params: object = {}) =>
  groups.api.result<ChatInviteLink>('createChatInviteLink', { chat_id: chat, ...params });
const why = (method: string, params: object = {}) => groups.why(method, { chat_id: chat, ...params });

describe('links', () => {
  test('one with everything, in the official order', async () => {
    const expire_date = nowS() + 3600;
    const link = await create({ name: ' To  the garden ', expire_date, member_limit: 2 });
    expect(link).toEqual({
      invite_link: expect.stringMatching(/^https:\/\/t\.me\/\+[\w-]{16}$/),
      name: 'To the garden',
      creator: bot(),
      expire_date,
      member_limit: 2,
      creates_join_request: false,
      is_primary: false,
      is_revoked: false,
    });
    expect(Object.keys(link)).toEqual([
      'invite_link',
      'name',
      'creator',
      'expire_date',
      'member_limit',
      'creates_join_request',
      'is_primary',
      'is_revoked',
    ]);
  });

  test('the primary one is replaced, and the old one revoked', async () => {
    const first = await groups.api.result<string>('exportChatInviteLink', { chat_id: chat });
    const second = await groups.api.result<string>('exportChatInviteLink', { chat_id: chat });
    expect(second).not.toBe(first);
    expect(() => membership.join(groups.world, BORIS, chat, first)).toThrow('was revoked');
    const revoked = await groups.api.result<ChatInviteLink>('revokeChatInviteLink', {
      chat_id: chat,
      invite_link: second,
    });
    expect(revoked).toMatchObject({ invite_link: second, is_primary: true, is_revoked: true });
    const { invite_link } = await groups.api.result<{ invite_link: string }>('getChat', { chat_id: chat });
    expect([first, second]).not.toContain(invite_link);
  });

  test('a link is edited until it is revoked', async () => {
    const { invite_link } = await create({ member_limit: 3, name: 'a' });
    const edit = { chat_id: chat, invite_link, creates_join_request: true };
    expect(await groups.api.result('editChatInviteLink', edit)).toMatchObject({
      invite_link,
      creates_join_request: true,
    });
    expect(await groups.api.result('editChatInviteLink', edit)).not.toHaveProperty('name');
    await groups.api.result('revokeChatInviteLink', { chat_id: chat, invite_link });
    expect(await why('editChatInviteLink', edit)).toBe('INVITE_HASH_EXPIRED');
  });

  test('what cannot be done, in the official words', async () => {
    expect(await why('createChatInviteLink', { member_limit: 3, creates_join_request: true })).toBe(
      "member limit can't be specified for links requiring administrator approval",
    );
    expect(await why('createChatInviteLink', { expire_date: nowS() - 1 })).toBe('EXPIRE_DATE_INVALID');
    expect(await why('editChatInviteLink')).toBe('invite link must be non-empty');
    expect(await why('revokeChatInviteLink', { invite_link: 'https://t.me/+x' })).toBe('INVITE_HASH_EXPIRED');
    const primary = await groups.api.result<string>('exportChatInviteLink', { chat_id: chat });
    expect(await why('editChatInviteLink', { invite_link: primary })).toBe('CHAT_INVITE_PERMANENT');
    groups.api.hello();
    expect(await why('createChatInviteLink', { chat_id: ANNA.id })).toBe(
      "can't invite members to a private chat",
    );
  });

  test('subscriptions are for channels, by the month', async () => {
    const channel = await groups.create('channel');
    const params = { chat_id: channel, subscription_period: 2_592_000, subscription_price: 50, name: 'Club' };
    const link = await groups.api.result<ChatInviteLink>('createChatSubscriptionInviteLink', params);
    expect(link).toMatchObject({ name: 'Club', subscription_period: 2_592_000, subscription_price: 50 });
    expect(
      await groups.api.result('editChatSubscriptionInviteLink', {
        chat_id: channel,
        invite_link: link.invite_link,
        name: 'Club 2',
      }),
    ).toMatchObject({ name: 'Club 2', subscription_price: 50 });
    expect(await why('createChatSubscriptionInviteLink', { chat_id: channel })).toBe(
      'invalid subscription pricing specified',
    );
    membership.join(groups.world, BORIS, channel, link.invite_link);
    expect(await groups.member(channel, BORIS.id)).toMatchObject({ until_date: nowS() + 2_592_000 });
    await groups.api.clock.advance(2_592_001_000);
    expect(await groups.member(channel, BORIS.id)).toMatchObject({ status: 'left' });
  });
});

describe('joining', () => {
  test('by a link: the bot hears who came, and how', async () => {
    const { invite_link } = await create({ member_limit: 1 });
    membership.join(groups.world, BORIS, chat, invite_link);
    const [change, message] = await groups.updates();
    expect(change?.chat_member).toMatchObject({
      from: BORIS,
      old_chat_member: { status: 'left' },
      new_chat_member: { status: 'member' },
      invite_link: { invite_link },
    });
    expect(message?.message).toMatchObject({
      from: BORIS,
      new_chat_participant: BORIS,
      new_chat_member: BORIS,
      new_chat_members: [BORIS],
    });
    expect(() => membership.join(groups.world, CLARA, chat, invite_link)).toThrow('as many as it may');
    expect(() => membership.join(groups.world, BORIS, chat)).toThrow('already');
  });

  test('a link expires', async () => {
    const { invite_link } = await create({ expire_date: nowS() + 10 });
    await groups.api.clock.advance(10_000);
    expect(() => membership.join(groups.world, BORIS, chat, invite_link)).toThrow('expired');
  });

  test('a plain member hears only the message', async () => {
    const plain = await groups.create('supergroup');
    membership.join(groups.world, BORIS, plain);
    membership.leave(groups.world, BORIS, plain);
    expect((await groups.updates()).map((update) => Object.keys(update)[1])).toEqual(['message', 'message']);
  });

  test('in a channel there is no message', async () => {
    const channel = await groups.create('channel');
    membership.join(groups.world, BORIS, channel);
    membership.leave(groups.world, BORIS, channel);
    const updates = await groups.updates();
    expect(updates.map(({ chat_member: it }) => it?.new_chat_member.status)).toEqual(['member', 'left']);
  });
});

describe('asking to be let in', () => {
  const settle = (method: 'approve' | 'decline', user_id = BORIS.id) =>
    groups.api.call<true>(`${method}ChatJoinRequest`, { chat_id: chat, user_id });

  test('a request is heard of and granted', async () => {
    const { invite_link } = await create({ creates_join_request: true });
    expect(() => membership.join(groups.world, BORIS, chat, invite_link)).toThrow('asks an administrator');
    membership.requestToJoin(groups.world, BORIS, chat, { link: invite_link, bio: 'I plant' });
    const [request] = await groups.updates();
    expect(request?.chat_join_request).toEqual({
      chat: expect.objectContaining({ id: chat }),
      from: BORIS,
      user_chat_id: BORIS.id,
      date: nowS(),
      bio: 'I plant',
      invite_link: expect.objectContaining({ invite_link, pending_join_request_count: 1 }),
    });
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ status: 'left' });
    expect((await settle('approve')).body.result).toBe(true);
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ status: 'member' });
    const [change, message] = await groups.updates();
    expect(change?.chat_member).toMatchObject({
      from: bot(),
      via_join_request: true,
      invite_link: { invite_link },
    });
    expect(message?.message?.new_chat_members).toEqual([BORIS]);
    expect((await settle('approve')).body.description).toBe('Bad Request: USER_ALREADY_PARTICIPANT');
  });

  test('a request is refused once', async () => {
    membership.requestToJoin(groups.world, BORIS, chat);
    expect((await settle('decline')).body.result).toBe(true);
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ status: 'left' });
    expect((await settle('decline')).body.description).toBe('Bad Request: HIDE_REQUESTER_MISSING');
  });

  test('who may not invite hears nothing and lets nobody in', async () => {
    membership.promoteBot(groups.world, ANNA, chat, ['can_pin_messages']);
    await groups.updates();
    membership.requestToJoin(groups.world, BORIS, chat);
    expect(await groups.updates()).toEqual([]);
    expect((await settle('approve')).body.description).toBe(
      'Bad Request: not enough rights to manage chat join requests',
    );
    membership.settleJoinRequest(groups.world, ANNA, chat, BORIS.id, true);
    expect(await groups.member(chat, BORIS.id)).toMatchObject({ status: 'member' });
  });

  test('nobody asks in a private chat', async () => {
    groups.api.hello();
    expect(await why('approveChatJoinRequest', { chat_id: ANNA.id, user_id: ANNA.id })).toBe(
      "the chat can't have join requests",
    );
  });
});
