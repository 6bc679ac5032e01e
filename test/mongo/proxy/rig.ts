import { onTestFinished } from 'vitest';
import { type Clock, RealClock } from '../../../src/base/clock.js';
import { FaultPlan } from '../../../src/faults/plan.js';
import type { MongoConnectionFault, MongoFault, MongoHeartbeatFault } from '../../../src/faults/schema.js';
import type { EventBody, EventType } from '../../../src/history/events.js';
import { MongoProxy, type MongoProxyOptions } from '../../../src/mongo/proxy/mongo-proxy.js';
import { RawClient } from './raw-client.js';
import { type StubOptions, StubServer } from './stub-server.js';

export type Event<T extends EventType> = Extract<EventBody, { readonly type: T }>;

/** Collects events, and lets a test wait for one. */
export class Events {
  readonly #all: EventBody[] = [];
  #wake: (() => void) | undefined;

  get all(): readonly EventBody[] {
    return this.#all;
  }

  readonly emit = (event: EventBody): void => {
    this.#all.push(event);
    this.#wake?.();
  };

  of<T extends EventType>(type: T): Event<T>[] {
    return this.all.filter((event): event is Event<T> => event.type === type);
  }

  /** The n-th event of this type, from 1. */
  async nth<T extends EventType>(type: T, n = 1): Promise<Event<T>> {
    for (;;) {
      const event = this.of(type)[n - 1];
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export type AnyFault = MongoFault | MongoConnectionFault | MongoHeartbeatFault;

export interface Rig {
  readonly proxy: MongoProxy;
  readonly events: Events;
  readonly plan: FaultPlan;
  connect(): Promise<RawClient>;
}

let ownBuffers = true;

/** From here on, proxies read from their clients in the ordinary way. */
export function useOrdinarySockets(): void {
  ownBuffers = false;
}

/** A proxy in front of a server, with these faults switched on. Ends with the test. */
export async function proxyBefore(
  upstream: string,
  options: { faults?: readonly AnyFault[]; clock?: Clock } & Partial<
    Omit<MongoProxyOptions, 'upstream'>
  > = {},
): Promise<Rig> {
  const events = new Events();
  const { clock = new RealClock(), faults: unnamed = [], ...rest } = options;
  const faults = unnamed.map((fault, index) => ({
    ...fault,
    name: fault.name ?? `fault-${index + 1}`,
  }));
  const { emit } = events;
  const plan = new FaultPlan({ faults, seed: 'proxy.test', now: () => clock.now(), emit });
  plan.begin();
  const proxy = await MongoProxy.start({ upstream, plan, clock, emit, ownBuffers, ...rest });
  onTestFinished(() => proxy.close());
  return {
    proxy,
    events,
    plan,
    connect: async () => {
      const client = await RawClient.connect(proxy.address);
      onTestFinished(() => client.close());
      return client;
    },
  };
}

/** A stub server that ends with the test. */
export async function stubServer(options: StubOptions = {}): Promise<StubServer> {
  const stub = await StubServer.start(options);
  onTestFinished(() => stub.close());
  return stub;
}
