import type { Chat, ReactionType, User } from '@grammyjs/types';
import type { Received } from '../../src/telegram/contracts.js';
import { addPollOption, retractVote, type Voted, vote } from '../../src/telegram/people/polls.js';
import { react } from '../../src/telegram/people/reactions.js';
import type { Sender } from '../../src/telegram/people/sender.js';
import { ANNA, type ApiHarness } from './api-harness.js';

/** What one person does in one chat, said shortly. */
export interface Stage {
  react(message: number, reactions: readonly (string | ReactionType)[]): Received;
  vote(message: number, ...options: number[]): Voted;
  retract(message: number): Voted;
  addOption(message: number, text: string): Received;
}

/** Anna in her own chat, unless something else is said. */
export function stage(api: ApiHarness, who: { user?: User; chat?: Chat; as?: Sender['as'] } = {}): Stage {
  const { user = ANNA, as } = who;
  const chat = who.chat ?? { id: user.id, first_name: user.first_name, type: 'private' };
  const sender: Sender = { user, chat, ...(as === undefined ? {} : { as }) };
  return {
    react: (message, reactions) => react(api.bot.world, sender, message, reactions),
    vote: (message, ...options) => vote(api.bot.world, sender, message, options),
    retract: (message) => retractVote(api.bot.world, sender, message),
    addOption: (message, text) => addPollOption(api.bot.world, sender, message, text),
  };
}

export const POLL = { question: 'Tea?', options: ['Yes', 'No', 'Maybe'] };
