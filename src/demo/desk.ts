import type { Update } from 'grammy/types';
import type { Inbox } from './inbox.js';
import { incomingOf } from './incoming.js';
import { log } from './log.js';
import type { Shop } from './shop.js';

/** Takes updates in. */
export interface Desk {
  /** Resolves when Telegram may forget the update, rejects when it should send it again. */
  take(update: Update): Promise<void>;
  /** Resolves when nothing is under way any more. */
  finish(): Promise<void>;
}

/** When Telegram is told that an update has arrived. Bug `slow-ack`: only when the work is done. */
export type Acknowledge = 'when-stored' | 'when-done';

/** Updates that are worked on or wait for their turn; beyond it Telegram keeps them for us. */
const IN_HAND_AT_MOST = 5000;

/** Writes each update down before it is acknowledged, and works them off one by one in each chat. */
export class InboxDesk implements Desk {
  readonly #inbox: Inbox;
  readonly #shop: Shop;
  readonly #acknowledge: Acknowledge;
  readonly #stopping: AbortSignal;
  readonly #inHand = new Map<number, Promise<void>>();
  /** The last work of each chat. */
  readonly #lines = new Map<number, Promise<void>>();

  constructor(parts: { inbox: Inbox; shop: Shop; acknowledge: Acknowledge; stopping: AbortSignal }) {
    this.#inbox = parts.inbox;
    this.#shop = parts.shop;
    this.#acknowledge = parts.acknowledge;
    this.#stopping = parts.stopping;
  }

  async take(update: Update): Promise<void> {
    if (this.#inHand.size >= IN_HAND_AT_MOST) throw new Error('Too much to do');
    const isNew = await this.#inbox.claim(update);
    // Known but not done and not in hand: the answer to its claim was lost, or its process is gone.
    if (!isNew && (this.#inHand.has(update.update_id) || (await this.#inbox.isDone(update.update_id))))
      return;
    const work = this.#begin(update);
    if (this.#acknowledge === 'when-done') await work;
  }

  /** Takes up what an earlier process left. */
  async resume(): Promise<number> {
    const updates = await this.#inbox.unfinished();
    for (const update of updates) void this.#begin(update); // `finish` waits for it
    return updates.length;
  }

  async finish(): Promise<void> {
    await Promise.all(this.#inHand.values());
  }

  /** Never rejects: what fails stays in the inbox for the next start. */
  #begin(update: Update): Promise<void> {
    const known = this.#inHand.get(update.update_id);
    if (known !== undefined) return known;
    const chat = incomingOf(update)?.chatId ?? 0;
    const turn = this.#lines.get(chat) ?? Promise.resolve();
    const handled = turn.then(() => this.#shop.handleOnce(update));
    const line = handled.catch(() => undefined);
    this.#lines.set(chat, line);
    const work = handled
      .then(() => this.#inbox.done(update.update_id))
      .catch((error: unknown) => {
        if (!this.#stopping.aborted) log('left for the next start', error);
      })
      .finally(() => {
        this.#inHand.delete(update.update_id);
        if (this.#lines.get(chat) === line) this.#lines.delete(chat);
      });
    this.#inHand.set(update.update_id, work);
    return work;
  }
}

/** Bug `no-update-guard`: each delivery is work to do. Nothing is written down, and nobody waits in line. */
export class DirectDesk implements Desk {
  readonly #shop: Shop;
  readonly #acknowledge: Acknowledge;
  readonly #inHand = new Set<Promise<void>>();

  constructor(parts: { shop: Shop; acknowledge: Acknowledge }) {
    this.#shop = parts.shop;
    this.#acknowledge = parts.acknowledge;
  }

  async take(update: Update): Promise<void> {
    const handled = this.#shop.handle(update);
    const work = handled
      .catch((error: unknown) => log('update failed', error))
      .finally(() => this.#inHand.delete(work));
    this.#inHand.add(work);
    if (this.#acknowledge === 'when-done') await handled;
  }

  async finish(): Promise<void> {
    await Promise.all(this.#inHand);
  }
}
