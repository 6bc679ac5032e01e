import type { KeyboardButton, Message } from '@grammyjs/types';
import type { MessageId } from '../../base/ids.js';
import { asMessage, type StoredMessage } from '../chats/message-store.js';
import type { World } from '../world.js';
import { type Sender, stateOf } from './sender.js';

/** A reply keyboard as it stands below the input field. */
export interface ShownKeyboard {
  /** The message that brought it. */
  readonly messageId: MessageId;
  readonly rows: readonly (readonly Exclude<KeyboardButton, string>[])[];
}

/** What a person sees in a chat right now. */
export interface View {
  /** Oldest first, inline keyboards included; the last 1,000 at most. */
  readonly messages: readonly Message[];
  /** What this person alone was sent, oldest first. */
  readonly ephemeral?: readonly Message[];
  /** The newest message of the bot. */
  readonly fromBot?: Message;
  /** The reply keyboard; none when the bot never sent one, took it away, or asks for a reply. */
  readonly keyboard?: ShownKeyboard;
  /** The message that the bot wants a reply to. */
  readonly forceReplyTo?: MessageId;
  /** Texts of the last answers to this person's taps, oldest first. */
  readonly toasts: readonly string[];
}

export function viewOf(world: World, sender: Sender, toasts: readonly string[]): View {
  const stored = [...(stateOf(world, sender)?.messages.all() ?? [])];
  const own = world.ephemeral
    .seenBy(sender.chat.id, sender.user.id)
    .map(({ stored: { message } }) => message);
  const fromBot = stored.findLast(({ byBot }) => byBot)?.message;
  return {
    messages: stored.map(({ message }) => asMessage(message)),
    ...(own.length === 0 ? {} : { ephemeral: own.map(asMessage) }),
    ...(fromBot === undefined ? {} : { fromBot: asMessage(fromBot) }),
    ...keyboardIn(stored),
    toasts,
  };
}

/** The newest message with such a markup decides. */
export function keyboardIn(stored: readonly StoredMessage[]): Pick<View, 'keyboard' | 'forceReplyTo'> {
  const bringer = stored.findLast(({ hiddenMarkup }) => hiddenMarkup !== undefined);
  if (bringer?.hiddenMarkup === undefined) return {};
  const { keyboard, force_reply: isForced } = bringer.hiddenMarkup;
  const messageId = bringer.message.message_id as MessageId;
  if (isForced === true) return { forceReplyTo: messageId };
  if (keyboard === undefined) return {};
  const rows = keyboard.map((row) =>
    row.map((button) => (typeof button === 'string' ? { text: button } : button)),
  ) as unknown as ShownKeyboard['rows'];
  return { keyboard: { messageId, rows } };
}
