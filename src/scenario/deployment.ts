import type { DeliveryId } from '../base/ids.js';
import { freePort } from '../bot/free-port.js';
import { Routing } from '../bot/routing.js';
import { WebhookRouter } from '../bot/webhook-router.js';
import type { DeliveryEnded, Emit } from '../history/events.js';
import type { DeliveryPath, PathFacts } from '../telegram/contracts.js';
import { glued, gluedIn } from './glue.js';
import type { Bot, Scenario } from './load.js';

export interface DeploymentOptions {
  readonly bot: Bot;
  readonly seed: string;
  readonly emit: Emit;
}

/** Who hears of deliveries to an instance (from 1). */
export interface DeliveryListener {
  /** One is about to be sent to it. */
  coming(instance: number): void;
  /** It has acknowledged one; undefined: nobody knows which of several did. */
  acknowledged(facts: PathFacts, instance: number | undefined): void;
  /** No request of Telegram is in flight to it any more. */
  idle(instance: number): void;
}

/** The bot as the scenario wants it to be run. @throws SendtwiceError `file/bad-scenario` when that cannot be */
export function deployed(scenario: Scenario, bot: Bot): Bot {
  const pair = gluedIn(scenario, bot);
  return {
    ...bot,
    instances: scenario.bot?.instances ?? bot.instances,
    route: scenario.bot?.route ?? bot.route,
    env: pair === undefined ? bot.env : glued(bot.env, pair),
  };
}

interface Flight {
  readonly instance: number | undefined;
  readonly facts: PathFacts;
}

/** Where the instances of the bot listen, what stands before them, and which of them gets a delivery. */
export class Deployment implements DeliveryPath {
  /** Of each instance. */
  readonly ports: readonly number[];
  readonly #options: DeploymentOptions;
  readonly #routing: Routing;
  readonly #router: WebhookRouter | undefined;
  readonly #flights: Map<DeliveryId, Flight>;
  readonly #unreached: Set<DeliveryId>;
  /** The URL of the webhook that is set now. */
  #webhook: (() => string | undefined) | undefined;
  #listener: DeliveryListener | undefined;
  #hasWarned = false;

  private constructor(
    options: DeploymentOptions,
    ports: readonly number[],
    router: WebhookRouter | undefined,
    flights: Map<DeliveryId, Flight>,
    unreached: Set<DeliveryId>,
  ) {
    const { instances, route } = options.bot;
    this.#options = options;
    this.#routing = new Routing({ route, instances, seed: options.seed });
    this.#router = router;
    this.#flights = flights;
    this.#unreached = unreached;
    this.ports = ports;
  }

  /** Finds a port for each instance, and puts a router before several. @throws SendtwiceError `listen/port-in-use` */
  static async open(options: DeploymentOptions): Promise<Deployment> {
    const { instances, webhook } = options.bot;
    const ports: number[] = [];
    for (let instance = 1; instance <= instances; instance += 1) {
      ports.push(webhook.port ?? (await freePort()));
    }
    const flights = new Map<DeliveryId, Flight>();
    const unreached = new Set<DeliveryId>();
    const flightOf = (traceparent: string | undefined): Flight | undefined =>
      [...flights.values()].find(({ facts }) => facts.traceparent === traceparent);
    const router =
      instances === 1
        ? undefined
        : await WebhookRouter.listen({
            portFor: ({ header }) =>
              ports[(flightOf(header('traceparent'))?.instance ?? 1) - 1] ?? (ports[0] as number),
            onUnreachable: ({ header }) => {
              const flight = flightOf(header('traceparent'));
              if (flight !== undefined) unreached.add(flight.facts.delivery);
            },
          });
    return new Deployment(options, ports, router, flights, unreached);
  }

  /** What Telegram is to be told: the router before several instances, else the one there is. */
  get webhookOrigin(): string {
    return this.#router?.origin ?? `http://127.0.0.1:${this.ports[0]}`;
  }

  /** The ports behind the router, if there is one. */
  get behindRouter(): readonly number[] {
    return this.#router === undefined ? [] : this.ports;
  }

  /** From now on it is known which webhook is set. */
  watch(webhook: () => string | undefined): void {
    this.#webhook = webhook;
  }

  tell(listener: DeliveryListener): void {
    this.#listener = listener;
  }

  started(facts: PathFacts, wanted: number | undefined): number | undefined {
    const instance = this.#instanceFor(facts, wanted);
    this.#flights.set(facts.delivery, { instance, facts });
    if (instance !== undefined && facts.via === 'webhook') this.#listener?.coming(instance);
    return this.#router === undefined ? undefined : instance;
  }

  reached(delivery: DeliveryId): boolean {
    return !this.#unreached.has(delivery);
  }

  ended(facts: PathFacts, outcome: DeliveryEnded['outcome']): void {
    const instance = this.#flights.get(facts.delivery)?.instance;
    this.#flights.delete(facts.delivery);
    this.#unreached.delete(facts.delivery);
    if (outcome === 'acknowledged') this.#listener?.acknowledged(facts, instance);
    if (instance !== undefined && !this.#isBusy(instance)) this.#listener?.idle(instance);
  }

  async close(): Promise<void> {
    await this.#router?.close();
  }

  #isBusy(instance: number): boolean {
    return [...this.#flights.values()].some(
      (flight) => flight.instance === instance && flight.facts.via === 'webhook',
    );
  }

  #instanceFor(facts: PathFacts, wanted: number | undefined): number | undefined {
    if (this.#router === undefined) return 1;
    if (facts.via === 'polling') return undefined;
    const url = this.#webhook?.() ?? '';
    if (url.startsWith(`${this.#router.origin}/`)) {
      const { action, attempt, chatId, updateId } = facts;
      return wanted ?? this.#routing.next(String(chatId ?? updateId), `${action ?? updateId}/${attempt}`);
    }
    this.#warn(url);
    const own = URL.canParse(url) ? this.ports.indexOf(Number(new URL(url).port)) : -1;
    return own === -1 ? undefined : own + 1;
  }

  /** Once is enough. */
  #warn(url: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.emit({
      type: 'warning',
      code: 'router-passed-by',
      message: `the bot has set the webhook ${url}, which is not \${webhook.url}: its instances do not share the updates, whoever set it last gets them`,
    });
  }
}
