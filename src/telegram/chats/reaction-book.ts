import type { ReactionCount, ReactionType } from '@grammyjs/types';
import { dropOldest } from '../bounded.js';

/** Of more messages with reactions than this, the one that was reacted to first is forgotten. */
const MESSAGES_WITH_REACTIONS = 100_000;

/** Who has reacted with what, by message and by actor (a user's id, or a chat's). */
export class ReactionBook {
  readonly #messages = new Map<string, Map<number, readonly ReactionType[]>>();

  of(chat: number, message: number, actor: number): readonly ReactionType[] {
    return this.#messages.get(keyOf(chat, message))?.get(actor) ?? NONE;
  }

  /** Replaces what the actor chose before. */
  set(chat: number, message: number, actor: number, reactions: readonly ReactionType[]): void {
    const key = keyOf(chat, message);
    const actors = this.#messages.get(key);
    if (reactions.length === 0) {
      actors?.delete(actor);
      if (actors?.size === 0) this.#messages.delete(key);
    } else if (actors !== undefined) {
      actors.set(actor, reactions);
    } else {
      this.#messages.set(key, new Map([[actor, reactions]]));
      dropOldest(this.#messages, MESSAGES_WITH_REACTIONS);
    }
  }

  /** The most chosen first; of equals the one that came first. */
  counts(chat: number, message: number): ReactionCount[] {
    const counts = new Map<string, { type: ReactionType; total_count: number }>();
    for (const reactions of this.#messages.get(keyOf(chat, message))?.values() ?? []) {
      for (const type of reactions) {
        const key = reactionKey(type);
        const count = counts.get(key);
        if (count === undefined) counts.set(key, { type, total_count: 1 });
        else count.total_count += 1;
      }
    }
    return [...counts.values()].sort((a, b) => b.total_count - a.total_count);
  }

  /** The messages of the chat that this actor has reacted to are without their reactions now. */
  deleteAllOf(chat: number, actor: number): void {
    const prefix = keyOf(chat, 0).slice(0, -1);
    for (const [key, actors] of this.#messages) {
      if (!key.startsWith(prefix)) continue;
      actors.delete(actor);
      if (actors.size === 0) this.#messages.delete(key);
    }
  }

  /** The message is gone. */
  forget(chat: number, message: number): void {
    this.#messages.delete(keyOf(chat, message));
  }
}

const NONE: readonly ReactionType[] = [];

function keyOf(chat: number, message: number): string {
  return `${chat}:${message}`;
}

export function reactionKey(type: ReactionType): string {
  if (type.type === 'emoji') return type.emoji;
  return type.type === 'custom_emoji' ? `custom ${type.custom_emoji_id}` : 'paid';
}
