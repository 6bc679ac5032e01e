import type { Seen } from '../contracts.js';
import type { World } from '../world.js';

const NOBODY: readonly World[] = [];

/**
 * Supergroups and channels where several bots of one server are. Each bot keeps the chat in a world of its
 * own; what one of them, or a person, does is told to the others from here. Bots are not told what other
 * bots write, but people see it, and can reply to it.
 */
export class SharedGroups {
  readonly #worlds = new Map<number, readonly World[]>();

  share(chat: number, worlds: readonly World[]): void {
    this.#worlds.set(chat, worlds);
  }

  /** The other bots of a chat. */
  othersIn(world: World, chat: number): readonly World[] {
    // Nearly always nothing is shared at all.
    const worlds = this.#worlds.size === 0 ? undefined : this.#worlds.get(chat);
    return worlds === undefined ? NOBODY : worlds.filter((other) => other !== world);
  }

  /** Puts what a bot did in front of the others' people too. */
  mirror(world: World, { what, chatId, messageId }: Seen): void {
    if (messageId === undefined || what === 'callback-answered') return;
    for (const other of this.othersIn(world, chatId)) {
      const messages = other.chats.chat(chatId)?.messages;
      const stored = world.chats.chat(chatId)?.messages.get(messageId);
      if (what === 'deleted' || stored === undefined) messages?.delete(messageId);
      else {
        messages?.usedId(messageId);
        messages?.put({ ...stored, byBot: false });
      }
    }
  }
}
