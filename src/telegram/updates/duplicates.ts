import type { Timer } from '../../base/clock.js';
import type { DeliveryFault } from '../contracts.js';
import type { Delivery, Ending } from './deliveries.js';
import { type EngineOptions, IDLE_MS } from './engine-options.js';
import type { QueuedUpdate } from './queue.js';
import { webhookRequest } from './request.js';
import type { Answer, Connection, Target } from './transport.js';

interface Flight {
  readonly delivery: Delivery;
  readonly connection: Connection;
  readonly timer: Timer;
}

/**
 * Sends updates a second time because a fault says so. Telegram would not: these deliveries have
 * connections of their own, and whatever becomes of them moves nothing in the engine. There are never more
 * than the engine starts attempts.
 */
export class DuplicateSender {
  readonly #options: EngineOptions;
  readonly #target: () => Target;
  readonly #waiting = new Set<Timer>();
  readonly #flights = new Set<Flight>();

  constructor(options: EngineOptions, target: () => Target) {
    this.#options = options;
    this.#target = target;
  }

  send(update: QueuedUpdate, fault: DeliveryFault): void {
    const timer = this.#options.clock.set(fault.delayMs, () => {
      this.#waiting.delete(timer);
      this.#start(update, fault.fault);
    });
    this.#waiting.add(timer);
  }

  close(): void {
    for (const timer of this.#waiting) this.#options.clock.clear(timer);
    this.#waiting.clear();
    for (const flight of [...this.#flights]) this.#end(flight, { outcome: 'abandoned' });
  }

  #start(update: QueuedUpdate, fault: string): void {
    const { clock, deliveries, request, transport } = this.#options;
    const delivery = deliveries.start(update, 'webhook', fault);
    const connection = transport.connect(this.#target(), {
      answered: (answer) => this.#answered(flight, answer),
      ended: (error) => this.#lost(flight, error),
    });
    const timer = clock.set(IDLE_MS, () =>
      this.#lost(flight, connection.flushed ? 'Read timeout expired' : 'Write timeout expired'),
    );
    const flight: Flight = { delivery, connection, timer };
    this.#flights.add(flight);
    connection.send(webhookRequest(request, update.text, delivery.traceparent));
  }

  #answered(flight: Flight, answer: Answer): void {
    const { reason, status } = answer;
    if (status < 200 || status > 299) {
      const error = `Wrong response from the webhook: ${status} ${reason}`;
      this.#end(flight, { outcome: 'refused', status, error });
      return;
    }
    this.#end(flight, { outcome: 'acknowledged', status });
    this.#options.onAccepted(answer, flight.delivery);
  }

  #lost(flight: Flight, error: string | undefined): void {
    const outcome = flight.connection.opened ? 'unknown' : 'undelivered';
    this.#end(flight, { outcome, ...(error !== undefined && { error }) });
  }

  #end(flight: Flight, ending: Ending): void {
    this.#options.clock.clear(flight.timer);
    flight.connection.destroy();
    this.#flights.delete(flight);
    this.#options.deliveries.end(flight.delivery, ending);
  }
}
