import type { Message, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { retitle } from '../../src/telegram/chats/chat-book.js';
import type { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { ANNA, ApiHarness, BORIS } from './api-harness.js';

const FORUM = { id: -1_000_000_000_778, type: 'supergroup', title: 'Forum', is_forum: true } as const;

let api: ApiHarness;
let anna: PersonInChat;

beforeEach(async () => {
  api = await ApiHarness.start();
  anna = api.bot.person({ id: ANNA.id, first_name: 'Anna' }).privateChat();
  anna.start();
});

afterEach(() => api.server.close());

async function newest(): Promise<Update> {
  const updates = await api.result<Update[]>('getUpdates', { offset: -1 });
  return updates[0] as Update;
}

describe('people', () => {
  test('open, rename and close topics, and write into them', async () => {
    api.bot.addChat(FORUM);
    const there = api.bot.person({ id: ANNA.id, first_name: 'Anna' }).in(FORUM);
    const thread = there.openTopic('News').messageId ?? 0;
    there.renameTopic(thread, 'Old news');
    expect((await newest()).message).toMatchObject({ forum_topic_edited: { name: 'Old news' } });
    there.closeTopic(thread);
    expect(() => there.closeTopic(thread)).toThrow(/closed already/);
    there.reopenTopic(thread);
    there.say('/here', { thread });
    expect((await newest()).message).toMatchObject({ message_thread_id: thread, is_topic_message: true });
  });

  test('have topics in private chats of bots that were given them', async () => {
    expect(() => anna.say('a', { thread: 5 })).toThrow(/no topic/);
    const bot = api.server.addBot({ username: 'topic_bot' });
    Object.assign(bot.world.user, { has_topics_enabled: true });
    const there = bot.person({ id: ANNA.id, first_name: 'Anna' }).privateChat();
    there.start();
    const thread = there.openTopic('Mine').messageId ?? 0;
    const { messageId } = there.say('a', { thread });
    expect(there.sees().messages.find((message) => message.message_id === messageId)).toMatchObject({
      message_thread_id: thread,
      is_topic_message: true,
    });
  });

  test('tick tasks of a checklist', async () => {
    const checklist = {
      title: 'Trip',
      tasks: [
        { id: 1, text: 'Pack' },
        { id: 2, text: 'Go' },
      ],
      others_can_mark_tasks_as_done: true,
    };
    const { messageId = 0 } = api.bot.receive({
      kind: 'message',
      payload: { from: BORIS, chat: anna.chat, checklist },
    });
    anna.tick(messageId, 2);
    const { message } = await newest();
    expect(message?.checklist_tasks_done).toMatchObject({
      marked_as_done_task_ids: [2],
      checklist_message: {
        message_id: messageId,
        checklist: { tasks: [{ id: 1 }, { id: 2, completed_by_user: { id: ANNA.id } }] },
      },
    });
    anna.untick(messageId, 2);
    expect((await newest()).message?.checklist_tasks_done).toMatchObject({
      marked_as_not_done_task_ids: [2],
    });
    expect(() => anna.tick(messageId, 3)).toThrow(/no task 3/);
  });

  test('delete a message, and what hangs on it is forgotten', async () => {
    const sent = await api.result<Message>('sendPoll', {
      chat_id: ANNA.id,
      question: 'Q',
      options: [{ text: 'a' }, { text: 'b' }],
    });
    const poll = sent.poll?.id ?? '';
    expect(api.bot.world.polls.get(poll)).toBeDefined();
    anna.delete(sent);
    expect(api.bot.world.polls.get(poll)).toBeUndefined();
  });

  test('send files that have as many bytes as they say', async () => {
    anna.sendDocument({ name: 'a.pdf', size: 70_000 });
    const { file_id } = (await newest()).message?.document ?? { file_id: '' };
    const { file_path } = await api.result<{ file_path: string }>('getFile', { file_id });
    const get = async (): Promise<Buffer> => {
      const answer = await fetch(`${api.server.origin}/file/bot${api.bot.token}/${file_path}`);
      return Buffer.from(await answer.arrayBuffer());
    };
    const first = await get();
    expect(first).toHaveLength(70_000);
    expect((await get()).equals(first)).toBe(true);
  });
});

test('an old title in what comes later does not bring it back', async () => {
  const chat = { id: -1_000_000_000_779, type: 'supergroup', title: 'Before' } as const;
  api.bot.addChat(chat);
  const world = api.bot.world;
  const state = world.chats.chat(chat.id);
  if (state === undefined) throw new Error('no chat');
  retitle(state, 'After');
  api.write({ from: ANNA, chat, text: '/a' });
  expect(state.chat.title).toBe('After');
  api.write({ from: ANNA, chat: { ...chat, title: 'Newest' }, text: '/a' });
  expect(state.chat.title).toBe('Newest');
  api.write({ from: ANNA, chat, new_chat_title: 'Before' });
  expect(state.chat.title).toBe('Before');
});

test('logOut ends a poll that waits', async () => {
  await api.result('getUpdates', { offset: -1 });
  const last = await newest();
  const waiting = api.call<Update[]>('getUpdates', { offset: last.update_id + 1, timeout: 30 });
  while (api.eventsOf('call.started').filter(({ method }) => method === 'getUpdates').length < 3) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await api.result('logOut');
  expect((await waiting).body).toMatchObject({ ok: true, result: [] });
});

test('edits ask for less than writing: a basic group that moved away can be edited', async () => {
  const group = { id: -501, type: 'group', title: 'Basic' } as const;
  api.bot.addChat(group);
  api.write({ from: ANNA, chat: group, text: '/a' });
  const { message_id } = await api.result<Message>('sendMessage', { chat_id: group.id, text: 'a' });
  const state = api.bot.world.chats.chat(group.id);
  if (state === undefined) throw new Error('no chat');
  state.access = 'deleted';
  expect(await api.error('sendMessage', { chat_id: group.id, text: 'a' })).toBe(
    'Forbidden: the group chat was deleted',
  );
  await api.result('editMessageText', { chat_id: group.id, message_id, text: 'b' });
});

describe('rare methods', () => {
  test.each([
    [
      'answerChatJoinRequestQuery',
      { chat_join_request_query_id: '1', result: 'x' },
      'invalid result specified',
    ],
    ['answerChatJoinRequestQuery', { chat_join_request_query_id: '1', result: 'queue' }, 'QUERY_ID_INVALID'],
    [
      'sendChatJoinRequestWebApp',
      { chat_join_request_query_id: '1', web_app_url: 'http://x' },
      'web App URL is invalid',
    ],
    ['setManagedBotAccessSettings', { user_id: 9, is_access_restricted: true }, 'user not found'],
    [
      'setManagedBotAccessSettings',
      { user_id: ANNA.id, is_access_restricted: true, added_user_ids: 1 },
      'expected an Array of user identifiers',
    ],
    ['setPassportDataErrors', { user_id: ANNA.id, errors: '{' }, "can't parse errors JSON object"],
    [
      'setPassportDataErrors',
      { user_id: ANNA.id, errors: [{ type: 'x', message: 'm' }] },
      "can't parse PassportElementError: wrong Telegram Passport element type specified",
    ],
    [
      'setPassportDataErrors',
      { user_id: ANNA.id, errors: [{ type: 'email', message: 'm', element_hash: '*' }] },
      "can't parse PassportElementError: hash isn't a valid base64-encoded string",
    ],
  ])('%s %j', async (method, params, why) => {
    expect(await api.error(method, params)).toBe(`Bad Request: ${why}`);
  });

  test('what is right is answered with true', async () => {
    const errors = [{ type: 'email', message: 'm', element_hash: 'AAAA' }];
    expect(await api.result('setPassportDataErrors', { user_id: ANNA.id, errors })).toBe(true);
    expect(
      await api.result('setManagedBotAccessSettings', { user_id: ANNA.id, is_access_restricted: false }),
    ).toBe(true);
  });
});
