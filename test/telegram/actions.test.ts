import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANNA, ApiHarness, SUPERGROUP } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const where = { chat_id: ANNA.id };
const doing = (topic?: number) => api.bot.world.actions.now(ANNA.id, topic);

test('an action is seen for five seconds, or until the message is there', async () => {
  expect(await api.result('sendChatAction', { ...where, action: 'TYPING' })).toBe(true);
  expect(doing()).toMatchObject({ action: 'typing' });
  await api.clock.advance(5_000);
  expect(doing()).toBeUndefined();
  await api.result('sendChatAction', { ...where, action: 'upload_photo' });
  await api.result('sendMessage', { ...where, text: 'x' });
  expect(doing()).toBeUndefined();
  await api.result('sendChatAction', { ...where, action: 'typing' });
  await api.result('sendChatAction', { ...where, action: 'cancel' });
  expect(doing()).toBeUndefined();
});

test.each([
  [{ action: 'dancing' }, 'Bad Request: wrong parameter action in request'],
  [{ action: 'typing', chat_id: 77 }, 'Bad Request: chat not found'],
  [{ action: 'typing', chat_id: '' }, 'Bad Request: chat_id is empty'],
])('sendChatAction %j: %s', async (params, text) => {
  expect(await api.error('sendChatAction', { ...where, ...params })).toBe(text);
});

test('nothing is done in front of somebody who has blocked the bot', async () => {
  api.bot.setAccess(ANNA.id as never, 'blocked');
  expect(await api.error('sendChatAction', { ...where, action: 'typing' })).toBe(
    'Forbidden: bot was blocked by the user',
  );
});

test('a draft grows for half a minute at most', async () => {
  const draft = (text: string) => api.result('sendMessageDraft', { ...where, draft_id: 1, text });
  await draft('On');
  await draft('One mo');
  expect(doing()).toMatchObject({ action: 'draft', draftId: 1, text: 'One mo' });
  await api.clock.advance(30_000);
  expect(doing()).toBeUndefined();
  await draft('One');
  await api.result('sendMessage', { ...where, text: 'One more' });
  expect(doing()).toBeUndefined();
});

test('drafts are for private chats, and have a number', async () => {
  api.write({ from: ANNA, chat: SUPERGROUP, text: 'x' });
  const error = (params: object) =>
    api.error('sendMessageDraft', { ...where, draft_id: 1, text: 'x', ...params });
  expect(await error({ chat_id: SUPERGROUP.id })).toBe('Bad Request: TEXTDRAFT_PEER_INVALID');
  expect(await error({ draft_id: 0 })).toBe('Bad Request: RANDOM_ID_INVALID');
  expect(await error({ text: 'x'.repeat(4097) })).toBe('Bad Request: MESSAGE_TOO_LONG');
});
