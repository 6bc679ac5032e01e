import type { Collection, Db } from 'mongodb';
import { isDuplicateKey } from './sessions.js';

export interface Payments {
  createIndexes(): Promise<void>;
  /** Credits a payment. Returns the new balance; nothing when this event was credited before. */
  credit(chatId: number, event: string, amount: number): Promise<number | undefined>;
}

interface Payment {
  readonly _id: string;
  readonly chat: number;
  readonly amount: number;
}

interface Balance {
  readonly _id: number;
  readonly balance: number;
}

/** Each event of the provider is a document with its id: the database lets it in once. The balance is their sum. */
export class OncePayments implements Payments {
  readonly #payments: Collection<Payment>;

  constructor(db: Db) {
    this.#payments = db.collection<Payment>('payments');
  }

  async createIndexes(): Promise<void> {
    await this.#payments.createIndex({ chat: 1 });
  }

  async credit(chatId: number, event: string, amount: number): Promise<number | undefined> {
    try {
      await this.#payments.insertOne({ _id: event, chat: chatId, amount });
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
    const [sum] = await this.#payments
      .aggregate<{ readonly total: number }>([
        { $match: { chat: chatId } },
        { $group: { _id: null, total: { $sum: '$amount' } } },
      ])
      .toArray();
    return sum?.total ?? amount;
  }
}

/** Bug `no-payment-guard`: the provider says that somebody paid, so the balance goes up. */
export class HastyPayments implements Payments {
  readonly #balances: Collection<Balance>;

  constructor(db: Db) {
    this.#balances = db.collection<Balance>('balances');
  }

  async createIndexes(): Promise<void> {}

  async credit(chatId: number, _event: string, amount: number): Promise<number> {
    const after = await this.#balances.findOneAndUpdate(
      { _id: chatId },
      { $inc: { balance: amount } },
      { upsert: true, returnDocument: 'after' },
    );
    return after?.balance ?? amount;
  }
}
