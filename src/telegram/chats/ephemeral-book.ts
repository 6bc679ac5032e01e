import type { StoredMessage } from './message-store.js';

/** Of one chat; older ones are forgotten (MAX_DIALOG_EPHEMERAL_MESSAGES, MessagesManager.h:1682). */
export const EPHEMERAL_PER_CHAT = 100;

/** A message in a chat that one person alone sees. */
export interface EphemeralMessage {
  readonly id: number;
  readonly receiver: number;
  readonly stored: StoredMessage;
}

/** Ephemeral messages of one bot: beside the messages of a chat, with numbers of their own. */
export class EphemeralBook {
  readonly #chats = new Map<number, { last: number; readonly messages: Map<number, EphemeralMessage> }>();

  nextId(chat: number): number {
    const known = this.#chats.get(chat) ?? { last: 0, messages: new Map() };
    this.#chats.set(chat, known);
    known.last += 1;
    return known.last;
  }

  put(chat: number, message: EphemeralMessage): void {
    const messages = this.#chats.get(chat)?.messages;
    messages?.set(message.id, message);
    if (messages === undefined || messages.size <= EPHEMERAL_PER_CHAT) return;
    for (const oldest of messages.keys()) {
      messages.delete(oldest);
      return;
    }
  }

  /** Only under the person who received it. */
  find(chat: number, receiver: number, id: number): EphemeralMessage | undefined {
    const found = this.#chats.get(chat)?.messages.get(id);
    return found?.receiver === receiver ? found : undefined;
  }

  /** What a person sees in a chat, oldest first. */
  seenBy(chat: number, receiver: number): EphemeralMessage[] {
    const all = [...(this.#chats.get(chat)?.messages.values() ?? [])];
    return all.filter((message) => message.receiver === receiver);
  }

  delete(chat: number, id: number): void {
    this.#chats.get(chat)?.messages.delete(id);
  }
}
