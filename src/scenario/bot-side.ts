import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../base/clock.js';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { type BotUnderTest, type Ready, startBot } from '../bot/bot-process.js';
import type { FaultPlan, Hit } from '../faults/plan.js';
import { NEXT_DELIVERY } from '../faults/schema.js';
import type { Emit } from '../history/events.js';
import type { BotDeed } from '../replay/deed.js';
import type { BotAccount } from '../telegram/bot-account.js';
import type { PathFacts } from '../telegram/contracts.js';
import { errorOf } from './defect.js';
import type { DeliveryListener, Deployment } from './deployment.js';
import { botEnvironment } from './environment.js';
import { firstContact } from './first-contact.js';
import { withGlueHint } from './glue.js';
import type { Bot } from './load.js';
import { fillIn, type Placeholders } from './placeholders.js';
import { WebhookGap } from './webhook-gap.js';

export interface BotSideOptions {
  readonly bot: Bot;
  readonly account: BotAccount;
  readonly deployment: Deployment;
  /** What is done to the bot on purpose. Nothing when left out. */
  readonly plan?: FaultPlan;
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
export class BotSide implements DeliveryListener {
  /** Where the bot's own server listens, if it has one: `http://127.0.0.1:8080`. */
  readonly origin: string;
  readonly #processes: BotUnderTest | undefined;
  readonly #webhookGap: WebhookGap;
  readonly #instances: number;
  readonly #plan: FaultPlan | undefined;
  readonly #signal: AbortSignal;
  /** Instances that are to stand still when nothing is in flight to them. */
  readonly #toFreeze = new Set<number>();
  #fail: ((error: SendtwiceError) => void) | undefined;

  private constructor(
    processes: BotUnderTest | undefined,
    webhookGap: WebhookGap,
    origin: string,
    { bot, plan, signal }: BotSideOptions,
  ) {
    this.origin = origin;
    this.#processes = processes;
    this.#webhookGap = webhookGap;
    this.#instances = bot.instances;
    this.#plan = plan;
    this.#signal = signal;
  }

  /** Starts the bot and waits until it is ready. @throws SendtwiceError `bot/…` */
  static async start(options: BotSideOptions): Promise<BotSide> {
    const { bot, account, deployment } = options;
    const webhookGap = new WebhookGap(account, options.clock);
    if (bot.webhook.url !== undefined) {
      // A secret of ours would tell the bot nothing: only its owner knows what it compares with.
      await setWebhook(options, bot.webhook.url, bot.webhook.secret);
      return new BotSide(undefined, webhookGap, new URL(bot.webhook.url).origin, options);
    }
    const secret = bot.webhook.secret ?? randomBytes(16).toString('hex');
    const values = deployment.ports.map((port, index) => placeholders(options, port, secret, index + 1));
    const valuesOf = (instance: number): Placeholders => values[instance - 1] as Placeholders;
    const processes = await startBot({
      command: (instance) => filledCommand(bot, valuesOf(instance)),
      cwd: bot.cwd,
      env: (instance) => {
        const filled = Object.entries(bot.env).map(
          ([name, text]) => [name, fillIn(text, valuesOf(instance), bot.path)] as const,
        );
        return botEnvironment(Object.fromEntries(filled), bot.inherit);
      },
      instances: bot.instances,
      ready: (instance) => readiness(bot, valuesOf(instance), account),
      readyTimeoutMs: bot.ready_timeout,
      stopTimeoutMs: bot.stop_timeout,
      emit: options.emit,
      clock: options.clock,
      logPath: join(options.folder, 'bot.log'),
      signal: options.signal,
      mayStart: (signal) => webhookGap.over(signal),
    }).catch((error: unknown) => {
      throw error instanceof SendtwiceError ? withGlueHint(error, bot.env) : error;
    });
    try {
      if (bot.set_webhook) await setWebhook(options, valuesOf(1)['webhook.url'], secret);
      await firstContact({ ...options, behind: deployment.behindRouter });
    } catch (error) {
      await processes.stop();
      throw error;
    }
    return new BotSide(processes, webhookGap, `http://127.0.0.1:${deployment.ports[0]}`, options);
  }

  /**
   * Does to the bot what the plan wants done before an action of this step. Resolves when the action may be: after a
   * stop that is when the process has gone, so that the bot cannot hear of the action before it is away.
   */
  async strike({ user, step }: { readonly user: string; readonly step: number }): Promise<void> {
    const when = 'before-step';
    for (let instance = 1; instance <= this.#instances; instance += 1) {
      const hits = this.#plan?.decide('bot', { when, step, instance }, { instance }, `${user}/${step}`);
      for (const hit of hits ?? []) {
        if (hit.effect !== 'freeze') await this.#webhookGap.over(this.#signal);
        if (hit.effect === 'restart' || hit.effect === 'kill') await this.#strike(hit, instance);
        else if (hit.effect === 'freeze') this.#meanwhile(this.#strike(hit, instance));
        else await this.#gone(hit, instance);
      }
    }
  }

  /** The instance may go on: a request is about to come. */
  coming(instance: number): void {
    this.#processes?.goOn(instance);
  }

  /** Strikes in this very moment, before the bot can do more than it has done. */
  acknowledged(facts: PathFacts, instance: number | undefined): void {
    const { action, attempt, delivery, kind, step, updateId, via } = facts;
    const hits = this.#plan?.decide(
      'bot',
      {
        when: 'acknowledged',
        kind,
        via,
        ...(step !== undefined && { step }),
        ...(instance !== undefined && { instance }),
      },
      {
        delivery,
        updateId,
        ...(action !== undefined && { action }),
        ...(instance !== undefined && { instance }),
      },
      `${action ?? updateId}/${attempt}`,
    );
    if (instance === undefined) return;
    for (const hit of hits ?? []) {
      if (hit.settings.lasts === NEXT_DELIVERY) this.#toFreeze.add(instance);
      else this.#meanwhile(this.#strike(hit, instance));
    }
  }

  idle(instance: number): void {
    if (this.#toFreeze.delete(instance)) this.#processes?.standStill(instance);
  }

  #strike(
    { effect, settings }: Hit<'bot'>,
    instance: number,
    onDown?: () => void,
  ): Promise<void> | undefined {
    const { signal = 'TERM' } = settings;
    const lasts = settings.lasts === NEXT_DELIVERY ? 0 : settings.lasts;
    switch (effect) {
      case 'freeze':
        return this.#processes?.freeze(instance, lasts ?? 0);
      case 'stop':
        return this.#processes?.restart(instance, signal === 'KILL' ? 'kill' : 'restart', lasts, onDown);
      default:
        return this.#processes?.restart(instance, effect);
    }
  }

  /** Resolves when the process has gone; it comes back while people go on. */
  #gone(hit: Hit<'bot'>, instance: number): Promise<void> {
    return new Promise((resolve) => {
      const back = this.#strike(hit, instance, resolve);
      this.#meanwhile(back);
      void Promise.resolve(back).then(resolve, () => resolve());
    });
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
  const { webhookOrigin } = options.deployment;
  return {
    'telegram.apiRoot': options.telegramOrigin,
    'telegram.token': options.account.token,
    'mongo.uri': options.mongoUri,
    'webhook.host': '127.0.0.1',
    'webhook.port': String(port),
    'webhook.path': path,
    'webhook.url': `${webhookOrigin}${path}`,
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
