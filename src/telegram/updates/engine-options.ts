import type { Clock } from '../../base/clock.js';
import type { Random } from '../../base/random.js';
import type { Deliveries, Delivery } from './deliveries.js';
import type { UpdateQueue } from './queue.js';
import type { RequestParts } from './request.js';
import type { Answer, Target, Transport } from './transport.js';

/** A connection may be idle, and a request may stay unanswered, this long (WebhookActor.cpp:230). */
export const IDLE_MS = 60_000;

export interface EngineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly queue: UpdateQueue;
  readonly deliveries: Deliveries;
  readonly target: Target;
  readonly request: RequestParts;
  readonly maxConnections: number;
  /** Something for last_error_message. */
  readonly onError: (text: string) => void;
  /** A 2xx: its body may hold a method to run. */
  readonly onAccepted: (answer: Answer, delivery: Delivery) => void;
  /** 410 for 23 hours: the webhook is to be removed. */
  readonly onGone: () => void;
}
