import type { ForumTopic, Message, Sticker, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { ANNA, ApiHarness, SUPERGROUP } from './api-harness.js';

const FORUM = { ...SUPERGROUP, is_forum: true } as const;

let api: ApiHarness;
afterEach(() => api.server.close());

async function startAs(inGroups: 'member' | 'administrator'): Promise<void> {
  api = await ApiHarness.start();
  const bot = api.server.addBot({ username: 'topics_bot', settings: { inGroups } });
  Object.assign(api, { bot });
  bot.addChat(FORUM);
  api.write({ from: ANNA, chat: FORUM, text: 'in General' });
  await api.result('getUpdates', { offset: -1 });
}

const here = { chat_id: FORUM.id };
const create = (params: object = {}) =>
  api.result<ForumTopic>('createForumTopic', { ...here, name: 'Orders', ...params });
const send = (params: object = {}) => api.result('sendMessage', { ...here, text: 'x', ...params });
const error = (method: string, params: object = {}) => api.error(method, { ...here, ...params });
const ok = (method: string, params: object = {}) => api.result<true>(method, { ...here, ...params });
/** The newest update. */
async function heard(): Promise<Message> {
  const [update] = await api.result<Update[]>('getUpdates', { offset: -1 });
  return update?.message as Message;
}

describe('an administrator', () => {
  beforeEach(() => startAs('administrator'));

  test('opens a topic: its id is that of the service message, which it hears of', async () => {
    const topic = await create({ name: '  Orders\n today ', icon_custom_emoji_id: '5' });
    expect(topic).toEqual({
      message_thread_id: 2,
      name: 'Orders today',
      icon_color: 7322096,
      icon_custom_emoji_id: '5',
    });
    const message = await heard();
    expect(message).toMatchObject({
      message_id: 2,
      message_thread_id: 2,
      is_topic_message: true,
      forum_topic_created: { name: 'Orders today', icon_color: 7322096, icon_custom_emoji_id: '5' },
    });
    expect(Object.keys(message).slice(-2)).toEqual(['forum_topic_created', 'is_topic_message']);
  });

  test('writes into a topic: the message replies to its opening', async () => {
    const { message_thread_id: thread } = await create();
    expect(await send({ message_thread_id: thread })).toMatchObject({
      message_thread_id: thread,
      is_topic_message: true,
      reply_to_message: { message_id: thread, forum_topic_created: { name: 'Orders' } },
    });
    expect(await send()).not.toHaveProperty('message_thread_id');
  });

  test('answers where it was asked', async () => {
    const { message_thread_id: thread } = await create();
    const { messageId } = api.write({
      from: ANNA,
      chat: FORUM,
      text: '?',
      message_thread_id: thread,
      is_topic_message: true,
    });
    expect(await send({ reply_parameters: { message_id: messageId } })).toMatchObject({
      message_thread_id: thread,
      is_topic_message: true,
      reply_to_message: { message_id: messageId },
    });
  });

  test('replies across topics from outside', async () => {
    const { message_thread_id: thread } = await create();
    const sent = await send({ message_thread_id: thread, reply_parameters: { message_id: 1 } });
    expect(sent).not.toHaveProperty('reply_to_message');
    expect(sent).toMatchObject({
      message_thread_id: thread,
      external_reply: { origin: { type: 'user', sender_user: { id: ANNA.id } }, message_id: 1 },
    });
  });

  test('knows a topic from the messages in it', async () => {
    api.write({ from: ANNA, chat: FORUM, text: 'x', message_thread_id: 77, is_topic_message: true });
    expect(await send({ message_thread_id: 77 })).toMatchObject({ message_thread_id: 77 });
  });

  test.each([1, 99])('finds no topic %d to write into', async (id) => {
    expect(await error('sendMessage', { text: 'x', message_thread_id: id })).toBe(
      'Bad Request: message thread not found',
    );
  });

  test('edits name and icon', async () => {
    const { message_thread_id: thread } = await create();
    const where = { message_thread_id: thread };
    expect(await ok('editForumTopic', { ...where, name: 'Done', icon_custom_emoji_id: '' })).toBe(true);
    expect(await heard()).toMatchObject({
      message_thread_id: thread,
      reply_to_message: { message_id: thread },
      forum_topic_edited: { name: 'Done', icon_custom_emoji_id: '' },
    });
    expect(await error('editForumTopic', { ...where, name: 'Done' })).toBe('Bad Request: TOPIC_NOT_MODIFIED');
    expect(await ok('editForumTopic', where)).toBe(true);
  });

  test('closes and reopens', async () => {
    const { message_thread_id: thread } = await create();
    const where = { message_thread_id: thread };
    expect(await error('reopenForumTopic', where)).toBe('Bad Request: TOPIC_NOT_MODIFIED');
    await ok('closeForumTopic', where);
    expect(await heard()).toMatchObject({ message_thread_id: thread, forum_topic_closed: {} });
    expect(await send(where)).toMatchObject(where);
    await ok('reopenForumTopic', where);
    expect(await heard()).toMatchObject({ message_thread_id: thread, forum_topic_reopened: {} });
  });

  test('deletes a topic with its messages', async () => {
    const { message_thread_id: thread } = await create();
    const inside = await send({ message_thread_id: thread });
    const outside = await send();
    await ok('deleteForumTopic', { message_thread_id: thread });
    expect(api.bot.message(chatId(FORUM.id), inside.message_id)).toBeUndefined();
    expect(api.bot.message(chatId(FORUM.id), thread)).toBeUndefined();
    expect(api.bot.message(chatId(FORUM.id), outside.message_id)).toBeDefined();
    expect(await error('sendMessage', { text: 'x', message_thread_id: thread })).toBe(
      'Bad Request: message thread not found',
    );
    expect(await error('deleteForumTopic', { message_thread_id: thread })).toBe(
      'Bad Request: TOPIC_ID_INVALID',
    );
  });

  test('hides General, which closes it; reopening shows it again', async () => {
    await ok('hideGeneralForumTopic');
    expect(await heard()).toMatchObject({ general_forum_topic_hidden: {} });
    expect(await error('closeGeneralForumTopic')).toBe('Bad Request: TOPIC_NOT_MODIFIED');
    await ok('unhideGeneralForumTopic');
    expect(await heard()).toMatchObject({ general_forum_topic_unhidden: {} });
    await ok('reopenGeneralForumTopic');
    const reopened = await heard();
    expect(reopened).toMatchObject({ forum_topic_reopened: {} });
    expect(reopened).not.toHaveProperty('message_thread_id');
    await ok('hideGeneralForumTopic');
    await ok('reopenGeneralForumTopic');
    expect(await error('unhideGeneralForumTopic')).toBe('Bad Request: TOPIC_NOT_MODIFIED');
  });

  test('renames General', async () => {
    await ok('editGeneralForumTopic', { name: 'Hall' });
    expect(await heard()).toMatchObject({ forum_topic_edited: { name: 'Hall' } });
    expect(await error('editGeneralForumTopic', { name: 'Hall' })).toBe('Bad Request: TOPIC_NOT_MODIFIED');
  });

  test('unpins by topic', async () => {
    const { message_thread_id: thread } = await create();
    const inside = await send({ message_thread_id: thread });
    const outside = await send();
    for (const { message_id } of [inside, outside]) await ok('pinChatMessage', { message_id });
    const pinned = async () =>
      (await api.result<{ pinned_message?: Message }>('getChat', here)).pinned_message?.message_id;
    await ok('unpinAllGeneralForumTopicMessages');
    expect(await pinned()).toBe(inside.message_id);
    await ok('unpinAllForumTopicMessages', { message_thread_id: thread });
    expect(await pinned()).toBeUndefined();
  });

  test.each([
    ['createForumTopic', { name: ' ' }, 'name must be non-empty'],
    ['createForumTopic', { name: 'x', icon_color: 0x1000000 }, 'invalid icon color specified'],
    ['editForumTopic', { name: 'x' }, 'invalid forum topic identifier specified'],
    ['editForumTopic', { name: 'x', message_thread_id: 99 }, 'TOPIC_ID_INVALID'],
    ['closeForumTopic', { message_thread_id: 99 }, 'TOPIC_ID_INVALID'],
    ['closeForumTopic', { chat_id: SUPERGROUP.id - 1, message_thread_id: 1 }, 'the chat is not a forum'],
    ['createForumTopic', { chat_id: ANNA.id, name: 'x' }, 'the chat is not a forum'],
    ['createForumTopic', { chat_id: 5, name: 'x' }, 'chat not found'],
  ])('%s %j: %s', async (method, params, text) => {
    api.bot.addChat({ id: SUPERGROUP.id - 1, type: 'supergroup', title: 'No forum' });
    api.hello();
    expect(await error(method, params)).toBe(`Bad Request: ${text}`);
  });
});

describe('a member', () => {
  beforeEach(() => startAs('member'));

  test('may not open, close or hide', async () => {
    const thread = { message_thread_id: 77 };
    api.write({ from: ANNA, chat: FORUM, text: 'x', is_topic_message: true, ...thread });
    expect(await error('createForumTopic', { name: 'x' })).toBe(
      'Bad Request: not enough rights to create a topic',
    );
    expect(await error('editForumTopic', { name: 'x', ...thread })).toBe(
      'Bad Request: not enough rights to edit the topic',
    );
    expect(await error('closeForumTopic', thread)).toBe(
      'Bad Request: not enough rights to close or open the topic',
    );
    expect(await error('hideGeneralForumTopic')).toBe(
      'Bad Request: not enough rights to close or open the topic',
    );
    expect(await error('deleteForumTopic', thread)).toBe(
      'Bad Request: not enough rights to delete the topic',
    );
  });
});

test('a topic means nothing in a group that is no forum, and is not found in a private chat', async () => {
  api = await ApiHarness.start();
  api.write({ from: ANNA, chat: SUPERGROUP, text: 'x' });
  const sent = await api.result('sendMessage', { chat_id: SUPERGROUP.id, text: 'x', message_thread_id: 5 });
  expect(sent).not.toHaveProperty('message_thread_id');
  api.hello();
  expect(await api.error('sendMessage', { chat_id: ANNA.id, text: 'x', message_thread_id: 5 })).toBe(
    'Bad Request: message thread not found',
  );
});

test('icons for topics are custom emoji', async () => {
  api = await ApiHarness.start();
  const stickers = await api.result<Sticker[]>('getForumTopicIconStickers');
  expect(stickers.length).toBeGreaterThan(0);
  expect(stickers[0]).toMatchObject({
    type: 'custom_emoji',
    custom_emoji_id: expect.stringMatching(/^\d+$/),
  });
});

test('people open, rename and close topics, and the bot hears of it', async () => {
  await startAs('member');
  const anna = api.bot.person(ANNA);
  const forum = anna.in(FORUM);
  const { messageId: id = 0 } = forum.openTopic('Help');
  expect(await heard()).toMatchObject({
    message_id: id,
    message_thread_id: id,
    is_topic_message: true,
    from: { id: ANNA.id },
    forum_topic_created: { name: 'Help', icon_color: 7322096 },
  });
  forum.renameTopic(id, 'Helped');
  expect(await heard()).toMatchObject({ message_thread_id: id, forum_topic_edited: { name: 'Helped' } });
  expect(await send({ message_thread_id: id })).toMatchObject({ message_thread_id: id });
  forum.closeTopic(id);
  expect(await heard()).toMatchObject({ message_thread_id: id, forum_topic_closed: {} });
  expect(await error('sendMessage', { text: 'x', message_thread_id: id })).toBe('Bad Request: TOPIC_CLOSED');
  forum.reopenTopic(id);
  expect(await send({ message_thread_id: id })).toMatchObject({ message_thread_id: id });
  expect(() => forum.closeTopic(99)).toThrow(/no topic 99/);
  expect(() => anna.in(SUPERGROUP).openTopic('x')).toThrow(/no forum/);
});

test('private chats have topics when the bot has them; they are not closed', async () => {
  api = await ApiHarness.start();
  const { world } = api.bot;
  world.user = Object.assign({}, world.user, { has_topics_enabled: true });
  api.hello();
  const where = { chat_id: ANNA.id };
  const { message_thread_id: thread } = await create({ ...where, name: 'Trip' });
  const sent = await send({ ...where, message_thread_id: thread });
  expect(sent).toMatchObject({ message_thread_id: thread, is_topic_message: true });
  // Only in supergroups a message in a topic replies to its opening.
  expect(sent).not.toHaveProperty('reply_to_message');
  expect(await api.error('closeForumTopic', { ...where, message_thread_id: thread })).toBe(
    'Bad Request: the chat is not a supergroup forum',
  );
  expect(await api.result('deleteForumTopic', { ...where, message_thread_id: thread })).toBe(true);
});
