import { type Clock, RealClock } from '../base/clock.js';
import { SendtwiceError } from '../base/errors.js';
import { botId, callId, deliveryId } from '../base/ids.js';
import { type Random, randomInteger, randomStream } from '../base/random.js';
import type { Emit } from '../history/events.js';
import { ApiError } from './api-error.js';
import { BotAccount } from './bot-account.js';
import { SharedGroups } from './chats/shared-groups.js';
import type { DeliveryPath, TelegramFaults } from './contracts.js';
import type { FloodLimits } from './flood.js';
import { type BackendBot, Front } from './http/front.js';
import { isToken, makeToken, malformedTokenError } from './token.js';
import type { RefuseAddress } from './updates/resolve-host.js';
import type { BotSettings } from './world.js';

export interface TelegramServerOptions {
  /** All times are taken from it. The real one when left out. */
  readonly clock?: Clock;
  /** Gets every event. Nobody does when left out. */
  readonly emit?: Emit;
  /** Any free port when left out. */
  readonly port?: number;
  /** 127.0.0.1 when left out. */
  readonly host?: string;
  readonly faults?: TelegramFaults;
  /** Who gets the deliveries, where the bot has several instances, and what follows from them. */
  readonly path?: DeliveryPath;
  /** Tokens, file ids and whatever else is made up follow from it. `telegram` when left out. */
  readonly seed?: string;
  /** Adds a W3C `traceparent` header to webhook requests. */
  readonly trace?: boolean;
  /**
   * Lets webhooks be plain HTTP, on any port and on loopback, as the official server's `--local` does. True
   * when left out. All else is as on api.telegram.org either way.
   */
  readonly local?: boolean;
  /**
   * As the source of the official server without `--local` and without the front end of api.telegram.org:
   * `local` is false, and tokens that cannot be any get 401 and 421 in place of 404. False when left out.
   */
  readonly strict?: boolean;
  /** Why a webhook may not be at this IP address, if so. Default: it may be anywhere. */
  readonly refuseAddress?: RefuseAddress;
  /** Answers 429 when a bot sends faster than this. No limits when left out. */
  readonly flood?: FloodLimits;
  /** A callback query can be answered this long; 30,000 ms when left out. */
  readonly callbackAnswerableMs?: number;
}

type FullOptions = TelegramServerOptions & Required<Pick<TelegramServerOptions, 'clock' | 'emit' | 'seed'>>;

export interface NewBot {
  /** A well-formed one is made up when left out. */
  readonly token?: string;
  /** Ends in `bot`, as BotFather wants it. */
  readonly username?: string;
  readonly firstName?: string;
  readonly id?: number;
  /** A bot of the test environment: `/bot<token>/test/<method>`. */
  readonly test?: boolean;
  /** Privacy mode and what the bot is in groups: what people set with BotFather or in the group. */
  readonly settings?: Partial<BotSettings>;
}

/** The fake Bot API server. */
export class TelegramServer {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly origin: string;
  readonly #options: FullOptions;
  readonly #front: Front;
  readonly #bots: Map<string, BotAccount>;
  readonly #random: Random;
  readonly #groups = new SharedGroups();
  #calls = 0;
  #deliveries = 0;

  private constructor(options: FullOptions, front: Front, bots: Map<string, BotAccount>) {
    const host = options.host ?? '127.0.0.1';
    this.origin = `http://${host.includes(':') ? `[${host}]` : host}:${front.port}`;
    this.#options = options;
    this.#front = front;
    this.#bots = bots;
    this.#random = randomStream(options.seed, 'telegram/tokens');
  }

  /** @throws SendtwiceError `listen/port-in-use` */
  static async start(given: TelegramServerOptions = {}): Promise<TelegramServer> {
    const options: FullOptions = { clock: new RealClock(), emit: () => {}, seed: 'telegram', ...given };
    const bots = new Map<string, BotAccount>();
    const front = await Front.listen({
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      backend: { authorise: (token, test) => authorise(bots, token, test, options.strict ?? false) },
    });
    return new TelegramServer(options, front, bots);
  }

  /** Adds a bot; there may be several. @throws SendtwiceError for a token that cannot be one, or is taken. */
  addBot(bot: NewBot = {}): BotAccount {
    const token =
      bot.token ?? makeToken(bot.id ?? randomInteger(this.#random, 100_000_000, 7_999_999_999), this.#random);
    const id = botId(Number(token.split(':')[0]));
    const key = keyOf(token, bot.test ?? false);
    if (!isToken(token) || this.#bots.has(key)) {
      throw new SendtwiceError('usage/bad-argument', `A bot cannot have this token (bot id ${id})`, {
        hint: 'Give each bot a token of its own, in the form <id>:<at least 24 letters, digits, _ or ->.',
      });
    }
    const username = bot.username ?? `sendtwice_${id}_bot`;
    const { clock, emit, seed } = this.#options;
    const account = new BotAccount({
      id,
      identity: { token, user: { id, is_bot: true, first_name: bot.firstName ?? 'Test bot', username } },
      apiRoot: this.origin,
      clock,
      emit,
      seed,
      faults: this.#options.faults ?? {},
      ...(this.#options.path !== undefined && { path: this.#options.path }),
      trace: this.#options.trace ?? false,
      local: this.#options.strict === true ? false : (this.#options.local ?? true),
      ...(this.#options.refuseAddress !== undefined && { refuseAddress: this.#options.refuseAddress }),
      ...(this.#options.flood === undefined ? {} : { flood: this.#options.flood }),
      ...(this.#options.callbackAnswerableMs !== undefined && {
        callbackAnswerableMs: this.#options.callbackAnswerableMs,
      }),
      ...(bot.settings === undefined ? {} : { settings: bot.settings }),
      groups: this.#groups,
      nextCall: () => {
        this.#calls += 1;
        return callId(`c${this.#calls}`);
      },
      nextDelivery: () => {
        this.#deliveries += 1;
        return deliveryId(`d${this.#deliveries}`);
      },
    });
    this.#bots.set(key, account);
    return account;
  }

  /** Ends pending polls and deliveries, and destroys all connections. */
  async close(): Promise<void> {
    await Promise.all([this.#front.close(), ...[...this.#bots.values()].map((bot) => bot.close())]);
  }
}

function authorise(
  bots: ReadonlyMap<string, BotAccount>,
  token: string,
  test: boolean,
  strict: boolean,
): BackendBot {
  const bot = bots.get(keyOf(token, test));
  if (bot !== undefined) return bot.backend;
  if (strict && !isToken(token)) throw malformedTokenError(token);
  // What cannot be a token does not get past Telegram's front end.
  if (!isToken(token)) throw new ApiError(404, 'Not Found');
  throw new ApiError(401, 'Unauthorized');
}

function keyOf(token: string, test: boolean): string {
  return test ? `${token}/test` : token;
}
