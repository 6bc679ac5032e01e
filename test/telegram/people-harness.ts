import type { Update } from '@grammyjs/types';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import type { Person } from '../../src/telegram/people/person.js';
import type { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { ApiHarness } from './api-harness.js';

/** Every update that waits for the bot, as it gets it over a real socket; confirmed, so that the next call has new ones. */
export async function updatesOf(api: ApiHarness, bot: BotAccount = api.bot): Promise<Update[]> {
  const url = `${api.server.origin}/bot${bot.token}/getUpdates`;
  const get = async (offset: number): Promise<Update[]> => {
    const body = JSON.stringify({
      offset,
      allowed_updates: ['message_reaction', 'message_reaction_count', 'chat_member', ...KINDS],
    });
    const { body: answer, text } = await api.fetch<Update[]>(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (!answer.ok) throw new Error(text);
    return answer.result;
  };
  const updates = await get(0);
  const last = updates.at(-1)?.update_id;
  if (last !== undefined) await get(last + 1);
  return updates;
}

const KINDS = [
  'message',
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'inline_query',
  'chosen_inline_result',
  'callback_query',
  'shipping_query',
  'pre_checkout_query',
  'poll',
  'poll_answer',
  'my_chat_member',
  'chat_join_request',
];

/** The one update that waits. */
export async function updateOf(api: ApiHarness, bot?: BotAccount): Promise<Update> {
  const updates = await updatesOf(api, bot);
  const [update] = updates;
  if (update === undefined || updates.length > 1) {
    throw new Error(`There should be one update: ${JSON.stringify(updates)}`);
  }
  return update;
}

export interface Anna {
  readonly api: ApiHarness;
  readonly anna: Person;
  readonly chat: PersonInChat;
}

/** A server, a bot, and Anna, who has not written yet. */
export async function withAnna(): Promise<Anna> {
  const api = await ApiHarness.start();
  const anna = api.bot.person({
    id: 1001,
    first_name: 'Anna',
    last_name: 'Ash',
    username: 'anna_test',
    language_code: 'en',
    phone_number: '4930123456',
  });
  return { api, anna, chat: anna.privateChat() };
}
