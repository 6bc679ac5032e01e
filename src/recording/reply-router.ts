import type { Act } from './act.js';
import { BoundedMap } from './bounded-map.js';
import type { RecordedCall } from './format.js';
import { chatOfCall } from './replies.js';

/** Chats and callback queries beyond this number are forgotten, oldest first, if nothing else is said. */
const REMEMBERED = 100_000;

/**
 * Finds out which act of a recording a call answers: a callback answer names its tap, everything else
 * belongs to what was last done in its chat. `T` is whatever the owner keeps for an act.
 */
export class ReplyRouter<T> {
  readonly #byChat: BoundedMap<number, T | undefined>;
  readonly #byCallback: BoundedMap<string, T>;

  constructor(limit = REMEMBERED) {
    this.#byChat = new BoundedMap(limit);
    this.#byCallback = new BoundedMap(limit);
  }

  /** From now on calls in this chat answer this act; `undefined`: nobody wants to know. */
  acted(act: Act, target: T | undefined): void {
    this.#byChat.set(act.chatId, target);
    if (act.callbackQueryId !== undefined && target !== undefined) {
      this.#byCallback.set(act.callbackQueryId, target);
    }
  }

  /** The act that calls in this chat answer now. */
  lastIn(chatId: number): T | undefined {
    return this.#byChat.get(chatId);
  }

  targetOf(call: RecordedCall): T | undefined {
    const { callback_query_id: query } = call.params;
    if (typeof query === 'string' || typeof query === 'number') return this.#byCallback.get(String(query));
    const chat = chatOfCall(call);
    return chat === undefined ? undefined : this.#byChat.get(chat);
  }
}
