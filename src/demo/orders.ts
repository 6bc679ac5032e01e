import type { Collection, Db } from 'mongodb';
import type { Draft } from './questions.js';
import { isDuplicateKey } from './sessions.js';

interface OrderDocument {
  /** Chat and round: one checkout makes one order, however often it is confirmed. */
  readonly checkout: string;
  readonly number: number;
  readonly items: Draft;
  readonly placedAt: Date;
}

export class Orders {
  readonly #collection: Collection<OrderDocument>;

  constructor(db: Db) {
    this.#collection = db.collection<OrderDocument>('orders');
  }

  async createIndexes(): Promise<void> {
    await this.#collection.createIndex({ checkout: 1 }, { unique: true });
  }

  /** Places the order of this checkout, or finds it placed. Returns its number. */
  async place(checkout: string, number: number, items: Draft): Promise<number> {
    try {
      await this.#collection.insertOne({ checkout, number, items, placedAt: new Date() });
      return number;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const order = await this.#collection.findOne({ checkout });
      return order?.number ?? number;
    }
  }
}
