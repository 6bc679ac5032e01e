import type { Update } from 'grammy/types';
import type { Collection, Db } from 'mongodb';
import { isDuplicateKey } from './sessions.js';

interface InboxDocument {
  /** The update's number: the database lets it in once. */
  readonly _id: number;
  readonly update: Update;
  readonly receivedAt: Date;
  readonly doneAt: Date | null;
}

/** Telegram keeps an update for a day and may repeat it until then. */
const KEPT_SECONDS = 2 * 24 * 3600;
/** How much is taken up again after a restart. */
const RESUMED_AT_MOST = 10_000;

/** Updates are written down here before Telegram is told that they arrived. */
export class Inbox {
  readonly #collection: Collection<InboxDocument>;

  constructor(db: Db) {
    this.#collection = db.collection<InboxDocument>('inbox');
  }

  async createIndexes(): Promise<void> {
    await this.#collection.createIndexes([
      { key: { receivedAt: 1 }, expireAfterSeconds: KEPT_SECONDS },
      { key: { doneAt: 1 } },
    ]);
  }

  /** Writes the update down. False: it was there already. */
  async claim(update: Update): Promise<boolean> {
    try {
      await this.#collection.insertOne({
        _id: update.update_id,
        update,
        receivedAt: new Date(),
        doneAt: null,
      });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async isDone(updateId: number): Promise<boolean> {
    const open = await this.#collection.findOne({ _id: updateId, doneAt: null }, { projection: { _id: 1 } });
    return open === null;
  }

  async done(updateId: number): Promise<void> {
    await this.#collection.updateOne({ _id: updateId }, { $set: { doneAt: new Date() } });
  }

  /** What a process before this one wrote down and did not finish, oldest first. */
  async unfinished(): Promise<readonly Update[]> {
    const open = this.#collection.find({ doneAt: null }).sort({ _id: 1 }).limit(RESUMED_AT_MOST);
    return (await open.toArray()).map(({ update }) => update);
  }
}
