import type { Poll } from '@grammyjs/types';
import type { ChatState } from '../chats/chat-book.js';
import { type OpenPoll, type PollPlace, showPoll, withoutDescription } from '../chats/poll-book.js';
import type { World } from '../world.js';

/** People can vote from now on, until its time is up. */
export function openPoll(
  world: World,
  poll: Poll,
  canAddOptions: boolean,
  places: readonly PollPlace[],
): void {
  if (poll.is_closed) return;
  const open: OpenPoll = { poll, places: [...places], votes: new Map(), canAddOptions, timer: undefined };
  if (poll.close_date !== undefined) {
    const leftMs = Math.max(poll.close_date - world.clock.unixSeconds(), 0) * 1000;
    open.timer = world.timers.set(leftMs, () => closePoll(world, open.poll));
  }
  const dropped = world.polls.add(open);
  world.timers.clear(dropped?.timer);
}

/** Nobody votes any more. Shown wherever the poll is, and told to the bot. */
export function closePoll(world: World, poll: Poll): Poll {
  const closed: Poll = { ...poll, is_closed: true };
  const open = world.polls.delete(poll.id);
  world.timers.clear(open?.timer);
  if (open !== undefined) showPoll(open, closed);
  tellPoll(world, closed);
  return closed;
}

/** Bots hear of polls that they have sent. */
function tellPoll(world: World, poll: Poll): void {
  world.updates.push('poll', { ...withoutDescription(poll) }, {});
}

/** The message is deleted; a poll that is shown nowhere is gone. */
export function forgetPoll(world: World, chat: ChatState, messageId: number): void {
  const poll = chat.messages.get(messageId)?.message.poll as Poll | undefined;
  const open = poll === undefined ? undefined : world.polls.get(poll.id);
  if (open === undefined) return;
  const place = open.places.findIndex((it) => it.chat === chat && it.messageId === messageId);
  if (place !== -1) open.places.splice(place, 1);
  if (open.places.length > 0) return;
  world.polls.delete(open.poll.id);
  world.timers.clear(open.timer);
}
