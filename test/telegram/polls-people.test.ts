import type { Message, Poll, PollAnswer, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { ANNA, ANNAS_CHAT, ApiHarness, BORIS, GROUP } from './api-harness.js';
import { POLL, stage } from './stage.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
  await heard();
});
afterEach(() => api.server.close());

const send = (params: object = {}) =>
  api.result<Message.PollMessage>('sendPoll', { chat_id: ANNA.id, ...POLL, ...params });
const shown = (id: number) => api.bot.message(ANNAS_CHAT, id)?.poll as Poll;

async function heard(): Promise<Update[]> {
  // The same offset twice within half a second gets one update only.
  await api.clock.advance(501);
  const updates = await api.result<Update[]>('getUpdates');
  const last = updates.at(-1)?.update_id;
  if (last !== undefined) await api.result('getUpdates', { offset: last + 1 });
  return updates;
}

describe('a vote', () => {
  test('is counted, and told with the name of the voter', async () => {
    const { message_id: id, poll } = await send({ is_anonymous: false });
    stage(api).vote(id, 1);
    const updates = await heard();
    expect(updates.map((update) => Object.keys(update)[1])).toEqual(['poll', 'poll_answer']);
    const told = updates[0]?.poll as Poll;
    expect(told.options.map(({ voter_count: count }) => count)).toEqual([0, 1, 0]);
    expect(told.total_voter_count).toBe(1);
    expect(updates[1]?.poll_answer).toEqual({
      poll_id: poll.id,
      user: ANNA,
      option_ids: [1],
      option_persistent_ids: ['1'],
    } satisfies PollAnswer);
    expect(shown(id).total_voter_count).toBe(1);
  });

  test('is told without a name in an anonymous poll', async () => {
    const { message_id: id } = await send();
    stage(api).vote(id, 0);
    expect((await heard()).map((update) => Object.keys(update)[1])).toEqual(['poll']);
  });

  test('can be for several options, changed, and taken back', async () => {
    const { message_id: id } = await send({ is_anonymous: false, allows_multiple_answers: true });
    stage(api).vote(id, 2, 0);
    stage(api).vote(id, 1);
    stage(api).retract(id);
    const answers = (await heard()).map(({ poll_answer: answer }) => answer?.option_ids ?? 'poll');
    expect(answers).toEqual(['poll', [0, 2], 'poll', [1], 'poll', []]);
    expect(shown(id).total_voter_count).toBe(0);
    expect(() => stage(api).retract(id)).toThrow(/has not voted/);
  });

  test('must be possible', async () => {
    const { message_id: id } = await send();
    expect(() => stage(api).vote(id, 0, 1)).toThrow(/takes one answer/);
    expect(() => stage(api).vote(id, 3)).toThrow(/no option 3/);
    expect(() => stage(api).vote(id)).toThrow(/for an option/);
    expect(() => stage(api).vote(1, 0)).toThrow(/no poll/);
    expect(() => stage(api).vote(99, 0)).toThrow(/none with this number/);
  });

  test('in a quiz is final', async () => {
    const { message_id: id, poll } = await send({ type: 'quiz', correct_option_id: 2 });
    expect(poll.correct_option_ids).toEqual([2]);
    stage(api).vote(id, 0);
    expect((await heard())[0]?.poll).toMatchObject({ type: 'quiz', correct_option_ids: [2] });
    expect(() => stage(api).vote(id, 2)).toThrow(/has voted/);
    expect(() => stage(api).retract(id)).toThrow(/final/);
  });

  test('counts wherever the poll was forwarded', async () => {
    const { message_id: id } = await send();
    const forwarded = await api.result<Message.PollMessage>('forwardMessage', {
      chat_id: ANNA.id,
      from_chat_id: ANNA.id,
      message_id: id,
    });
    stage(api).vote(forwarded.message_id, 0);
    expect([shown(id), shown(forwarded.message_id)].map((poll) => poll.total_voter_count)).toEqual([1, 1]);
    const copy = await api.result<{ message_id: number }>('copyMessage', {
      chat_id: ANNA.id,
      from_chat_id: ANNA.id,
      message_id: id,
    });
    expect(shown(copy.message_id)).toMatchObject({ total_voter_count: 0 });
    expect(shown(copy.message_id).id).not.toBe(shown(id).id);
    stage(api).vote(copy.message_id, 1);
    expect(shown(id).total_voter_count).toBe(1);
  });

  test('of an anonymous administrator is the group’s', async () => {
    api.write({ from: ANNA, chat: GROUP, text: 'x' });
    await heard();
    const { message_id: id } = await send({ chat_id: GROUP.id, is_anonymous: false });
    stage(api, { chat: GROUP, as: 'anonymous' }).vote(id, 0);
    const [, answer] = await heard();
    expect(answer?.poll_answer).toMatchObject({
      voter_chat: { id: GROUP.id },
      user: { username: 'Channel_Bot' },
    });
    stage(api, { user: BORIS, chat: GROUP }).vote(id, 0);
    expect(api.bot.message(chatId(GROUP.id), id)?.poll).toMatchObject({ total_voter_count: 2 });
  });
});

describe('a poll ends', () => {
  test('when its period is over', async () => {
    const { message_id: id, poll } = await send({ open_period: 60 });
    expect(poll.close_date).toBe(api.clock.unixSeconds() + 60);
    stage(api).vote(id, 0);
    await heard();
    await api.clock.advance(59_000);
    expect(shown(id).is_closed).toBe(false);
    await api.clock.advance(1_000);
    expect(shown(id)).toMatchObject({ is_closed: true, total_voter_count: 1 });
    expect((await heard()).map(({ poll: told }) => told?.is_closed)).toEqual([true]);
    expect(() => stage(api).vote(id, 0)).toThrow(/is closed/);
  });

  test('at its date', async () => {
    const { message_id: id } = await send({ close_date: api.clock.unixSeconds() + 10 });
    await api.clock.advance(10_000);
    expect(shown(id).is_closed).toBe(true);
  });

  test('when it is stopped, with its votes; and only once', async () => {
    const { message_id: id } = await send({ open_period: 60, description: 'why' });
    stage(api).vote(id, 2);
    await heard();
    const poll = await api.result<Poll>('stopPoll', { chat_id: ANNA.id, message_id: id });
    expect(poll).toMatchObject({ is_closed: true, total_voter_count: 1 });
    expect(poll).not.toHaveProperty('description');
    expect(shown(id)).toMatchObject({ is_closed: true, description: 'why' });
    await api.clock.advance(60_000);
    expect((await heard()).map(({ poll: told }) => told?.total_voter_count)).toEqual([1]);
    expect(await api.error('stopPoll', { chat_id: ANNA.id, message_id: id })).toBe(
      'Bad Request: poll has already been closed',
    );
  });

  test('unheard when its message is gone', async () => {
    const { message_id: id } = await send({ open_period: 60 });
    await api.result('deleteMessage', { chat_id: ANNA.id, message_id: id });
    await api.clock.advance(60_000);
    expect(await heard()).toEqual([]);
  });

  test('with the server: nothing waits any more', async () => {
    await send({ open_period: 60 });
    const before = api.clock.pending;
    await api.server.close();
    expect(api.clock.pending).toBeLessThan(before);
  });
});

describe('an option', () => {
  test('is added where that is allowed', async () => {
    const { message_id: id } = await send({ allow_adding_options: true });
    stage(api).addOption(id, 'Later');
    const [poll, message] = await heard();
    expect(poll?.poll?.options[3]).toMatchObject({ persistent_id: '3', text: 'Later', added_by_user: ANNA });
    expect(message?.message?.poll_option_added).toMatchObject({
      poll_message: { message_id: id },
      option_persistent_id: '3',
      option_text: 'Later',
    });
    stage(api).vote(id, 3);
    expect(shown(id).options[3]?.voter_count).toBe(1);
  });

  test('is not added elsewhere', async () => {
    const { message_id: id } = await send();
    expect(() => stage(api).addOption(id, 'Later')).toThrow(/nobody may add/);
  });
});

test.each([
  [{ members_only: true }, 'poll voters can be restricted only in channel chats'],
  [{ country_codes: ['de'] }, 'invalid country code specified'],
  [{ country_codes: ['DE'] }, 'poll voters can be restricted only in channel chats'],
])('sendPoll %j: %s', async (params, text) => {
  expect(await api.error('sendPoll', { chat_id: ANNA.id, ...POLL, ...params })).toBe(`Bad Request: ${text}`);
});
