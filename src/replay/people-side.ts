import type { Message } from '@grammyjs/types';
import type { BotId, ChatId, MessageId } from '../base/ids.js';
import type { Incoming, Received, Seen } from '../telegram/contracts.js';

/** One bot as the people see it who talk to it: what virtual users need of the server. */
export interface PeopleSide {
  readonly id: BotId;
  /** Somebody does something. Takes effect before it returns; the bot hears of it later. */
  receive(incoming: Incoming): Received;
  /** Everything people see of the bot from now on. Returns how to stop listening. */
  onSeen(listener: (seen: Seen) => void): () => void;
  /** The message as it is now; `undefined` when it was deleted or never was. */
  message(chatId: ChatId, messageId: MessageId): Message | undefined;
}
