import type { Message, ReactionType } from '@grammyjs/types';
import { chatId, messageId } from '../../base/ids.js';
import type { Received } from '../contracts.js';
import { tickTasks } from './checklists.js';
import type { TapAnswer, WaitOptions } from './eyes.js';
import { findMessage, type MessageRef } from './messages.js';
import { type Paying, type PayOptions, pay } from './payments.js';
import { addPollOption, retractVote, type Voted, vote } from './polls.js';
import { react } from './reactions.js';
import { type ReplyTapAnswer, tapReplyButton } from './reply-taps.js';
import { type ButtonRef, type Tapped, tapButton } from './taps.js';
import { closeTopic, openTopic, renameTopic, type TopicOptions } from './topics.js';
import { keyboardIn, type View, viewOf } from './view.js';
import { Writing } from './writing.js';

/**
 * A person's hands and eyes in one chat. Every act takes effect before it returns; the bot hears of it by its
 * webhook or getUpdates. What nobody can do in Telegram (tap a button that is not there, edit somebody else's
 * message, reply to nothing) throws SendtwiceError `people/impossible`.
 */
export class PersonInChat extends Writing {
  /** Taps a button under a message: a callback query, or what else the button does. */
  tap(message: MessageRef, button: ButtonRef): Tapped {
    const tapped = tapButton(this.world, this.sender, message, button);
    if (tapped.callbackQueryId !== undefined) this.parts.eyes.tapped(tapped.callbackQueryId);
    return tapped;
  }

  /** Votes in a poll, or changes the vote. Options are positions, from 0. */
  vote(message: MessageRef, ...options: readonly number[]): Voted {
    return vote(this.world, this.sender, message, options);
  }

  retractVote(message: MessageRef): Voted {
    return retractVote(this.world, this.sender, message);
  }

  /** In polls that let people add options. */
  addPollOption(message: MessageRef, text: string): Received {
    return addPollOption(this.world, this.sender, message, text);
  }

  /** Sets the reactions to a message, emoji for short; none takes them back. */
  react(message: MessageRef, ...reactions: readonly (string | ReactionType)[]): Received {
    return react(this.world, this.sender, message, reactions);
  }

  /** Marks tasks of a checklist as done, by their ids. */
  tick(message: MessageRef, ...tasks: readonly number[]): Received {
    return tickTasks(this.world, this.sender, message, tasks, true);
  }

  untick(message: MessageRef, ...tasks: readonly number[]): Received {
    return tickTasks(this.world, this.sender, message, tasks, false);
  }

  /** Opens a topic of a forum. Its number for `thread` is `messageId` of what comes back. */
  openTopic(name: string, options: TopicOptions = {}): Received {
    return openTopic(this.world, this.sender, name, options);
  }

  renameTopic(thread: number, name: string): Received {
    return renameTopic(this.world, this.sender, thread, name);
  }

  closeTopic(thread: number): Received {
    return closeTopic(this.world, this.sender, thread);
  }

  reopenTopic(thread: number): Received {
    return closeTopic(this.world, this.sender, thread, false);
  }

  /** Pays the invoice in a message. */
  pay(message: MessageRef, options: PayOptions = {}): Paying {
    const { message: invoice } = findMessage(this.world, this.sender, message, 'pay');
    const what = { chatId: chatId(this.chat.id), messageId: messageId(invoice.message_id) };
    return pay(this.world, this.parts.user(), what, options);
  }

  /**
   * Taps a button of the reply keyboard. A plain one writes its text; one that asks for something sends that:
   * the own contact, a place, `users_shared`, `chat_shared`, `web_app_data`, a poll.
   */
  tapReply(text: string, answer: ReplyTapAnswer = {}): Received {
    const { keyboard } = keyboardIn([...(this.world.chats.chat(this.chat.id)?.messages.all() ?? [])]);
    return tapReplyButton(this.world, this.sender, keyboard, text, {
      ...answer,
      phoneNumber: this.parts.phoneNumber,
    });
  }

  /** What the person sees right now. */
  sees(): View {
    return viewOf(this.world, this.sender, this.parts.eyes.toasts);
  }

  /**
   * The next message of the bot in this chat that no earlier wait has got; it may have come already.
   * @throws SendtwiceError `people/no-reply` when none comes in time (default 5 s on the server's clock)
   */
  nextReply(options: WaitOptions = {}): Promise<Message> {
    return this.parts.eyes.nextMessage('sent', options);
  }

  /** The next message that the bot edits, as it is then. @throws SendtwiceError `people/no-reply` */
  nextEdit(options: WaitOptions = {}): Promise<Message> {
    return this.parts.eyes.nextMessage('edited', options);
  }

  /** The bot's next answer to a tap of this person. @throws SendtwiceError `people/no-reply` */
  nextAnswer(options: Pick<WaitOptions, 'timeoutMs'> = {}): Promise<TapAnswer> {
    return this.parts.eyes.nextAnswer(options);
  }
}
