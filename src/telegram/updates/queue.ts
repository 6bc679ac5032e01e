import type { ActionId, ChatId, MessageId, UpdateId, UserId } from '../../base/ids.js';
import { updateId } from '../../base/ids.js';
import { type Random, randomInteger } from '../../base/random.js';
import type { UpdateKind } from '../contracts.js';

/** What an update is about; for the history and for faults. */
export interface About {
  readonly chatId?: ChatId;
  readonly userId?: UserId;
  readonly messageId?: MessageId;
  readonly callbackQueryId?: string;
  readonly step?: number;
  readonly action?: ActionId;
}

export interface QueuedUpdate {
  readonly id: UpdateId;
  readonly kind: UpdateKind;
  /** The update as the bot gets it: `{"update_id":1,\n"message":{…}}`, in ASCII. */
  readonly text: string;
  /** Unix time in seconds. */
  readonly expiresAtS: number;
  readonly queueId: bigint;
  readonly about: About;
  /** How often it was handed to the bot so far. */
  attempts: number;
}

/** Limits of one bot's queue (TQueue.cpp:86; facts/telegram.md §2.5). */
export const MAX_UPDATES = 100_000;
export const MAX_BYTES = 128 * 1024 * 1024;
export const MAX_UPDATE_BYTES = 512 * 1024;

/** The first update_id lies between these two (TQueue.cpp: twice the size of a queue, half of the largest id). */
const FIRST_ID_LOW = 2 * MAX_UPDATES + 1;
const FIRST_ID_HIGH = 1_000_000_000;

/**
 * The updates that Telegram keeps for one bot, oldest first. Ids are consecutive, so an update is found by
 * counting. Whoever wants an update gone, says so; reading removes only what has expired.
 */
export class UpdateQueue {
  readonly #random: Random;
  /** Ids without gaps from {@link #baseId} on; `undefined` where an update is gone. */
  #slots: (QueuedUpdate | undefined)[] = [];
  #baseId = 0;
  /** Nothing is left below this id. */
  #liveFrom = 0;
  #size = 0;
  #bytes = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Number of updates, expired ones included until somebody looks at them. */
  get size(): number {
    return this.#size;
  }

  /** The id that the next update will get. 0 before the first one. */
  get nextId(): number {
    return this.#baseId + this.#slots.length;
  }

  /** The oldest update's id, or {@link nextId} when there is none. */
  get headId(): number {
    return this.#baseId + this.#firstIndex();
  }

  /**
   * Appends an update. `undefined`: a limit is reached and it is lost; unlike the official server, its id
   * is used up all the same, so that no id in the history means two things. `body` is `"kind":{…}`.
   */
  push(
    kind: UpdateKind,
    body: string,
    expiresAtS: number,
    queueId: bigint,
    about: About,
  ): { readonly id: UpdateId; readonly update?: QueuedUpdate } {
    if (this.#baseId === 0) this.#baseId = randomInteger(this.#random, FIRST_ID_LOW, FIRST_ID_HIGH);
    const id = updateId(this.nextId);
    if (
      this.#size >= MAX_UPDATES ||
      this.#bytes + body.length > MAX_BYTES ||
      body.length > MAX_UPDATE_BYTES
    ) {
      this.#slots.push(undefined);
      return { id };
    }
    const text = `{"update_id":${id},\n${body}}`;
    const update: QueuedUpdate = { id, kind, text, expiresAtS, queueId, about, attempts: 0 };
    this.#slots.push(update);
    this.#size += 1;
    this.#bytes += text.length;
    return { id, update };
  }

  has(id: number): boolean {
    return this.#slots[id - this.#baseId] !== undefined;
  }

  /** Removes one update. False: it was not there. */
  forget(id: number): boolean {
    const index = id - this.#baseId;
    const update = this.#slots[index];
    if (update === undefined) return false;
    this.#slots[index] = undefined;
    this.#size -= 1;
    this.#bytes -= update.text.length;
    if (this.#size === 0) {
      this.#baseId = this.nextId;
      this.#slots = [];
    } else {
      this.#compact();
    }
    return true;
  }

  /** Updates with ids from `id` on, oldest first. Updates may be forgotten meanwhile. */
  *from(id: number): Generator<QueuedUpdate> {
    let next = Math.max(id, this.headId);
    while (next < this.nextId) {
      const update = this.#slots[next - this.#baseId];
      next += 1;
      if (update !== undefined) yield update;
    }
  }

  #firstIndex(): number {
    let index = Math.max(this.#liveFrom - this.#baseId, 0);
    while (index < this.#slots.length && this.#slots[index] === undefined) index += 1;
    this.#liveFrom = this.#baseId + index;
    return index;
  }

  /** Gives the empty front back once it is most of the list. */
  #compact(): void {
    const gone = this.#firstIndex();
    if (gone < 1024 || gone < this.#slots.length / 2) return;
    this.#slots = this.#slots.slice(gone);
    this.#baseId += gone;
  }
}
