import type { Clock, Timer } from '../../base/clock.js';
import { type Deliveries, type Delivery, faultOf } from './deliveries.js';
import type { QueuedUpdate } from './queue.js';

/** An update that is handed out once more after it was confirmed, because a fault says so. */
interface Encore {
  readonly update: QueuedUpdate;
  readonly fault: string;
  readonly delayMs: number;
}

/**
 * What getUpdates has handed out and the bot has not confirmed yet. Reading confirms nothing, so an update
 * can be handed out many times; only the last time can end as acknowledged.
 */
export class HandOuts {
  readonly #clock: Clock;
  readonly #deliveries: Deliveries;
  /** Called when an encore has become due. */
  readonly #onDue: () => void;
  readonly #open = new Map<number, Delivery>();
  readonly #encores = new Map<number, Encore>();
  readonly #dueEncores: Encore[] = [];
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock, deliveries: Deliveries, onDue: () => void) {
    this.#clock = clock;
    this.#deliveries = deliveries;
    this.#onDue = onDue;
  }

  /** Confirmed updates that are to be handed out once more, at most `limit`. They count as taken. */
  takeEncores(limit: number): readonly Encore[] {
    return this.#dueEncores.splice(0, limit);
  }

  get hasEncores(): boolean {
    return this.#dueEncores.length > 0;
  }

  /** Whatever became of an earlier hand-out of this update, the bot has not confirmed it: it ends as unknown. */
  handOut(update: QueuedUpdate, duplicateOf?: string, takenBy?: string): void {
    this.#end(update.id, { outcome: 'unknown', retryInMs: 0 });
    const delivery = this.#deliveries.start(update, 'polling', duplicateOf, takenBy);
    this.#open.set(update.id, delivery);
    const duplicate = faultOf(delivery, 'duplicate') ?? faultOf(delivery, 'repeat');
    if (duplicate !== undefined) {
      const { delayMs, fault } = duplicate;
      this.#encores.set(update.id, { update, fault, delayMs });
    }
  }

  /** A later offset says that the bot has it. False: as far as anybody knows, the bot never saw it. */
  confirm(id: number): boolean {
    const encore = this.#encores.get(id);
    if (encore !== undefined) {
      this.#encores.delete(id);
      this.#setEncore(encore);
    }
    return this.#end(id, { outcome: 'acknowledged' });
  }

  /** Confirms encores, which are in no queue any more. */
  confirmBelow(id: number): void {
    for (const open of this.#open.keys()) if (open < id) this.#end(open, { outcome: 'acknowledged' });
  }

  /** The update is gone, and nobody will know whether the bot has it. */
  forget(id: number): void {
    this.#encores.delete(id);
    this.#end(id, { outcome: 'unknown' });
  }

  /** A webhook takes over, or the run ends. */
  abandon(): void {
    for (const id of [...this.#open.keys()]) this.#end(id, { outcome: 'abandoned' });
    for (const timer of this.#timers) this.#clock.clear(timer);
    this.#timers.clear();
    this.#encores.clear();
    this.#dueEncores.length = 0;
  }

  #setEncore(encore: Encore): void {
    if (encore.delayMs <= 0) {
      this.#dueEncores.push(encore);
      return;
    }
    const timer = this.#clock.set(encore.delayMs, () => {
      this.#timers.delete(timer);
      this.#dueEncores.push(encore);
      this.#onDue();
    });
    this.#timers.add(timer);
  }

  #end(id: number, ending: Parameters<Deliveries['end']>[1]): boolean {
    const delivery = this.#open.get(id);
    if (delivery === undefined) return false;
    this.#open.delete(id);
    this.#deliveries.end(delivery, ending);
    return true;
  }
}
