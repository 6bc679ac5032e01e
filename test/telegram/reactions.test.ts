import type { MessageReactionCountUpdated, MessageReactionUpdated, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ReactionBook } from '../../src/telegram/chats/reaction-book.js';
import { ANNA, ApiHarness, BORIS, SUPERGROUP } from './api-harness.js';
import { type Stage, stage } from './stage.js';

const ALL = JSON.stringify(['message', 'message_reaction', 'message_reaction_count']);
const THUMB = { type: 'emoji', emoji: '👍' } as const;

let api: ApiHarness;
let on: Stage;
beforeEach(async () => {
  api = await ApiHarness.start();
});
afterEach(() => api.server.close());

/** What the bot hears since the last time. */
async function heard(): Promise<Update[]> {
  // The same offset twice within half a second gets one update only.
  await api.clock.advance(1_000);
  const updates = await api.result<Update[]>('getUpdates', { allowed_updates: ALL });
  const last = updates.at(-1)?.update_id;
  if (last !== undefined) await api.result('getUpdates', { offset: last + 1 });
  return updates;
}

describe('in a private chat', () => {
  beforeEach(async () => {
    on = stage(api, { user: ANNA });
    api.hello();
    await heard();
  });

  test('a person reacts, changes the mind, and takes it back', async () => {
    on.react(1, ['👍']);
    on.react(1, ['🔥']);
    on.react(1, ['🔥']);
    on.react(1, []);
    const updates = (await heard()).map(({ message_reaction: it }) => it as MessageReactionUpdated);
    expect(updates.map(({ old_reaction: before, new_reaction: after }) => [before, after])).toEqual([
      [[], [THUMB]],
      [[THUMB], [{ type: 'emoji', emoji: '🔥' }]],
      [[{ type: 'emoji', emoji: '🔥' }], []],
    ]);
    expect(Object.keys(updates[0] ?? {})).toEqual([
      'chat',
      'message_id',
      'user',
      'date',
      'old_reaction',
      'new_reaction',
    ]);
  });

  test('the bot hears nothing of it unless it asked for it', async () => {
    await api.result('getUpdates', { allowed_updates: '[]' });
    expect(on.react(1, ['👍'])).not.toHaveProperty('updateId');
  });

  test('nobody reacts twice, unless they pay', () => {
    expect(() => on.react(1, ['👍', '🔥'])).toThrow(/cannot react/);
    const paying = stage(api, { user: { ...ANNA, is_premium: true } });
    expect(() => paying.react(1, ['👍', '🔥', '🎉'])).not.toThrow();
    expect(() => paying.react(1, ['👍', '👍'])).toThrow(/cannot react/);
  });

  test('the own reactions of the bot are no update', async () => {
    await api.result('setMessageReaction', { chat_id: ANNA.id, message_id: 1, reaction: [THUMB] });
    expect(await heard()).toEqual([]);
  });

  test('what happened cannot be reacted to', async () => {
    const { message_id } = await api.result('sendMessage', { chat_id: ANNA.id, text: 'x' });
    await api.result('pinChatMessage', { chat_id: ANNA.id, message_id });
    expect(
      await api.error('setMessageReaction', {
        chat_id: ANNA.id,
        message_id: message_id + 1,
        reaction: [THUMB],
      }),
    ).toBe('Bad Request: MESSAGE_ID_INVALID');
  });

  test('reactions are deleted in groups only', async () => {
    const params = { chat_id: ANNA.id, message_id: 1, user_id: ANNA.id };
    expect(await api.error('deleteMessageReaction', params)).toBe('Bad Request: CHAT_ADMIN_REQUIRED');
  });
});

describe('in a group', () => {
  const where = { chat_id: SUPERGROUP.id, message_id: 1 };
  async function inGroup(inGroups: 'member' | 'administrator'): Promise<void> {
    Object.assign(api, { bot: api.server.addBot({ settings: { inGroups, readsAllGroupMessages: true } }) });
    on = stage(api, { user: ANNA, chat: SUPERGROUP });
    api.write({ from: ANNA, chat: SUPERGROUP, text: 'x' });
    await heard();
  }

  test('only administrators hear of reactions', async () => {
    await inGroup('member');
    expect(on.react(1, ['👍'])).toEqual({});
    expect(await heard()).toEqual([]);
    expect(await api.error('deleteAllMessageReactions', { ...where, user_id: ANNA.id })).toBe(
      'Bad Request: CHAT_ADMIN_REQUIRED',
    );
  });

  test('an anonymous administrator is the group', async () => {
    await inGroup('administrator');
    stage(api, { user: ANNA, chat: SUPERGROUP, as: 'anonymous' }).react(1, ['👍']);
    const [update] = await heard();
    expect(update?.message_reaction).toMatchObject({ actor_chat: { id: SUPERGROUP.id } });
    expect(update?.message_reaction).not.toHaveProperty('user');
  });

  test('an administrator takes reactions away', async () => {
    await inGroup('administrator');
    on.react(1, ['👍']);
    expect(await api.result('deleteMessageReaction', { ...where, user_id: ANNA.id })).toBe(true);
    on.react(1, ['👍']);
    const updates = await heard();
    expect(updates.map(({ message_reaction: it }) => it?.old_reaction)).toEqual([[], []]);
    expect(await api.result('deleteAllMessageReactions', { ...where, user_id: ANNA.id })).toBe(true);
    on.react(1, ['🔥']);
    expect((await heard())[0]?.message_reaction?.old_reaction).toEqual([]);
  });

  test.each([
    [{ user_id: 'x' }, 'invalid user_id specified'],
    [{ user_id: 77 }, 'user not found'],
    [{}, 'sender_chat_id is empty'],
    [{ actor_chat_id: 'x' }, 'sender_chat_id is not a valid Integer'],
    [{ actor_chat_id: -77 }, 'chat not found'],
    [{ message_id: 77, user_id: ANNA.id }, 'message to delete reactions not found'],
  ])('deleteMessageReaction %j: %s', async (params, text) => {
    await inGroup('administrator');
    expect(await api.error('deleteMessageReaction', { ...where, ...params })).toBe(`Bad Request: ${text}`);
  });
});

test('in a channel reactions are counted', async () => {
  const channel = { id: -1_000_000_000_900, type: 'channel', title: 'News' } as const;
  api.bot.addChat(channel);
  const { message_id: id } = await api.result('sendMessage', { chat_id: channel.id, text: 'x' });
  await heard();
  stage(api, { user: ANNA, chat: channel }).react(id, ['👍']);
  stage(api, { user: BORIS, chat: channel }).react(id, ['👍']);
  const counts = (await heard()).map(({ message_reaction_count: it }) => it as MessageReactionCountUpdated);
  expect(counts.map(({ reactions }) => reactions)).toEqual([
    [{ type: THUMB, total_count: 1 }],
    [{ type: THUMB, total_count: 2 }],
  ]);
});

test('the most chosen reaction comes first', () => {
  const book = new ReactionBook();
  book.set(1, 1, 10, [{ type: 'emoji', emoji: '🔥' }]);
  book.set(1, 1, 11, [THUMB]);
  book.set(1, 1, 12, [THUMB, { type: 'custom_emoji', custom_emoji_id: '5' }]);
  expect(book.counts(1, 1).map(({ total_count: count }) => count)).toEqual([2, 1, 1]);
  book.forget(1, 1);
  expect(book.counts(1, 1)).toEqual([]);
});
