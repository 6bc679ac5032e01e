/** The same dialogue with a bot that promises no report and only sends it. */
import { people as promised } from './expenses.mjs';

export { about, account, seed } from './expenses.mjs';
export const bot = '../../../test/bots/innocent/expenses-quiet.yaml';
export const target = '../../../test/bots/innocent/expenses-quiet.jsonl';

export const people = promised.map(({ user, acts }) => ({
  user,
  acts: acts.map(([act, then, thinkMs]) => [act, act === '/report' ? undefined : then, thinkMs]),
}));
