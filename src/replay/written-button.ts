import type { ChatId, MessageId } from '../base/ids.js';
import type { ButtonShape } from '../history/content.js';
import type { Seen } from '../telegram/contracts.js';
import { type Button, buttonsOn } from './buttons.js';
import { isMeant } from './own-act.js';
import type { PeopleSide } from './people-side.js';
import type { WrittenButton } from './script.js';

/** The keyboard below the chat, and the message that put it there. */
export interface ReplyKeyboard {
  readonly messageId: MessageId;
  readonly buttons: readonly ButtonShape[];
}

/** The keyboard below the chat after something was seen: the last word of the bot counts. */
export function keyboardAfter(
  { what, content, messageId }: Seen,
  before: ReplyKeyboard | undefined,
): ReplyKeyboard | undefined {
  const keyboard = content?.keyboard;
  if (what !== 'sent' || messageId === undefined || keyboard === undefined) return before;
  if (keyboard.type === 'inline') return before;
  return keyboard.type === 'reply' ? { messageId, buttons: keyboard.rows.flat() } : undefined;
}

/**
 * The button that a written tap means now, on the newest message that has it.
 * @param shown messages of the bot in this chat, oldest first
 */
export function findWritten(
  wanted: WrittenButton,
  bot: PeopleSide,
  chatId: ChatId,
  shown: readonly MessageId[],
  keyboard: ReplyKeyboard | undefined,
): Button | { readonly text: string } | undefined {
  for (const messageId of shown.toReversed()) {
    const inline = buttonsOn(bot.message(chatId, messageId));
    const tapped = inline.find(({ text, data }) => isMeant(wanted, text, data));
    if (tapped !== undefined) return { messageId, text: tapped.text, data: tapped.data };
    if (keyboard?.messageId !== messageId) continue;
    const below = keyboard.buttons.find(({ text }) => isMeant(wanted, text));
    if (below !== undefined) return { text: below.text };
  }
  return undefined;
}
