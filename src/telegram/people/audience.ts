import type { Seen } from '../contracts.js';

type Listener = (seen: Seen) => void;

/** Hands what the bot does to those who look at the chat: many people, each told only of their own. */
export class Audience {
  readonly #listeners = new Map<number, Set<Listener>>();

  /** Returns what ends it. */
  watch(chat: number, listener: Listener): () => void {
    const listeners = this.#listeners.get(chat) ?? new Set();
    this.#listeners.set(chat, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(chat);
    };
  }

  show(seen: Seen): void {
    for (const listener of this.#listeners.get(seen.chatId) ?? []) listener(seen);
  }
}
