import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/recording/format.js';
import { expectsOf, sessionsOf } from '../../src/recording/sessions.js';

let nextUpdate = 1;
const from = (id: number) => ({ id, is_bot: false, first_name: `P${id}` });
const update = (at: number, fields: Record<string, unknown>): RecordedEvent => ({
  at,
  type: 'update',
  update: { update_id: nextUpdate++, ...fields },
});
const says = (at: number, chat: number, text: string, user = chat, id = at): RecordedEvent =>
  update(at, { message: { message_id: id, from: from(user), chat: { id: chat, type: 'private' }, text } });
const call = (at: number, method: string, params: object, rest: object = { result: true }): RecordedEvent =>
  ({ at, type: 'call', method, params, ...rest }) as RecordedEvent;
const sent = (at: number, chat: number, text: string, params: object = {}): RecordedEvent =>
  call(
    at,
    'sendMessage',
    { chat_id: String(chat), ...params },
    {
      result: { message_id: at, chat: { id: chat }, date: 1, text },
    },
  );

const stepsOf = async (events: RecordedEvent[]) =>
  (await sessionsOf(events)).sessions.map(({ session, steps }) => [
    session,
    ...steps.map((step) => [
      step.action.kind,
      step.thinkMs,
      expectsOf(step).map((c) => `${c.kind}:${c.text}`),
    ]),
  ]);

describe('sessionsOf', () => {
  it('gives each person a session, and each act the calls up to the next one', async () => {
    expect(
      await stepsOf([
        sent(1, 7, 'before anybody did anything'),
        says(10, 7, '/start'),
        says(11, 8, '/start'),
        sent(20, 7, 'Hello 7'),
        sent(21, 8, 'Hello 8'),
        sent(30, 7, 'What size?'),
        says(130, 7, 'L'),
        sent(140, 7, 'Thank you'),
      ]),
    ).toEqual([
      ['s1', ['message', 0, ['text:Hello 7', 'text:What size?']], ['message', 100, ['text:Thank you']]],
      ['s2', ['message', 0, ['text:Hello 8']]],
    ]);
  });

  it('counts edits and toasts, and neither deletions, failures nor a chat action', async () => {
    const { sessions } = await sessionsOf([
      update(1, {
        callback_query: { id: 'q1', from: from(7), message: { message_id: 5, chat: { id: 7 } }, data: 'x' },
      }),
      says(2, 7, 'impatient'),
      call(3, 'answerCallbackQuery', { callback_query_id: 'q1', text: 'Saved' }),
      call(4, 'sendChatAction', { chat_id: 7, action: 'typing' }),
      call(5, 'deleteMessage', { chat_id: 7, message_id: 5 }),
      call(6, 'sendMessage', { chat_id: 7, text: 'no' }, { ok: false, error_code: 403 }),
      call(7, 'editMessageText', { chat_id: 7, message_id: 5, text: 'Done' }),
      call(8, 'sendMessage', {
        chat_id: 7,
        text: 'How many?',
        reply_markup: JSON.stringify({ keyboard: [['1', { text: '2' }]] }),
      }),
    ]);
    // A late answer to a tap is the tap's, whatever was done since.
    expect(sessions[0]?.steps.map(expectsOf)).toEqual([
      [{ kind: 'toast', text: 'Saved' }],
      [
        { kind: 'text', text: 'Done' },
        {
          kind: 'text',
          text: 'How many?',
          keyboard: { type: 'reply', rows: [[{ text: '1' }, { text: '2' }]] },
        },
      ],
    ]);
  });

  it('separates the people of a group and leaves the bot out', async () => {
    const group = -1_000_000_000_042;
    const { sessions } = await sessionsOf(
      [says(1, group, 'a', 7), says(2, group, 'b', 8), says(3, group, 'pinned', 99), sent(4, group, 'for b')],
      { bot: 99 },
    );
    expect(
      sessions.map(({ chatId, userId, steps }) => [chatId, userId, steps.flatMap(expectsOf).length]),
    ).toEqual([
      [group, 7, 0],
      [group, 8, 1],
    ]);
  });

  it('takes no edit of what is older than the recording', async () => {
    const edit = (at: number, id: number) =>
      update(at, { edited_message: { message_id: id, from: from(7), chat: { id: 7 }, text: 'new' } });
    const { sessions } = await sessionsOf([edit(1, 3), says(2, 7, 'hi', 7, 40), edit(3, 40), edit(4, 41)]);
    expect(sessions.map(({ steps }) => steps.map(({ action }) => action.kind))).toEqual([
      ['message', 'edited_message'],
    ]);
  });

  it('keeps within its limits and counts what it left out', async () => {
    const events = [1, 2, 3].flatMap((user) => [1, 2, 3].map((n) => says(user * 10 + n, user, `${n}`)));
    const limited = await sessionsOf(events, { limits: { sessions: 2, stepsPerSession: 2 } });
    expect(limited.sessions.map(({ steps }) => steps.length)).toEqual([2, 2]);
    expect(limited.leftOut).toBe(5);
    expect(
      (await sessionsOf(events, { limits: { steps: 4 } })).sessions.flatMap(({ steps }) => steps),
    ).toHaveLength(4);
  });
});
