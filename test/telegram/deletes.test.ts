import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatId } from '../../src/base/ids.js';
import { ANNA, ApiHarness, GROUP, SUPERGROUP } from './api-harness.js';

const TWO_DAYS_MS = 48 * 3_600_000;
const CANNOT = "Bad Request: message can't be deleted";
const NOT_FOR_ALL = "Bad Request: message can't be deleted for everyone";

let api: ApiHarness;
async function start(inGroups: 'member' | 'administrator'): Promise<void> {
  api = await ApiHarness.start();
  const settings = { inGroups, readsAllGroupMessages: true };
  Object.assign(api, { bot: api.server.addBot({ settings }) });
  api.hello();
  for (const chat of [GROUP, SUPERGROUP]) api.write({ from: ANNA, chat, text: 'x' });
  api.write({ from: ANNA, chat: SUPERGROUP, text: 'y' });
}
afterEach(() => api.server.close());

const send = async (chat_id: number, method = 'sendMessage') =>
  (await api.result(method, { chat_id, text: 'x' })).message_id;
const remove = async (chat_id: number, message_id: number) => {
  const { body } = await api.call<true>('deleteMessage', { chat_id, message_id });
  return body.description ?? body.result;
};
/** The newest message of the chat. */
const newest = (chat: number) => [...(api.bot.world.chats.chat(chat)?.messages.all() ?? [])].at(-1)?.message;

describe('a member', () => {
  beforeEach(() => start('member'));

  test('deletes what it wrote, not what others wrote', async () => {
    expect(await remove(SUPERGROUP.id, await send(SUPERGROUP.id))).toBe(true);
    expect(await remove(SUPERGROUP.id, 2)).toBe(CANNOT);
    expect(await remove(GROUP.id, await send(GROUP.id))).toBe(true);
    expect(await remove(GROUP.id, 2)).toBe(NOT_FOR_ALL);
    expect(await remove(ANNA.id, 1)).toBe(true);
  });

  test('deletes nothing older than two days', async () => {
    const own = [await send(ANNA.id), await send(GROUP.id), await send(SUPERGROUP.id)];
    await api.clock.advance(TWO_DAYS_MS - 1_000);
    const young = await send(SUPERGROUP.id);
    await api.clock.advance(2_000);
    expect(await remove(ANNA.id, own[0] ?? 0)).toBe(NOT_FOR_ALL);
    expect(await remove(GROUP.id, own[1] ?? 0)).toBe(NOT_FOR_ALL);
    expect(await remove(SUPERGROUP.id, own[2] ?? 0)).toBe(CANNOT);
    expect(await remove(SUPERGROUP.id, young)).toBe(true);
  });

  test('leaves a young dice lie, in a private chat', async () => {
    const dice = await send(ANNA.id, 'sendDice');
    expect(await remove(ANNA.id, dice)).toBe(NOT_FOR_ALL);
    expect(await remove(SUPERGROUP.id, await send(SUPERGROUP.id, 'sendDice'))).toBe(true);
    await api.clock.advance(TWO_DAYS_MS / 2);
    expect(await remove(ANNA.id, dice)).toBe(true);
  });

  test('several at once go together or not at all', async () => {
    const own = await send(SUPERGROUP.id);
    const params = { chat_id: SUPERGROUP.id, message_ids: [own, 2] };
    expect(await api.error('deleteMessages', params)).toBe(CANNOT);
    expect(api.bot.message(chatId(SUPERGROUP.id), own)).toBeDefined();
    expect(await api.result('deleteMessages', { ...params, message_ids: [own, own, 77] })).toBe(true);
    expect(await api.error('deleteMessages', { ...params, message_ids: [] })).toBe(
      'Bad Request: message identifiers are not specified',
    );
  });
});

describe('an administrator', () => {
  beforeEach(() => start('administrator'));

  test('deletes what anybody wrote, but not the first message', async () => {
    expect(await remove(SUPERGROUP.id, 2)).toBe(true);
    expect(await remove(GROUP.id, 2)).toBe(true);
    expect(await remove(SUPERGROUP.id, 1)).toBe(CANNOT);
  });

  test('deletes what says that something happened', async () => {
    const message_id = await send(SUPERGROUP.id);
    await api.result('pinChatMessage', { chat_id: SUPERGROUP.id, message_id });
    const service = newest(SUPERGROUP.id);
    expect(service).toHaveProperty('pinned_message');
    expect(await remove(SUPERGROUP.id, service?.message_id ?? 0)).toBe(true);
  });
});
