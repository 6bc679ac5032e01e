import { type Collection, type Db, MongoServerError } from 'mongodb';
import { NEW_SESSION, type Session } from './dialogue.js';

/** A person's session, and which updates led to it. */
export interface StoredSession {
  readonly session: Session;
  /** Grows with each change, so that two writers cannot overwrite each other unseen. 0: not stored yet. */
  readonly version: number;
  /** The last updates that were worked into it. They are stored together, so neither is true alone. */
  readonly handled: readonly number[];
}

export interface Sessions {
  load(chatId: number): Promise<StoredSession>;
  /** Stores what follows on `before`. False: somebody else was faster, and nothing was stored. */
  replace(chatId: number, before: StoredSession, session: Session, updateId: number): Promise<boolean>;
  /** Stores the session whatever was there. */
  overwrite(chatId: number, session: Session): Promise<void>;
}

/** Telegram repeats an update soon after its first delivery; this many later ones of a chat cover that. */
const REMEMBERED_UPDATES = 50;

/** What follows on a stored session when an update has been worked into it. */
export function successor(before: StoredSession, session: Session, updateId: number): StoredSession {
  return {
    session,
    version: before.version + 1,
    handled: [...before.handled, updateId].slice(-REMEMBERED_UPDATES),
  };
}

export const UNKNOWN_PERSON: StoredSession = { session: NEW_SESSION, version: 0, handled: [] };

type SessionDocument = StoredSession & { readonly _id: number };

/** Sessions in MongoDB, one document a chat. */
export class MongoSessions implements Sessions {
  readonly #collection: Collection<SessionDocument>;

  constructor(db: Db) {
    this.#collection = db.collection<SessionDocument>('sessions');
  }

  async load(chatId: number): Promise<StoredSession> {
    return (await this.#collection.findOne({ _id: chatId })) ?? UNKNOWN_PERSON;
  }

  async replace(chatId: number, before: StoredSession, session: Session, updateId: number): Promise<boolean> {
    const after = successor(before, session, updateId);
    if (before.version > 0) {
      const result = await this.#collection.replaceOne({ _id: chatId, version: before.version }, after);
      return result.matchedCount === 1;
    }
    try {
      await this.#collection.insertOne({ _id: chatId, ...after });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async overwrite(chatId: number, session: Session): Promise<void> {
    await this.#collection.updateOne(
      { _id: chatId },
      { $set: { session }, $inc: { version: 1 }, $setOnInsert: { handled: [] } },
      { upsert: true },
    );
  }

  /** Bug `lost-on-restart`: a clean slate at each start, so that no old session can be in the way. */
  async clear(): Promise<void> {
    await this.#collection.deleteMany({});
  }
}

/**
 * Bug `memory-state`: what was chosen is stored for the office to see, so the author believes that all is
 * stored. Where the conversation stands is only in the process, and gone with it.
 */
export class MemorySessions implements Sessions {
  readonly #drafts: Collection<{ readonly _id: number }>;
  readonly #sessions = new Map<number, StoredSession>();

  constructor(db: Db) {
    this.#drafts = db.collection('drafts');
  }

  async load(chatId: number): Promise<StoredSession> {
    return this.#sessions.get(chatId) ?? UNKNOWN_PERSON;
  }

  async replace(chatId: number, before: StoredSession, session: Session, updateId: number): Promise<boolean> {
    await this.#storeDraft(chatId, session);
    if ((await this.load(chatId)).version !== before.version) return false;
    this.#sessions.set(chatId, successor(before, session, updateId));
    return true;
  }

  async overwrite(chatId: number, session: Session): Promise<void> {
    await this.#storeDraft(chatId, session);
    const before = await this.load(chatId);
    this.#sessions.set(chatId, { ...before, session, version: before.version + 1 });
  }

  async #storeDraft(chatId: number, { draft }: Session): Promise<void> {
    await this.#drafts.updateOne({ _id: chatId }, { $set: { draft } }, { upsert: true });
  }
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000;
}
