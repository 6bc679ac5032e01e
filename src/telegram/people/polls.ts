import type { Poll, PollAnswer, PollOption } from '@grammyjs/types';
import {
  counted,
  LONGEST_OPTION,
  MOST_OPTIONS,
  type OpenPoll,
  showPoll,
  withoutDescription,
} from '../chats/poll-book.js';
import type { Received } from '../contracts.js';
import { receive } from '../receive.js';
import { codePoints, finishText } from '../text/formatted-text.js';
import type { World } from '../world.js';
import { announceFrom } from './announce.js';
import { impossible } from './impossible.js';
import { findMessage, type MessageRef } from './messages.js';
import { CHANNEL_BOT, nameOf, type Sender, standIn } from './sender.js';

/** What the bot is told of a vote: the new counts, and who voted for what unless the poll is anonymous. */
export interface Voted {
  readonly poll: Received;
  readonly answer?: Received;
}

/**
 * Votes in a poll of the bot, or changes the vote. Options are positions, from 0.
 * @throws SendtwiceError `people/impossible`
 */
export function vote(world: World, sender: Sender, ref: MessageRef, options: readonly number[]): Voted {
  const open = openPollIn(world, sender, ref);
  const { poll } = open;
  const chosen = [...new Set(options)].sort((a, b) => a - b);
  if (chosen.length === 0)
    throw impossible('a vote must be for an option', 'Use retractVote to take it back.');
  if (chosen.length > 1 && !poll.allows_multiple_answers) {
    throw impossible(
      `the poll “${poll.question}” takes one answer, not ${chosen.length}`,
      'Choose one option.',
    );
  }
  const wrong = chosen.find((option) => poll.options[option] === undefined);
  if (wrong !== undefined) {
    throw impossible(
      `the poll “${poll.question}” has no option ${wrong}`,
      `Its options are 0 to ${poll.options.length - 1}.`,
    );
  }
  if (open.votes.has(voterOf(sender)) && !poll.allows_revoting) {
    throw impossible(
      `${nameOf(sender.user)} has voted in “${poll.question}” already`,
      'It takes one vote each.',
    );
  }
  return tell(world, sender, open, chosen);
}

/** Takes the vote back. @throws SendtwiceError `people/impossible` */
export function retractVote(world: World, sender: Sender, ref: MessageRef): Voted {
  const open = openPollIn(world, sender, ref);
  const { question, allows_revoting: canRevote } = open.poll;
  if (!open.votes.has(voterOf(sender))) {
    throw impossible(`${nameOf(sender.user)} has not voted in “${question}”`, 'Vote first.');
  }
  if (!canRevote) throw impossible(`votes in “${question}” are final`, 'Send it with allows_revoting.');
  return tell(world, sender, open, []);
}

/**
 * Adds an option, where the bot has allowed that. A service message says so.
 * @throws SendtwiceError `people/impossible`
 */
export function addPollOption(world: World, sender: Sender, ref: MessageRef, text: string): Received {
  const open = openPollIn(world, sender, ref);
  const { poll } = open;
  const option = finishText({ text, entities: [] }, () => undefined).text;
  if (!open.canAddOptions) {
    throw impossible(`nobody may add options to “${poll.question}”`, 'Send it with allow_adding_options.');
  }
  if (option === '' || codePoints(option) > LONGEST_OPTION) {
    throw impossible(`an option has 1 to ${LONGEST_OPTION} characters`, 'Use another text.');
  }
  if (poll.options.length >= MOST_OPTIONS) {
    throw impossible(`“${poll.question}” has ${MOST_OPTIONS} options already`, 'No poll can have more.');
  }
  const added: PollOption = {
    persistent_id: String(poll.options.length),
    text: option,
    voter_count: 0,
    ...addedBy(sender),
    addition_date: world.clock.unixSeconds(),
  };
  showPoll(open, { ...poll, options: [...poll.options, added] });
  receive(world, { kind: 'poll', payload: { ...withoutDescription(open.poll) } });
  const { message } = findMessage(world, sender, ref, 'add an option to');
  return announceFrom(world, sender, {
    poll_option_added: {
      poll_message: message,
      option_persistent_id: added.persistent_id,
      option_text: added.text,
    },
  });
}

function tell(world: World, sender: Sender, open: OpenPoll, chosen: readonly number[]): Voted {
  const voter = voterOf(sender);
  open.votes.delete(voter);
  if (chosen.length > 0) open.votes.set(voter, chosen);
  showPoll(open, counted(open));
  const poll = receive(world, { kind: 'poll', payload: { ...withoutDescription(open.poll) } });
  if (open.poll.is_anonymous) return { poll };
  const answer: PollAnswer = {
    poll_id: open.poll.id,
    ...voterFields(sender),
    option_ids: [...chosen],
    option_persistent_ids: chosen.flatMap((option) => open.poll.options[option]?.persistent_id ?? []),
  };
  return { poll, answer: receive(world, { kind: 'poll_answer', payload: { ...answer } }) };
}

/** A channel votes under its own name, and a stand-in is named as the user (Client.cpp:2453). */
function voterFields(sender: Sender): Pick<PollAnswer, 'user' | 'voter_chat'> {
  const chat = standIn(sender);
  return chat === undefined ? { user: sender.user } : { voter_chat: chat, user: CHANNEL_BOT };
}

function voterOf(sender: Sender): number {
  return (standIn(sender) ?? sender.user).id;
}

function addedBy(sender: Sender): Pick<PollOption, 'added_by_user' | 'added_by_chat'> {
  const chat = standIn(sender);
  return chat === undefined ? { added_by_user: sender.user } : { added_by_chat: chat };
}

function openPollIn(world: World, sender: Sender, ref: MessageRef): OpenPoll {
  const { message } = findMessage(world, sender, ref, 'vote in');
  const poll = message.poll as Poll | undefined;
  if (poll === undefined) {
    throw impossible(`message ${message.message_id} is no poll`, 'Vote in a message that has one.');
  }
  const open = world.polls.get(poll.id);
  if (open !== undefined) return open;
  throw impossible(
    `the poll “${poll.question}” is closed`,
    'It was stopped, its time is up, or it is not one of this bot.',
  );
}
