import type { Message } from '@grammyjs/types';
import { ManualClock } from '../../src/base/clock.js';
import { chatId } from '../../src/base/ids.js';
import type { EventBody, EventType } from '../../src/history/events.js';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import type { Received } from '../../src/telegram/contracts.js';
import { TelegramServer, type TelegramServerOptions } from '../../src/telegram/server.js';

export const ANNA = {
  id: 1001,
  is_bot: false,
  first_name: 'Anna',
  username: 'anna_test',
  language_code: 'en',
};
export const BORIS = { id: 1002, is_bot: false, first_name: 'Boris' };
export const ANNAS_CHAT = chatId(ANNA.id);
export const GROUP = { id: -500, type: 'group', title: 'Basic group' } as const;
export const SUPERGROUP = { id: -1_000_000_000_777, type: 'supergroup', title: 'Supergroup' } as const;

/** An answer of the Bot API, its JSON read. */
export interface ApiAnswer<T = Message> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly ok: boolean;
    readonly result: T;
    readonly error_code?: number;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, number>>;
  };
}

/** A server with one bot, called over real sockets. */
export class ApiHarness {
  readonly clock = new ManualClock();
  readonly events: EventBody[] = [];

  private constructor(
    readonly server: TelegramServer,
    readonly bot: BotAccount,
    shared: { clock: ManualClock; events: EventBody[] },
  ) {
    this.clock = shared.clock;
    this.events = shared.events;
  }

  static async start(options: Partial<TelegramServerOptions> = {}): Promise<ApiHarness> {
    const clock = new ManualClock();
    const events: EventBody[] = [];
    const server = await TelegramServer.start({
      clock,
      emit: (event) => events.push(event),
      seed: 'api-test',
      ...options,
    });
    return new ApiHarness(server, server.addBot({ username: 'my_bot' }), { clock, events });
  }

  /** Anna writes, so that the bot may write to her. */
  hello(text = 'hello', from: { id: number; first_name: string } = ANNA): Received {
    return this.write({ from, chat: { id: from.id, first_name: from.first_name, type: 'private' }, text });
  }

  write(payload: Readonly<Record<string, unknown>>): Received {
    return this.bot.receive({ kind: 'message', payload });
  }

  /** Anna taps a button of the message. */
  tap(
    messageId: number,
    data = 'x',
    chat: object = { id: ANNA.id, first_name: 'Anna', type: 'private' },
  ): Received {
    return this.bot.receive({
      kind: 'callback_query',
      payload: { from: ANNA, message: { chat, message_id: messageId }, data },
    });
  }

  url(method: string): string {
    return `${this.server.origin}/bot${this.bot.token}/${method}`;
  }

  /** Calls with a JSON body, as most libraries do. */
  call<T = Message>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<ApiAnswer<T>> {
    return this.request(method, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
  }

  request<T = Message>(method: string, init: RequestInit = {}): Promise<ApiAnswer<T>> {
    return this.fetch(this.url(method), init);
  }

  async fetch<T = Message>(url: string, init: RequestInit = {}): Promise<ApiAnswer<T>> {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text || '{}') };
  }

  /** The description of a call that fails. */
  async error(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { body, text } = await this.call(method, params);
    if (body.ok) throw new Error(`${method} should have failed: ${text}`);
    return body.description ?? '';
  }

  /** The result of a call that works. */
  async result<T = Message>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const { body, text } = await this.call<T>(method, params);
    if (!body.ok) throw new Error(`${method} should have worked: ${text}`);
    return body.result;
  }

  /** The ends of calls, as soon as there are so many: a call ends when its socket is done. */
  async ended(count = 1): Promise<Extract<EventBody, { type: 'call.ended' }>[]> {
    while (this.eventsOf('call.ended').length < count) await new Promise((resolve) => setImmediate(resolve));
    return this.eventsOf('call.ended');
  }

  eventsOf<T extends EventType>(type: T): Extract<EventBody, { type: T }>[] {
    return this.events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
  }
}

/** Waits until this holds. The test's own timeout is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Whatever was on its way over other sockets of this machine has arrived after two calls. */
export async function barrier(api: ApiHarness): Promise<void> {
  await api.call('getMe');
  await api.call('getMe');
}
