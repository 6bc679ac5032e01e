import type { WebhookInfo } from '@grammyjs/types';
import type { Clock, Timer } from '../../base/clock.js';
import type { BotId, DeliveryId, UpdateId } from '../../base/ids.js';
import type { Random } from '../../base/random.js';
import type { Emit } from '../../history/events.js';
import type { DeliveryPath, Files, Params, TelegramFaults, UpdateKind } from '../contracts.js';
import { stringifyEscaped } from '../json.js';
import {
  type AllowedUpdates,
  DEFAULT_ALLOWED_UPDATES,
  isAllowed,
  listedUpdates,
  parseAllowedUpdates,
} from './allowed-updates.js';
import { methodIn } from './answer-method.js';
import { Conflicts } from './conflicts.js';
import { Deliveries, type Delivery } from './deliveries.js';
import { expiryOf, queueIdOf } from './kinds.js';
import { Polling } from './polling.js';
import { type About, type QueuedUpdate, UpdateQueue } from './queue.js';
import { type RefuseAddress, type ResolveHost, resolveHost } from './resolve-host.js';
import { socketTransport } from './socket-transport.js';
import { postAsStranger, type StrangerRequest } from './stranger-request.js';
import type { Answer, Transport } from './transport.js';
import { Webhook, type WebhookResult } from './webhook.js';

/** Expired updates are swept out for the first time after 600 s, then every 60 s (ClientManager.cpp:549). */
const FIRST_SWEEP_MS = 600_000;
const SWEEP_MS = 60_000;

export interface UpdatesOptions {
  readonly bot: BotId;
  readonly token: string;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Draws the first update_id, long waits between retries and trace ids. */
  readonly random: Random;
  /** As `--local` of the official server: http, any port and any address are allowed for webhooks. */
  readonly local: boolean;
  /** Adds a W3C `traceparent` to webhook requests and to `delivery.started`. */
  readonly trace: boolean;
  readonly nextDelivery: () => DeliveryId;
  readonly faults: TelegramFaults;
  /** Who gets the deliveries, where there is more to know than one address. */
  readonly path?: DeliveryPath;
  /** Runs the method in the body of a webhook's answer. Never rejects. */
  readonly runMethod: (method: string, params: Params, files: Files, delivery: DeliveryId) => Promise<void>;
  /** Real sockets by default. */
  readonly transport?: Transport;
  /** The system's resolver by default. */
  readonly resolveHost?: ResolveHost;
  readonly refuseAddress?: RefuseAddress;
  /** Told of each update as it is queued, in the words that the bot will read. */
  readonly onQueued?: (json: string) => void;
}

/** The updates of one bot, from the moment they happen until the bot has them. */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #queue: UpdateQueue;
  readonly #deliveries: Deliveries;
  readonly #conflicts: Conflicts;
  readonly #webhook: Webhook;
  readonly #polling: Polling;
  readonly #running = new Set<Promise<void>>();
  #allowed: AllowedUpdates = DEFAULT_ALLOWED_UPDATES;
  #sweep: Timer | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const { clock, local, random } = options;
    this.#queue = new UpdateQueue(random);
    this.#deliveries = new Deliveries(options);
    this.#conflicts = new Conflicts(clock);
    const shared = {
      clock,
      queue: this.#queue,
      deliveries: this.#deliveries,
      conflicts: this.#conflicts,
      setAllowed: (params: Params) => {
        this.#allowed = parseAllowedUpdates(params.get('allowed_updates')) ?? this.#allowed;
      },
    };
    this.#polling = new Polling({ ...shared, webhookIsActive: () => this.#webhook.isActive });
    this.#webhook = new Webhook({
      ...shared,
      random,
      local,
      transport: options.transport ?? socketTransport,
      resolveHost: options.resolveHost ?? resolveHost,
      ...(options.refuseAddress !== undefined && { refuseAddress: options.refuseAddress }),
      onSetWebhook: () => this.#polling.interrupt('terminated by setWebhook request'),
      onTakeOver: () => this.#polling.abandon(),
      onDropPending: () => this.#remove(() => true, 'dropped-by-bot'),
      onAccepted: (answer, delivery) => this.#runMethodIn(answer, delivery),
    });
    this.#sweepAfter(FIRST_SWEEP_MS);
  }

  /**
   * Something happened that the bot may want to know. `undefined`: it does not (allowed_updates), or it
   * happened more than a day ago. An id does not mean that there was room: see `update.dropped`.
   */
  push(kind: UpdateKind, payload: Readonly<Record<string, unknown>>, about: About): UpdateId | undefined {
    if (!isAllowed(this.#allowed, kind)) return undefined;
    const { bot, clock, emit } = this.#options;
    const nowS = clock.unixSeconds();
    const expiresAtS = expiryOf(kind, payload, nowS);
    if (expiresAtS <= nowS) return undefined;
    const queueId = queueIdOf(kind, payload);
    const body = `"${kind}":${stringifyEscaped(payload)}`;
    const { id, update } = this.#queue.push(kind, body, expiresAtS, queueId, about);
    if (update === undefined) {
      emit({ type: 'update.dropped', bot, updateId: id, reason: 'queue-full' });
      return id;
    }
    const { callbackQueryId, chatId, messageId, userId } = about;
    emit({
      type: 'update.queued',
      bot,
      updateId: id,
      kind,
      queue: String(queueId),
      ...(chatId !== undefined && { chatId }),
      ...(userId !== undefined && { userId }),
      ...(messageId !== undefined && { messageId }),
      ...(callbackQueryId !== undefined && { callbackQueryId }),
      expiresAt: clock.now() + (expiresAtS - nowS) * 1000,
    });
    this.#options.onQueued?.(`{"update_id":${id},${body}}`);
    if (this.#webhook.isActive) this.#webhook.wake();
    else this.#polling.wake();
    return id;
  }

  /** @throws ApiError */
  setWebhook(params: Params, files: Files): Promise<WebhookResult> {
    return this.#webhook.set(params, files);
  }

  /** @throws ApiError */
  deleteWebhook(params: Params): Promise<WebhookResult> {
    return this.#webhook.delete(params);
  }

  /** The answer of getWebhookInfo, keys in the official order. */
  webhookInfo(): WebhookInfo {
    return this.#webhook.info(this.#queue.size, listedUpdates(this.#allowed));
  }

  /**
   * The JSON text of the result array. Abort `signal` when the connection is gone: a poll that still waits
   * then takes nothing. A hand-out that the bot does not confirm is recorded as `unknown` once the update is
   * handed out again.
   * `takenBy`: the fault behind another consumer, when it is not the bot that asks.
   * @throws ApiError 409
   */
  getUpdates(params: Params, signal: AbortSignal, takenBy?: string): Promise<string> {
    return this.#polling.getUpdates(params, signal, takenBy);
  }

  /** Ends everything: deliveries in flight are `abandoned`, polls that wait fail, sockets close. */
  async close(): Promise<void> {
    this.#options.clock.clear(this.#sweep);
    this.#webhook.close();
    this.#polling.close();
    this.#conflicts.close();
    await Promise.all(this.#running);
  }

  /** The secret token of the webhook that is set; '' when it has none, or there is no webhook. */
  get webhookSecret(): string {
    return this.#webhook.secretToken;
  }

  /** Posts to the webhook as somebody who only knows its address. `undefined`: there is none to post to. */
  postAsStranger(request: StrangerRequest): ReturnType<typeof postAsStranger> | undefined {
    const { address } = this.#webhook;
    if (address === undefined) return undefined;
    const { clock, transport = socketTransport } = this.#options;
    return postAsStranger({ clock, transport }, address.target, address.url, request);
  }

  /** The bot logs out: a poll that waits ends now (Client.cpp:9269). */
  endPoll(): void {
    this.#polling.hurry();
  }

  #runMethodIn(answer: Answer, delivery: Delivery): void {
    const run = async (): Promise<void> => {
      const call = await methodIn(answer);
      if (call !== undefined) {
        await this.#options.runMethod(call.method, call.params, call.files, delivery.id);
      }
    };
    const running = run().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #sweepAfter(ms: number): void {
    const { clock } = this.#options;
    this.#sweep = clock.set(ms, () => {
      const nowS = clock.unixSeconds();
      this.#remove((update) => update.expiresAtS < nowS, 'expired');
      this.#sweepAfter(SWEEP_MS);
    });
  }

  #remove(which: (update: QueuedUpdate) => boolean, reason: 'expired' | 'dropped-by-bot'): void {
    for (const update of this.#queue.from(this.#queue.headId)) {
      if (!which(update)) continue;
      this.#queue.forget(update.id);
      this.#polling.forget(update);
      // The webhook engine still sends what it holds, expired or not; then it has the last word.
      if (!this.#webhook.holds(update.id)) this.#deliveries.dropped(update, reason);
    }
  }
}
