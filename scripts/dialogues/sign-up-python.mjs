/**
 * The dialogue of `test/bots/python-telegram-bot/sign-up.jsonl`: the same people. This bot has no handler for a
 * text where a button is wanted, as is natural with a ConversationHandler, and says nothing to it.
 */
import { peopleWhoHear } from './sign-up.mjs';

export { about, account, seed } from './sign-up.mjs';
export const bot = '../../test/bots/python-telegram-bot/webhook.yaml';
export const target = '../../test/bots/python-telegram-bot/sign-up.jsonl';
export const people = peopleWhoHear(undefined);
