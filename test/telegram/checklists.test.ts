import type { Message } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectBusiness, writeToBusiness } from '../../src/telegram/people/business.js';
import { ANNA, ApiHarness, BORIS } from './api-harness.js';

let api: ApiHarness;
let business: string;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
  business = connectBusiness(api.bot.world, ANNA, { can_reply: true }).connectionId;
  writeToBusiness(api.bot.world, BORIS, business, { text: 'hi' });
});
afterEach(() => api.server.close());

const checklist = (more: object = {}) => ({ title: 'Trip', tasks: [{ id: 1, text: 'Pack' }], ...more });
const params = (list: unknown = checklist(), more: object = {}) => ({
  business_connection_id: business,
  chat_id: BORIS.id,
  checklist: list,
  ...more,
});
const send = (list?: unknown, more: object = {}) =>
  api.result<Message.ChecklistMessage>('sendChecklist', params(list, more));

test('a checklist is sent for a business account', async () => {
  const sent = await send(
    checklist({ title: '<b>Trip</b>', parse_mode: 'HTML', others_can_mark_tasks_as_done: true }),
  );
  expect(sent).toMatchObject({
    business_connection_id: business,
    sender_business_bot: { id: api.bot.id },
    from: { id: ANNA.id },
    chat: { id: BORIS.id },
    checklist: {
      title: 'Trip',
      title_entities: [{ type: 'bold' }],
      tasks: [{ id: 1, text: 'Pack' }],
      others_can_mark_tasks_as_done: true,
    },
  });
});

test('and edited', async () => {
  const { message_id } = await send();
  const edited = await api.result<Message.ChecklistMessage>(
    'editMessageChecklist',
    params(checklist({ tasks: [{ id: 2, text: 'Go\nnow' }] }), { message_id }),
  );
  expect(edited.checklist).toEqual({ title: 'Trip', tasks: [{ id: 2, text: 'Go now' }] });
  expect(edited).toHaveProperty('edit_date');
  expect(await api.error('editMessageChecklist', params(undefined, { message_id: 99 }))).toBe(
    'Bad Request: MESSAGE_ID_INVALID',
  );
  const text = await api.result('sendMessage', { ...params(), text: 'x' });
  expect(await api.error('editMessageChecklist', params(undefined, { message_id: text.message_id }))).toBe(
    'Bad Request: there is no checklist in the message to edit',
  );
});

test('never by the bot itself, nor without the right', async () => {
  expect(await api.error('sendChecklist', { chat_id: ANNA.id, checklist: checklist() })).toBe(
    'Bad Request: PREMIUM_ACCOUNT_REQUIRED',
  );
  expect(await api.error('sendChecklist', params(undefined, { business_connection_id: 'x' }))).toBe(
    'Bad Request: business connection not found',
  );
});

test.each([
  ['', 'parameter "checklist" is required'],
  ['{', "can't parse InputChecklist JSON object"],
  [[], "can't parse InputChecklist: expected an Object"],
  [{ tasks: [] }, 'can\'t parse InputChecklist: Can\'t find field "title"'],
  [{ title: 'x' }, 'can\'t parse InputChecklist: Can\'t find field "tasks"'],
  [
    checklist({ tasks: [1] }),
    "can't parse InputChecklist: Can't parse InputChecklistTask: expected an Object",
  ],
  [
    checklist({ tasks: [{ text: 'x' }] }),
    "can't parse InputChecklist: Can't parse InputChecklistTask: Can't find field \"id\"",
  ],
  [checklist({ title: ' ' }), 'text must be non-empty'],
  [checklist({ title: 'x'.repeat(256) }), 'checklist title length must not exceed 255'],
  [
    checklist({ tasks: [{ id: 1, text: 'x'.repeat(101) }] }),
    'checklist task text length must not exceed 100',
  ],
  [checklist({ tasks: [{ id: 0, text: 'x' }] }), 'checklist task identifier must be positive'],
  [checklist({ tasks: [] }), 'checklist must have at least 1 task'],
  [
    checklist({ tasks: Array.from({ length: 31 }, (_, id) => ({ id: id + 1, text: 'x' })) }),
    'checklist must have at most 30 tasks',
  ],
])('sendChecklist %j: %s', async (list, text) => {
  expect(await api.error('sendChecklist', params(list))).toBe(`Bad Request: ${text}`);
});
