import { onTestFinished } from 'vitest';
import { type Clock, RealClock } from '../../../src/base/clock.js';
import { FaultPlan } from '../../../src/faults/plan.js';
import type { MongoFault } from '../../../src/faults/schema.js';
import type { EventBody, EventType } from '../../../src/history/events.js';
import { MongoProxy } from '../../../src/mongo/proxy/mongo-proxy.js';
import { RawClient } from './raw-client.js';
import { type StubOptions, StubServer } from './stub-server.js';

export type Event<T extends EventType> = Extract<EventBody, { readonly type: T }>;

/** Collects events, and lets a test wait for one. */
export class Events {
  readonly all: EventBody[] = [];
  #wake: (() => void) | undefined;

  readonly emit = (event: EventBody): void => {
    this.all.push(event);
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

export interface Rig {
  readonly proxy: MongoProxy;
  readonly events: Events;
  connect(): Promise<RawClient>;
}

/** A proxy in front of a server, with these faults switched on. Ends with the test. */
export async function proxyBefore(
  upstream: string,
  options: { faults?: readonly MongoFault[]; clock?: Clock; port?: number } = {},
): Promise<Rig> {
  const events = new Events();
  const { clock = new RealClock(), port = 0 } = options;
  const faults = (options.faults ?? []).map((fault, index) => ({
    ...fault,
    name: fault.name ?? `fault-${index + 1}`,
  }));
  const { emit } = events;
  const plan = new FaultPlan({ faults, seed: 'proxy.test', now: () => clock.now(), emit });
  plan.begin();
  const proxy = await MongoProxy.start({ upstream, plan, clock, emit, port });
  onTestFinished(() => proxy.close());
  return {
    proxy,
    events,
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
