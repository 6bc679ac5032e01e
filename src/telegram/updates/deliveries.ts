import type { BotId, DeliveryId } from '../../base/ids.js';
import { type Random, randomInteger } from '../../base/random.js';
import type { DeliveryEnded, Emit } from '../../history/events.js';
import type { DeliveryFault, DeliveryPath, PathFacts, TelegramFaults } from '../contracts.js';
import type { QueuedUpdate } from './queue.js';

/** One attempt to hand one update to the bot. */
export interface Delivery {
  readonly id: DeliveryId;
  readonly update: QueuedUpdate;
  readonly attempt: number;
  /** What is done to it on purpose: at most one fault of each effect. */
  readonly faults: readonly DeliveryFault[];
  /** The fault that caused it: this one is a duplicate. */
  readonly duplicateOf?: string;
  /** W3C trace context, when the run traces. */
  readonly traceparent?: string;
  readonly facts: PathFacts;
}

export interface DeliveriesOptions {
  readonly bot: BotId;
  readonly emit: Emit;
  readonly random: Random;
  readonly trace: boolean;
  readonly nextDelivery: () => DeliveryId;
  readonly faults: TelegramFaults;
  readonly path?: DeliveryPath;
}

export type Ending = Pick<DeliveryEnded, 'outcome' | 'status' | 'error' | 'retryInMs' | 'fault'>;

/** Numbers deliveries, asks the faults about them and writes them to the history. */
export class Deliveries {
  readonly #options: DeliveriesOptions;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /**
   * A delivery starts now. `duplicateOf` names the fault that caused it; faults are not asked again then.
   * `takenBy` is the fault behind another consumer, when it goes to that one.
   */
  start(update: QueuedUpdate, via: 'webhook' | 'polling', duplicateOf?: string, takenBy?: string): Delivery {
    const { bot, emit, faults, nextDelivery, path, random, trace } = this.#options;
    update.attempts += 1;
    const { id: updateId, kind, attempts: attempt, about } = update;
    const id = nextDelivery();
    const traceparent = trace && via === 'webhook' ? traceparentFrom(random) : undefined;
    const facts: PathFacts = {
      delivery: id,
      bot,
      updateId,
      kind,
      attempt,
      via,
      ...(about.chatId !== undefined && { chatId: about.chatId }),
      ...(about.step !== undefined && { step: about.step }),
      ...(about.action !== undefined && { action: about.action }),
      ...(traceparent !== undefined && { traceparent }),
    };
    const isAsked = duplicateOf === undefined && takenBy === undefined;
    const hits = isAsked ? (faults.onDelivery?.(facts) ?? []) : [];
    const fault = duplicateOf ?? takenBy;
    const instance = path?.started(facts, hits.find(({ effect }) => effect === 'route')?.instance);
    emit({
      type: 'delivery.started',
      delivery: id,
      bot,
      updateId,
      attempt,
      via,
      ...(about.chatId !== undefined && { chatId: about.chatId }),
      ...(traceparent !== undefined && { traceparent }),
      ...(instance !== undefined && { instance }),
      ...(fault !== undefined && { fault }),
      ...(takenBy !== undefined && { consumer: 'other' as const }),
    });
    return {
      id,
      update,
      attempt,
      faults: hits,
      ...(duplicateOf !== undefined && { duplicateOf }),
      ...(traceparent !== undefined && { traceparent }),
      facts,
    };
  }

  end(delivery: Delivery, given: Ending): void {
    const { path } = this.#options;
    // Telegram got a complete answer, but none of the bot: nobody was there to see the update.
    const isUnseen = given.outcome === 'refused' && path?.reached(delivery.id) === false;
    const ending: Ending = isUnseen ? { ...given, outcome: 'undelivered' } : given;
    this.#options.emit({
      type: 'delivery.ended',
      delivery: delivery.id,
      bot: this.#options.bot,
      updateId: delivery.update.id,
      attempt: delivery.attempt,
      ...ending,
      ...(delivery.duplicateOf !== undefined && { fault: delivery.duplicateOf }),
    });
    path?.ended(delivery.facts, ending.outcome);
  }

  dropped(update: QueuedUpdate, reason: 'expired' | 'dropped-by-bot'): void {
    this.#options.emit({ type: 'update.dropped', bot: this.#options.bot, updateId: update.id, reason });
  }
}

/** The fault with this effect that hits the delivery. */
export function faultOf(delivery: Delivery, effect: DeliveryFault['effect']): DeliveryFault | undefined {
  return delivery.faults.find((fault) => fault.effect === effect);
}

/** https://www.w3.org/TR/trace-context/: version 00, 16 bytes of trace, 8 of parent, sampled. */
function traceparentFrom(random: Random): string {
  return `00-${hexBytes(random, 16)}-${hexBytes(random, 8)}-01`;
}

function hexBytes(random: Random, count: number): string {
  return Array.from({ length: count }, (_, index) =>
    // The first byte is never 0, so that the whole is never all zeros, which the standard forbids.
    randomInteger(random, index === 0 ? 1 : 0, 255)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}
