import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../base/clock.js';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { type BotUnderTest, type Ready, startBot } from '../bot/bot-process.js';
import { freePort } from '../bot/free-port.js';
import type { FaultPlan } from '../faults/plan.js';
import type { Emit } from '../history/events.js';
import type { BotDeed } from '../replay/deed.js';
import type { BotAccount } from '../telegram/bot-account.js';
import { errorOf } from './defect.js';
import { botEnvironment } from './environment.js';
import { firstContact } from './first-contact.js';
import type { Bot } from './load.js';
import { fillIn, type Placeholders } from './placeholders.js';
import { WebhookGap } from './webhook-gap.js';

export interface BotSideOptions {
  readonly bot: Bot;
  readonly account: BotAccount;
  /** `http://127.0.0.1:port` of the fake Bot API server. */
  readonly telegramOrigin: string;
  readonly mongoUri: string;
  /** Where `bot.log` goes. */
  readonly folder: string;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The bot under test as the run sees it: processes of ours, or a webhook that runs elsewhere. */
export class BotSide {
  /** Where the bot's own server listens, if it has one: `http://127.0.0.1:8080`. */
  readonly origin: string;
  readonly #processes: BotUnderTest | undefined;
  readonly #webhookGap: WebhookGap;
  readonly #signal: AbortSignal;
  #fail: ((error: SendtwiceError) => void) | undefined;

  private constructor(
    processes: BotUnderTest | undefined,
    webhookGap: WebhookGap,
    origin: string,
    { signal }: BotSideOptions,
  ) {
    this.origin = origin;
    this.#processes = processes;
    this.#webhookGap = webhookGap;
    this.#signal = signal;
  }

  /** Starts the bot and waits until it is ready. @throws SendtwiceError `bot/…` */
  static async start(options: BotSideOptions): Promise<BotSide> {
    const { bot, account } = options;
    const webhookGap = new WebhookGap(account, options.clock);
    if (bot.webhook.url !== undefined) {
      // A secret of ours would tell the bot nothing: only its owner knows what it compares with.
      await setWebhook(options, bot.webhook.url, bot.webhook.secret);
      return new BotSide(undefined, webhookGap, new URL(bot.webhook.url).origin, options);
    }
    const secret = bot.webhook.secret ?? randomBytes(16).toString('hex');
    const ports = await Promise.all(
      Array.from({ length: bot.instances }, () => bot.webhook.port ?? freePort()),
    );
    const values = ports.map((port, index) => placeholders(options, port, secret, index + 1));
    const first = values[0] as Placeholders;
    const processes = await startBot({
      command: filledCommand(bot, first),
      cwd: bot.cwd,
      env: (instance) => {
        const own = values[instance - 1] ?? first;
        const filled = Object.entries(bot.env).map(
          ([name, text]) => [name, fillIn(text, own, bot.path)] as const,
        );
        return botEnvironment(Object.fromEntries(filled), bot.inherit);
      },
      instances: bot.instances,
      ready: readiness(bot, first, account),
      readyTimeoutMs: bot.ready_timeout,
      stopTimeoutMs: bot.stop_timeout,
      emit: options.emit,
      clock: options.clock,
      logPath: join(options.folder, 'bot.log'),
      signal: options.signal,
    });
    try {
      if (bot.set_webhook) await setWebhook(options, first['webhook.url'], secret);
      await firstContact(options);
    } catch (error) {
      await processes.stop();
      throw error;
    }
    return new BotSide(processes, webhookGap, new URL(first['webhook.url']).origin, options);
  }

  /** Does to the bot what the plan wants done before an action of this step. */
  async strike(
    plan: FaultPlan,
    { user, step }: { readonly user: string; readonly step: number },
  ): Promise<void> {
    for (const { effect, settings } of plan.decide('bot', { step }, { instance: 1 }, `${user}/${step}`)) {
      const { lasts = 0, signal = 'TERM' } = settings;
      if (effect === 'freeze') {
        this.#meanwhile(this.#processes?.freeze(1, lasts));
        continue;
      }
      await this.#webhookGap.over(this.#signal);
      if (effect === 'stop') {
        this.#meanwhile(this.#processes?.restart(1, signal === 'KILL' ? 'kill' : 'restart', lasts));
      } else await this.#processes?.restart(1, effect);
    }
  }

  /** Ends the process and starts it anew, because a step of the scenario says so. */
  async restart({ do: how, instance = 1 }: BotDeed): Promise<void> {
    await this.#webhookGap.over(this.#signal);
    await this.#processes?.restart(instance, how);
  }

  /** People go on while it lasts; a bot that does not come back ends the run. */
  #meanwhile(work: Promise<void> | undefined): void {
    work?.catch((error: unknown) => this.#fail?.(errorOf(error)));
  }

  /** A process ended although nobody had asked it to. */
  onDeath(listener: (error: SendtwiceError) => void): void {
    this.#fail = listener;
    this.#processes?.onDeath(listener);
  }

  async stop(): Promise<void> {
    await this.#processes?.stop();
  }
}

function placeholders(options: BotSideOptions, port: number, secret: string, instance: number): Placeholders {
  const { path } = options.bot.webhook;
  return {
    'telegram.apiRoot': options.telegramOrigin,
    'telegram.token': options.account.token,
    'mongo.uri': options.mongoUri,
    'webhook.host': '127.0.0.1',
    'webhook.port': String(port),
    'webhook.path': path,
    'webhook.url': `http://127.0.0.1:${port}${path}`,
    'webhook.secret': secret,
    instance: String(instance),
  };
}

function filledCommand(bot: Bot, values: Placeholders): string | readonly string[] {
  const { command = '' } = bot;
  return typeof command === 'string'
    ? fillIn(command, values, bot.path)
    : command.map((word) => fillIn(word, values, bot.path));
}

/** When the bot counts as ready: as the file says, else its port answers or it has turned to Telegram. */
function readiness(bot: Bot, values: Placeholders, account: BotAccount): Ready {
  const ready =
    bot.ready ??
    (bot.set_webhook
      ? { http: `http://127.0.0.1:${values['webhook.port']}/` }
      : { calls: ['setWebhook', 'getUpdates'] });
  if ('http' in ready) return { type: 'http', url: fillIn(ready.http, values, bot.path) };
  if ('log' in ready) return { type: 'log', text: ready.log };
  return {
    type: 'call',
    methods: ready.calls,
    waitForCall: (signal) => nextCall(account, ready.calls, signal),
  };
}

/** Resolves when the bot calls one of the methods. */
function nextCall(account: BotAccount, methods: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stopListening();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const stopListening = account.onCall((called) => {
      if (methods.some((method) => method.toLowerCase() === called.toLowerCase())) finish();
    });
    signal.addEventListener('abort', finish);
  });
}

/** Sets the webhook as an operator does. It is no call of the bot, so it is none in the history. */
async function setWebhook(
  { account }: BotSideOptions,
  url: string,
  secret: string | undefined,
): Promise<void> {
  try {
    await account.updates.setWebhook(
      new Map([['url', url], ...(secret === undefined ? [] : [['secret_token', secret] as const])]),
      new Map(),
    );
  } catch (error) {
    throw new SendtwiceError('bot/not-ready', `The webhook ${url} was refused: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
