import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RealClock } from '../../src/base/clock.js';
import { type BotUnderTest, startBot } from '../../src/bot/bot-process.js';
import { freePort } from '../../src/bot/free-port.js';
import type { EventBody } from '../../src/history/events.js';
import { EmbeddedMongo } from '../../src/mongo/embedded/embedded-mongo.js';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import type { Received, Seen, TelegramFaults } from '../../src/telegram/contracts.js';
import { TelegramServer } from '../../src/telegram/server.js';

/** Built before the tests: the demo bot runs as its users run it. */
const BOT = fileURLToPath(new URL('../../dist/demo/bot.js', import.meta.url));
const SECRET = 'not-so-secret';

export interface StageOptions {
  readonly mode: 'webhook' | 'polling';
  readonly bugs?: readonly string[];
  readonly faults?: TelegramFaults;
  /** Stands between the bot and the database. */
  readonly mongoUri?: (uri: string) => Promise<string>;
}

/** The demo bot as a process, between the fake server and the embedded database. */
export class Stage {
  private constructor(
    readonly account: BotAccount,
    readonly bot: BotUnderTest,
    readonly mongoUri: string,
    readonly events: readonly EventBody[],
    readonly webhookUrl: string,
    readonly stops: readonly (() => Promise<void>)[],
    readonly logPath: string,
  ) {}

  static async open(options: StageOptions): Promise<Stage> {
    const clock = new RealClock();
    const events: EventBody[] = [];
    const emit = (event: EventBody): void => {
      events.push(event);
    };
    const folder = mkdtempSync(join(tmpdir(), 'demo-bot-'));
    const logPath = join(folder, 'bot.log');
    const mongo = await EmbeddedMongo.start({});
    const { faults = {} } = options;
    const telegram = await TelegramServer.start({ clock, emit, seed: 'stage', faults });
    const account = telegram.addBot({});
    const port = await freePort();
    const webhookUrl = `http://127.0.0.1:${port}/hook`;
    const bot = await startBot({
      command: [process.execPath, BOT],
      cwd: folder,
      env: {
        BOT_TOKEN: account.token,
        TELEGRAM_API_ROOT: telegram.origin,
        MONGO_URI: (await options.mongoUri?.(mongo.uri)) ?? mongo.uri,
        DEMO_BUGS: (options.bugs ?? []).join(','),
        ...(options.mode === 'webhook' && {
          WEBHOOK_URL: webhookUrl,
          WEBHOOK_SECRET: SECRET,
          PORT: String(port),
        }),
      },
      instances: 1,
      ready: { type: 'log', text: 'listening' },
      readyTimeoutMs: 15_000,
      stopTimeoutMs: 5000,
      emit,
      clock,
      logPath,
    });
    const stops = [
      () => bot.stop(),
      () => telegram.close(),
      () => mongo.close(),
      async () => rmSync(folder, { recursive: true }),
    ];
    return new Stage(account, bot, mongo.uri, events, webhookUrl, stops, logPath);
  }

  get log(): string {
    return readFileSync(this.logPath, 'utf8');
  }

  async close(): Promise<void> {
    for (const stop of this.stops) await stop();
  }
}

/** Somebody who talks to the bot and reads what it says. */
export class Person {
  /** Everything that was sent or edited, as `sent: text`. */
  readonly seen: string[] = [];
  /** Callback queries that the bot has answered. */
  readonly answered: string[] = [];
  readonly #account: BotAccount;
  readonly #user: { readonly id: number; readonly is_bot: false; readonly first_name: string };
  readonly #keyboards: { readonly messageId: number; readonly rows: readonly (readonly unknown[])[] }[] = [];
  #wake: () => void = () => {};

  constructor(account: BotAccount, id: number, name: string) {
    this.#account = account;
    this.#user = { id, is_bot: false, first_name: name };
    account.onSeen((seen) => {
      if (seen.chatId === id) this.#note(seen);
    });
  }

  say(text: string): Received {
    return this.#account.receive({
      kind: 'message',
      payload: { from: this.#user, chat: { id: this.#user.id, type: 'private', first_name: 'x' }, text },
    });
  }

  /** Taps a button of the newest message that has it, as it was sent. */
  tap(label: string): Received {
    for (const { messageId, rows } of this.#keyboards.toReversed()) {
      for (const button of rows.flat() as { text: string; callback_data?: string }[]) {
        if (button.text !== label) continue;
        return this.#account.receive({
          kind: 'callback_query',
          payload: {
            from: this.#user,
            message: { chat: { id: this.#user.id }, message_id: messageId },
            data: button.callback_data,
          },
        });
      }
    }
    throw new Error(`No button ${label}. Seen: ${this.seen.join(' | ')}`);
  }

  /** Resolves when the bot has sent `text` (a part of it) at least `times` times. */
  async sees(text: string, times = 1): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (this.count(text) < times) {
      if (Date.now() > deadline) {
        throw new Error(`Never saw ${JSON.stringify(text)} ${times} times. Seen: ${this.seen.join(' | ')}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  count(text: string): number {
    return this.seen.filter((line) => line.startsWith('sent: ') && line.includes(text)).length;
  }

  #note({ what, message, callbackQueryId }: Seen): void {
    if (what === 'callback-answered' && callbackQueryId !== undefined) this.answered.push(callbackQueryId);
    if ((what === 'sent' || what === 'edited') && message !== undefined) {
      this.seen.push(`${what}: ${message.text ?? ''}`);
      const rows = message.reply_markup?.inline_keyboard;
      if (rows !== undefined) this.#keyboards.push({ messageId: message.message_id, rows });
    }
    this.#wake();
  }
}

/** What a person does at each step, and what the bot then sends. */
export const ORDER: readonly (readonly [
  how: 'say' | 'tap',
  what: (person: { name: string }) => string,
  then: string,
])[] = [
  ['say', () => '/start', 'Welcome'],
  ['tap', () => 'Order something', 'What would you like?'],
  ['tap', () => 'Mug', 'Which size?'],
  ['tap', () => 'Large', 'How many?'],
  ['say', () => '2', 'What is your name?'],
  ['say', ({ name }) => name, 'Which street'],
  ['say', ({ name }) => `1 ${name} Lane`, 'Which city?'],
  ['say', () => 'Springfield', 'A phone number'],
  ['say', () => '+10005550123', 'How shall it travel?'],
  ['tap', () => 'Courier', 'Anything we should know?'],
  ['tap', () => 'Skip', 'Is that right?'],
  ['tap', () => 'Confirm', 'placed. Thank you'],
];
