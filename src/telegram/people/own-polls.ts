import type { PollOption } from '@grammyjs/types';
import { LONGEST_OPTION, MOST_OPTIONS } from '../chats/poll-book.js';
import type { MessageFields } from '../methods/send.js';
import { longId } from '../random-ids.js';
import { codePoints } from '../text/formatted-text.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';

/** A poll that a person makes. Bots see it, but hear nothing of its votes. */
export interface OwnPoll {
  readonly question: string;
  /** Two to twelve. */
  readonly options: readonly string[];
  /** Position of the right answer, from 0; makes it a quiz. */
  readonly correct?: number;
  readonly anonymous?: boolean;
  readonly severalAnswers?: boolean;
}

const LONGEST_QUESTION = 255;

/** In the official key order (Client.cpp:2378). @throws SendtwiceError `people/impossible` */
export function ownPollFields(world: World, poll: OwnPoll): MessageFields {
  const { question, options, correct, anonymous = true, severalAnswers = false } = poll;
  checkText('question', question, LONGEST_QUESTION);
  if (options.length < 2 || options.length > MOST_OPTIONS) {
    throw impossible(`a poll cannot have ${options.length} options`, `It has 2 to ${MOST_OPTIONS}.`);
  }
  for (const option of options) checkText('option', option, LONGEST_OPTION);
  if (correct !== undefined && options[correct] === undefined) {
    throw impossible(`option ${correct} of ${options.length} cannot be the right one`, 'Count from 0.');
  }
  return {
    poll: {
      id: longId(world.random),
      question,
      options: options.map(
        (text, index): PollOption => ({ persistent_id: String(index), text, voter_count: 0 }),
      ),
      total_voter_count: 0,
      is_closed: false,
      is_anonymous: anonymous,
      allows_multiple_answers: severalAnswers,
      allows_revoting: correct === undefined,
      members_only: false,
      type: correct === undefined ? 'regular' : 'quiz',
    },
  };
}

function checkText(what: string, text: string, most: number): void {
  const length = codePoints(text.trim());
  if (length < 1 || length > most) {
    throw impossible(`a poll's ${what} of ${length} characters cannot be`, `It has 1 to ${most}.`);
  }
}
