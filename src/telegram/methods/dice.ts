import type { Message } from '@grammyjs/types';
import { type Random, randomInteger } from '../../base/random.js';
import { badRequest } from '../api-error.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

/** The highest value of each; the lowest is 1. */
const SIDES: Readonly<Record<string, number>> = { '🎲': 6, '🎯': 6, '🎳': 6, '🏀': 5, '⚽': 5, '🎰': 64 };

export const DICE_METHODS: Handlers = {
  sendDice: (context) => {
    const { params, world } = context;
    const to = findDestination(context, readSendOptions(params));
    return sendContent(context, to, diceContent(params.get('emoji') || '🎲', world.random));
  },
};

/** @throws ApiError for what is no die; the backend's code, best knowledge */
function diceContent(emoji: string, random: Random): Pick<Message.DiceMessage, 'dice'> {
  // Clients write the football with and without a variation selector.
  const plain = emoji.replace(/\ufe0f/g, '');
  const sides = SIDES[plain];
  if (sides === undefined) throw badRequest('DICE_EMOJI_INVALID');
  return { dice: { emoji: plain, value: randomInteger(random, 1, sides) } };
}
