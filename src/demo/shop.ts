import type { Update } from 'grammy/types';
import { type Decision, decide, NUMBER, type Reply, type Rules } from './dialogue.js';
import { type Incoming, type IsEarly, incomingOf } from './incoming.js';
import { log } from './log.js';
import { type Messenger, pause } from './messenger.js';
import type { Orders } from './orders.js';
import type { Sessions, StoredSession } from './sessions.js';

export interface ShopParts {
  readonly sessions: Sessions;
  readonly orders: Orders;
  readonly messenger: Messenger;
  readonly rules: Rules;
  /** Aborts when the process is asked to end: nothing new is stored then. */
  readonly stopping: AbortSignal;
}

/** How often an update is tried: another writer may be faster, or the database fail for a while. */
const TRIES = 10;
const LONGEST_PAUSE_MS = 5000;

/** Handles one update: where the person was, what they did, where they are now, what they are told. */
export class Shop {
  readonly #parts: ShopParts;

  constructor(parts: ShopParts) {
    this.#parts = parts;
  }

  /**
   * Handles an update once, however often it is called with it. The new session and the note that this
   * update led to it are stored in one write, and only who made that write speaks. Killed between the
   * write and the message, the bot stays silent: a missing message is asked for again, a second one cannot
   * be taken back.
   * @throws when the process stops before the write, or the database fails for too long
   */
  async handleOnce(update: Update): Promise<void> {
    const incoming = incomingOf(update);
    if (incoming === undefined) return;
    const answered = this.#answerTap(incoming);
    const replies = await this.#moveOn(incoming);
    await answered;
    await this.#parts.messenger.show(incoming.chatId, replies);
  }

  /** Works the update into the session. Returns what is to be said: nothing when it was in there before. */
  async #moveOn(incoming: Incoming): Promise<readonly Reply[]> {
    const { sessions, messenger, stopping } = this.#parts;
    const { chatId, updateId } = incoming;
    const isEarly: IsEarly = (chat, messageId) => messenger.isEarly(chat, messageId);
    /** What our own write says, whose answer was lost: it may have taken effect. */
    let unsure: readonly Reply[] = [];
    for (let attempt = 1; ; attempt += 1) {
      stopping.throwIfAborted();
      try {
        const before = await sessions.load(chatId);
        if (before.handled.includes(updateId)) return unsure;
        const { session, replies } = await this.#decide(incoming, before, isEarly);
        stopping.throwIfAborted();
        unsure = replies;
        if (await sessions.replace(chatId, before, session, updateId)) return replies;
        unsure = [];
        if (attempt === TRIES) throw new Error('The session changed again and again');
      } catch (error) {
        if (attempt >= TRIES || stopping.aborted) throw error;
        log('try again', error);
        await pause(Math.min(100 * 2 ** attempt, LONGEST_PAUSE_MS));
      }
    }
  }

  /** Bug `no-update-guard`: read, decide, write, answer. Right for each update that comes once and alone. */
  async handle(update: Update): Promise<void> {
    const incoming = incomingOf(update);
    if (incoming === undefined) return;
    const { sessions, messenger } = this.#parts;
    await this.#answerTap(incoming);
    const before = await sessions.load(incoming.chatId);
    const { session, replies } = await this.#decide(incoming, before, () => false);
    await sessions.overwrite(incoming.chatId, session);
    await messenger.show(incoming.chatId, replies);
  }

  async #decide(incoming: Incoming, { session }: StoredSession, isEarly: IsEarly): Promise<Decision> {
    const { rules, orders } = this.#parts;
    const input = incoming.input(isEarly);
    const decision = decide(session, input, rules);
    if (decision.placed === undefined) return decision;
    const checkout = `${incoming.chatId}/${session.round}`;
    const number = await orders.place(checkout, incoming.updateId, decision.placed);
    return { ...decision, replies: decision.replies.map((reply) => withNumber(reply, number)) };
  }

  async #answerTap({ callbackQueryId }: Incoming): Promise<void> {
    if (callbackQueryId !== undefined) await this.#parts.messenger.answerTap(callbackQueryId);
  }
}

function withNumber(reply: Reply, number: number): Reply {
  return { ...reply, text: reply.text.replace(NUMBER, String(number)) };
}
