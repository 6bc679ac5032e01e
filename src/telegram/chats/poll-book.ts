import type { Poll, PollOption } from '@grammyjs/types';
import type { Timer } from '../../base/clock.js';
import type { ChatState } from './chat-book.js';
import type { ApiMessage } from './message-store.js';

/** Of more open polls than this, the oldest is forgotten: nobody can vote in it any more. */
const OPEN_POLLS = 10_000;

export const LONGEST_OPTION = 100;
export const MOST_OPTIONS = 12;

/** Where a poll is shown: forwards show the same one. */
export interface PollPlace {
  readonly chat: ChatState;
  readonly messageId: number;
}

/** A poll that people can vote in. */
export interface OpenPoll {
  poll: Poll;
  readonly places: PollPlace[];
  /** By voter (a person, or a channel that a person votes as): positions of the chosen options. */
  readonly votes: Map<number, readonly number[]>;
  /** People may add options. */
  readonly canAddOptions: boolean;
  timer: Timer | undefined;
}

/** The polls of one bot that are not closed. */
export class PollBook {
  readonly #polls = new Map<string, OpenPoll>();

  get(id: string): OpenPoll | undefined {
    return this.#polls.get(id);
  }

  /** Returns what had to go for it. */
  add(open: OpenPoll): OpenPoll | undefined {
    this.#polls.set(open.poll.id, open);
    if (this.#polls.size <= OPEN_POLLS) return undefined;
    for (const [id, oldest] of this.#polls) {
      this.#polls.delete(id);
      return oldest;
    }
    return undefined;
  }

  /** The poll is shown in one more message. */
  addPlace(message: ApiMessage, chat: ChatState): void {
    const id = (message.poll as Poll | undefined)?.id;
    if (id === undefined) return;
    this.#polls.get(id)?.places.push({ chat, messageId: message.message_id });
  }

  delete(id: string): OpenPoll | undefined {
    const open = this.#polls.get(id);
    this.#polls.delete(id);
    return open;
  }
}

/** The poll after these votes. */
export function counted(open: OpenPoll): Poll {
  const counts = new Map<number, number>();
  for (const chosen of open.votes.values()) {
    for (const option of chosen) counts.set(option, (counts.get(option) ?? 0) + 1);
  }
  return {
    ...open.poll,
    options: open.poll.options.map(
      (option, index): PollOption => ({ ...option, voter_count: counts.get(index) ?? 0 }),
    ),
    total_voter_count: open.votes.size,
  };
}

/** Shows the poll as it is now wherever it is shown. What only messages say about it stays. */
export function showPoll(open: OpenPoll, poll: Poll): void {
  open.poll = poll;
  for (const { chat, messageId } of open.places) {
    const stored = chat.messages.get(messageId);
    const shown = stored?.message.poll as Poll | undefined;
    if (stored === undefined || shown === undefined) continue;
    const { description, description_entities: entities, media } = shown;
    const inMessage: Poll = {
      ...poll,
      ...(description === undefined ? {} : { description }),
      ...(entities === undefined ? {} : { description_entities: entities }),
      ...(media === undefined ? {} : { media }),
    };
    chat.messages.put({ ...stored, message: { ...stored.message, poll: inMessage } });
  }
}

/** The poll as updates tell it: its description belongs to messages (Client.cpp:2378). */
export function withoutDescription(poll: Poll): Poll {
  const { description: _, description_entities: __, media: ___, ...rest } = poll;
  return rest;
}
