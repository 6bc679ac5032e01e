import type { Clock, Timer } from '../../base/clock.js';
import type { ApiError } from '../api-error.js';
import { INT32_MAX, integerParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { type Conflicts, restarting } from './conflicts.js';
import type { Deliveries } from './deliveries.js';
import { HandOuts } from './hand-outs.js';
import type { QueuedUpdate, UpdateQueue } from './queue.js';

const LONGEST_TIMEOUT_S = 50;
const LARGEST_LIMIT = 100;
/** An answer ends before it grows beyond this; each update counts 50 bytes more than it has. */
const ANSWER_BYTES = 4 * 1024 * 1024;
const UPDATE_EXTRA_BYTES = 50;
/** A waiting poll is answered after this much quiet, and at the latest after the second value. */
const QUIET_MS = 1;
const LONGEST_QUIET_MS = 2;
/** An offset further ahead of the next update than this is not believed. */
const FURTHEST_AHEAD = 10;
/** Asking for the same again within these times is slowed down. */
const SPIN_MS = 3000;
const FAST_SPIN_MS = 500;

export interface PollingOptions {
  readonly clock: Clock;
  readonly queue: UpdateQueue;
  readonly deliveries: Deliveries;
  readonly conflicts: Conflicts;
  /** A webhook is set, or about to be. */
  readonly webhookIsActive: () => boolean;
  /** Takes over the parameter `allowed_updates`. */
  readonly setAllowed: (params: Params) => void;
}

interface Waiter {
  readonly offset: number;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly takenBy: string | undefined;
  readonly resolve: (json: string) => void;
  readonly reject: (error: ApiError) => void;
  readonly onAbort: () => void;
  deadline: number;
  woken: boolean;
  timer: Timer | undefined;
}

/** getUpdates of one bot (Client.cpp:15700, 16321; facts/telegram.md §2). */
export class Polling {
  readonly #options: PollingOptions;
  readonly #handOuts: HandOuts;
  #waiter: Waiter | undefined;
  #lastOffset: number | undefined;
  #lastStartedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: PollingOptions) {
    this.#options = options;
    this.#handOuts = new HandOuts(options.clock, options.deliveries, () => this.wake());
  }

  /**
   * Resolves with the JSON text of the result. `signal` tells that the connection is gone; a poll that waits
   * then takes no updates and resolves with an empty list that nobody reads. `takenBy` is the fault behind another
   * consumer than the bot.
   * @throws ApiError 409
   */
  getUpdates(params: Params, signal: AbortSignal, takenBy?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(restarting());
      const { clock, conflicts, setAllowed, webhookIsActive } = this.#options;
      if (webhookIsActive()) {
        const text =
          "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
        return conflicts.fail(text, reject);
      }
      const offset = integerParam(params, 'offset', { fallback: 0, min: -INT32_MAX, max: INT32_MAX });
      let limit = integerParam(params, 'limit', { fallback: LARGEST_LIMIT, min: 1, max: LARGEST_LIMIT });
      let timeoutS = integerParam(params, 'timeout', { fallback: 0, min: 0, max: LONGEST_TIMEOUT_S });
      setAllowed(params);

      const now = clock.now();
      if (offset === this.#lastOffset) {
        if (now < this.#lastStartedAt + SPIN_MS) timeoutS = Math.max(timeoutS, SPIN_MS / 1000);
        if (now < this.#lastStartedAt + FAST_SPIN_MS) limit = 1;
      }
      this.#lastOffset = offset;
      this.#lastStartedAt = now;

      if (offset < 0) this.#keepLast(-offset);
      this.#confirmBelow(offset);
      if (timeoutS > 0 && !signal.aborted && !this.#hasSomething()) {
        this.interrupt(
          'terminated by other getUpdates request; make sure that only one bot instance is running',
        );
        this.#wait(Math.max(offset, 0), limit, now + timeoutS * 1000, { signal, takenBy, resolve, reject });
      } else {
        resolve(this.#handOut(limit, signal, takenBy));
      }
    });
  }

  /** An update was queued. */
  wake(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    const now = this.#options.clock.now();
    if (!waiter.woken) {
      waiter.woken = true;
      waiter.deadline = Math.min(now + LONGEST_QUIET_MS, waiter.deadline);
    }
    this.#setTimer(waiter, Math.min(now + QUIET_MS, waiter.deadline));
  }

  /** A poll that waits fails with a 409. */
  interrupt(text: string): void {
    const waiter = this.#endWait();
    if (waiter !== undefined) this.#options.conflicts.fail(text, waiter.reject);
  }

  /** A poll that waits is answered with what there is. */
  hurry(): void {
    if (this.#waiter !== undefined) this.#answer(this.#waiter);
  }

  /** Nothing that was handed out will be confirmed any more: a webhook takes over, or the run ends. */
  abandon(): void {
    this.#handOuts.abandon();
  }

  /** The update left the queue unconfirmed. */
  forget(update: QueuedUpdate): void {
    this.#handOuts.forget(update.id);
  }

  close(): void {
    this.#closed = true;
    this.#endWait()?.reject(restarting());
    this.#handOuts.abandon();
  }

  #wait(
    offset: number,
    limit: number,
    deadline: number,
    { signal, takenBy, resolve, reject }: Pick<Waiter, 'signal' | 'takenBy' | 'resolve' | 'reject'>,
  ): void {
    const onAbort = () => {
      this.#endWait();
      resolve('[]');
    };
    const waiter: Waiter = {
      offset,
      limit,
      signal,
      takenBy,
      resolve,
      reject,
      onAbort,
      deadline,
      woken: false,
      timer: undefined,
    };
    this.#waiter = waiter;
    signal.addEventListener('abort', onAbort, { once: true });
    this.#setTimer(waiter, deadline);
  }

  #setTimer(waiter: Waiter, at: number): void {
    const { clock } = this.#options;
    clock.clear(waiter.timer);
    waiter.timer = clock.set(at - clock.now(), () => this.#answer(waiter));
  }

  #answer(waiter: Waiter): void {
    this.#endWait();
    // Updates below the offset that came meanwhile count as confirmed.
    this.#confirmBelow(waiter.offset);
    waiter.resolve(this.#handOut(waiter.limit, waiter.signal, waiter.takenBy));
  }

  #endWait(): Waiter | undefined {
    const waiter = this.#waiter;
    if (waiter === undefined) return undefined;
    this.#waiter = undefined;
    this.#options.clock.clear(waiter.timer);
    waiter.signal.removeEventListener('abort', waiter.onAbort);
    return waiter;
  }

  /** A negative offset: everything but the last `count` updates is gone. */
  #keepLast(count: number): void {
    const { queue } = this.#options;
    let left = queue.size - count;
    for (const update of queue.from(queue.headId)) {
      if (left <= 0) return;
      left -= 1;
      this.#confirm(update);
    }
  }

  /** A positive offset confirms what is older, unless it points too far into the future. */
  #confirmBelow(offset: number): void {
    const { queue } = this.#options;
    if (offset <= 0 || offset > queue.nextId + FURTHEST_AHEAD) return;
    for (const update of queue.from(queue.headId)) {
      if (update.id >= offset) break;
      this.#confirm(update);
    }
    this.#handOuts.confirmBelow(offset);
  }

  #confirm(update: QueuedUpdate): void {
    const { deliveries, queue } = this.#options;
    queue.forget(update.id);
    if (this.#handOuts.confirm(update.id)) return;
    deliveries.dropped(update, this.#isExpired(update) ? 'expired' : 'dropped-by-bot');
  }

  #hasSomething(): boolean {
    const { queue } = this.#options;
    if (this.#handOuts.hasEncores) return true;
    for (const update of queue.from(queue.headId)) {
      if (!this.#isExpired(update)) return true;
      this.#expire(update);
    }
    return false;
  }

  #handOut(limit: number, signal: AbortSignal, takenBy: string | undefined): string {
    if (signal.aborted) return '[]';
    const { queue } = this.#options;
    const texts: string[] = [];
    let leftBytes = ANSWER_BYTES;
    for (const { fault, update } of this.#handOuts.takeEncores(limit)) {
      leftBytes -= update.text.length + UPDATE_EXTRA_BYTES;
      texts.push(update.text);
      this.#handOuts.handOut(update, fault, takenBy);
    }
    for (const update of queue.from(queue.headId)) {
      if (texts.length >= limit) break;
      if (this.#isExpired(update)) {
        this.#expire(update);
        continue;
      }
      leftBytes -= update.text.length + UPDATE_EXTRA_BYTES;
      if (leftBytes <= 0) break;
      texts.push(update.text);
      this.#handOuts.handOut(update, undefined, takenBy);
    }
    return `[${texts.join(',')}]`;
  }

  #isExpired(update: QueuedUpdate): boolean {
    return update.expiresAtS < this.#options.clock.unixSeconds();
  }

  #expire(update: QueuedUpdate): void {
    const { deliveries, queue } = this.#options;
    queue.forget(update.id);
    this.#handOuts.forget(update.id);
    deliveries.dropped(update, 'expired');
  }
}
