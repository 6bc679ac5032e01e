import type { WebhookInfo } from '@grammyjs/types';
import type { Clock, Timer } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import { type Random, randomInteger } from '../../base/random.js';
import { type ApiError, tooManyRequests } from '../api-error.js';
import { booleanParam } from '../coercion.js';
import type { Files, Params } from '../contracts.js';
import { type Conflicts, restarting } from './conflicts.js';
import type { Deliveries } from './deliveries.js';
import { WebhookEngine } from './engine.js';
import type { EngineOptions } from './engine-options.js';
import type { UpdateQueue } from './queue.js';
import type { RefuseAddress, ResolveHost } from './resolve-host.js';
import type { Target, Transport } from './transport.js';
import {
  badWebhook,
  checkSettings,
  knownAddress,
  NO_WEBHOOK,
  readSettings,
  sameSettings,
  type WebhookSettings,
} from './webhook-settings.js';
import { addressProblem, type WebhookUrl } from './webhook-url.js';

/** A second setWebhook must wait this long. */
const BETWEEN_CALLS_MS = 1000;
/** Host names are looked up again after this time and up to a tenth of it more (WebhookActor.h:74). */
const LOOK_UP_AGAIN_S = 1800;

export interface WebhookOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly queue: UpdateQueue;
  readonly deliveries: Deliveries;
  readonly conflicts: Conflicts;
  readonly transport: Transport;
  readonly resolveHost: ResolveHost;
  readonly refuseAddress?: RefuseAddress;
  readonly local: boolean;
  readonly setAllowed: (params: Params) => void;
  /** setWebhook was called with a URL, whatever comes of it. */
  readonly onSetWebhook: () => void;
  /** From now on the webhook gets the updates. */
  readonly onTakeOver: () => void;
  readonly onDropPending: () => void;
  readonly onAccepted: EngineOptions['onAccepted'];
}

export interface WebhookResult {
  readonly result: true;
  readonly description: string;
}

interface Pending {
  readonly reject: (error: ApiError) => void;
}

/** The webhook of one bot: what setWebhook, deleteWebhook and getWebhookInfo do (facts/telegram.md §1.6, §1.8). */
export class Webhook {
  readonly #options: WebhookOptions;
  #settings: WebhookSettings = NO_WEBHOOK;
  #address: string | undefined;
  #place: { readonly url: WebhookUrl; readonly target: Target } | undefined;
  #lastError: { readonly date: number; readonly message: string } | undefined;
  #engine: WebhookEngine | undefined;
  /** A setWebhook that waits for the address of its host. */
  #pending: Pending | undefined;
  #lookUpAgain: Timer | undefined;
  #nextCallAt = 0;
  #closed = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** A webhook is set, or about to be. */
  get isActive(): boolean {
    return this.#settings !== NO_WEBHOOK;
  }

  get secretToken(): string {
    return this.#settings.secretToken;
  }

  /** Where it is, once that is known. */
  get address(): { readonly url: WebhookUrl; readonly target: Target } | undefined {
    return this.#place;
  }

  /** An update was queued. */
  wake(): void {
    this.#engine?.wake();
  }

  /** The engine has taken this update out of the queue's hands. */
  holds(id: number): boolean {
    return this.#engine?.holds(id) ?? false;
  }

  /** @throws ApiError */
  set(params: Params, files: Files): Promise<WebhookResult> {
    return this.#change(readSettings(params, files, this.#options.local), params);
  }

  /** @throws ApiError */
  delete(params: Params): Promise<WebhookResult> {
    return this.#change(NO_WEBHOOK, params);
  }

  /** What getWebhookInfo answers, keys in the official order. */
  info(pendingUpdates: number, allowed: WebhookInfo['allowed_updates']): WebhookInfo {
    const { certificate, maxConnections, url } = this.#settings;
    return {
      url,
      has_custom_certificate: certificate !== undefined,
      pending_update_count: pendingUpdates,
      ...(this.#lastError !== undefined && {
        last_error_date: this.#lastError.date,
        last_error_message: this.#lastError.message,
      }),
      ...(this.isActive && { max_connections: maxConnections, ip_address: this.#address ?? '<unknown>' }),
      ...(allowed !== undefined && { allowed_updates: allowed }),
    };
  }

  close(): void {
    this.#closed = true;
    this.#pending?.reject(restarting());
    this.#remove();
  }

  async #change(wanted: WebhookSettings, params: Params): Promise<WebhookResult> {
    const { clock, conflicts, onDropPending, onSetWebhook, setAllowed } = this.#options;
    if (this.#closed) throw restarting();
    const now = clock.now();
    const setting = wanted.url !== '';
    if (setting) {
      if (now < this.#nextCallAt) throw tooManyRequests(1);
      this.#nextCallAt = now + BETWEEN_CALLS_MS;
    }
    const drop = booleanParam(params, 'drop_pending_updates');
    if (this.#pending !== undefined) {
      conflicts.fail('terminated by other setWebhook', this.#pending.reject);
    } else if (sameSettings(wanted, this.#settings) && !drop) {
      setAllowed(params);
      return done(setting ? 'Webhook is already set' : 'Webhook is already deleted');
    }
    if (setting) onSetWebhook();
    // From here on the old webhook is gone, whatever becomes of the new one.
    const wasActive = this.isActive;
    this.#remove();
    if (drop) onDropPending();
    if (!setting) return done(wasActive ? 'Webhook was deleted' : 'Webhook is already deleted');

    const url = checkSettings(wanted);
    setAllowed(params);
    await this.#start(wanted, url);
    return done('Webhook was set');
  }

  async #start(settings: WebhookSettings, url: WebhookUrl): Promise<void> {
    const address = knownAddress(settings, url, this.#options.local);
    const refusal = address === undefined ? undefined : this.#options.refuseAddress?.(address);
    if (refusal !== undefined) throw badWebhook(refusal);
    this.#settings = settings;
    if (address !== undefined) this.#begin(settings, url, address);
    else await this.#lookUp(url.host, (found) => this.#lookUpLater(this.#begin(settings, url, found)));
  }

  #begin(settings: WebhookSettings, url: WebhookUrl, address: string): Target {
    const { secure, host, port } = url;
    const certificate = settings.certificate?.content?.toString();
    const target = { secure, host, port, address, ...(certificate !== undefined && { certificate }) };
    this.#options.onTakeOver();
    this.#address = address;
    this.#place = { url, target };
    this.#engine = this.#newEngine(settings, url, target);
    this.#engine.wake();
    return target;
  }

  /** @throws ApiError when there is no such host, or another setWebhook came first */
  #lookUp(host: string, begin: (address: string) => void): Promise<void> {
    const { resolveHost } = this.#options;
    return new Promise((resolve, reject) => {
      const pending: Pending = { reject };
      this.#pending = pending;
      const fail = (text: string): void => {
        this.#remove();
        reject(badWebhook(text));
      };
      // A call that came later has answered this one already.
      const isStale = (): boolean => this.#pending !== pending;
      resolveHost(host).then(
        (address) => {
          if (isStale()) return;
          const problem = this.#problemOf(address);
          if (problem !== undefined) return fail(problem);
          this.#pending = undefined;
          begin(address);
          resolve();
        },
        (error) => isStale() || fail(`Failed to resolve host: ${messageOf(error)}`),
      );
    });
  }

  #problemOf(address: string): string | undefined {
    const { local, refuseAddress } = this.#options;
    return (local ? undefined : addressProblem(address)) ?? refuseAddress?.(address);
  }

  #lookUpLater(target: Target): void {
    const { clock, random, resolveHost } = this.#options;
    const engine = this.#engine;
    const delayS = LOOK_UP_AGAIN_S + randomInteger(random, 0, LOOK_UP_AGAIN_S / 10);
    const use = (address: string): void => {
      if (this.#engine !== engine) return;
      const usable = address !== target.address && this.#problemOf(address) === undefined;
      const next = usable ? { ...target, address } : target;
      this.#address = next.address;
      engine?.retarget(next);
      this.#lookUpLater(next);
    };
    this.#lookUpAgain = clock.set(delayS * 1000, () => {
      // While the look-up fails, the old address stays in use.
      resolveHost(target.host).then(use, () => use(target.address));
    });
  }

  #newEngine(settings: WebhookSettings, url: WebhookUrl, target: Target): WebhookEngine {
    const { clock, deliveries, onAccepted, queue, random, transport } = this.#options;
    return new WebhookEngine({
      clock,
      random,
      transport,
      queue,
      deliveries,
      target,
      request: { url, secretToken: settings.secretToken },
      maxConnections: settings.maxConnections,
      onAccepted,
      onError: (message) => {
        this.#lastError = { date: clock.unixSeconds(), message };
      },
      onGone: () => this.#remove(),
    });
  }

  #remove(): void {
    this.#options.clock.clear(this.#lookUpAgain);
    this.#engine?.close();
    this.#engine = undefined;
    this.#pending = undefined;
    this.#settings = NO_WEBHOOK;
    this.#address = undefined;
    this.#place = undefined;
    this.#lastError = undefined;
  }
}

function done(description: string): WebhookResult {
  return { result: true, description };
}
