import type { ChatMember, Update, User } from '@grammyjs/types';
import type { AdminRight } from '../../src/telegram/chats/member-status.js';
import * as groupLife from '../../src/telegram/people/group-life.js';
import type { BotSettings, World } from '../../src/telegram/world.js';
import { ANNA, ApiHarness, BORIS } from './api-harness.js';
import { updatesOf } from './people-harness.js';

export const CLARA: User = { id: 1003, is_bot: false, first_name: 'Clara' };

/** A server with a bot whose groups are made by Anna. Boris is known, and in none of them. */
export class Groups {
  readonly world: World;

  private constructor(readonly api: ApiHarness) {
    this.world = api.bot.world;
    api.bot.addUser(BORIS);
  }

  static async start(settings?: Partial<BotSettings>): Promise<Groups> {
    const api = await ApiHarness.start();
    if (settings === undefined) return new Groups(api);
    const bot = api.server.addBot({ username: 'other_bot', settings });
    return new Groups(Object.assign(Object.create(api) as ApiHarness, { bot }));
  }

  /** Anna's chat with the bot in it, its first updates read. The bot is a plain member, unless it has rights. */
  async create(
    type: 'group' | 'supergroup' | 'channel',
    botRights?: readonly AdminRight[],
    about: Partial<groupLife.NewChat> = {},
  ): Promise<number> {
    const rights = botRights === undefined ? {} : { botRights };
    const { chat } = groupLife.createChat(this.world, ANNA, { title: 'Garden', type, ...rights, ...about });
    await this.updates();
    return chat.id;
  }

  updates(): Promise<Update[]> {
    return updatesOf(this.api, this.api.bot);
  }

  /** The description of a call that fails, without its prefix. */
  async why(method: string, params: Readonly<Record<string, unknown>>): Promise<string> {
    return (await this.api.error(method, params)).replace(/^Bad Request: /, '');
  }

  done(method: string, params: Readonly<Record<string, unknown>>): Promise<true> {
    return this.api.result<true>(method, params);
  }

  member(chat_id: number, user_id: number): Promise<ChatMember> {
    return this.api.result<ChatMember>('getChatMember', { chat_id, user_id });
  }

  close(): Promise<void> {
    return this.api.server.close();
  }
}
